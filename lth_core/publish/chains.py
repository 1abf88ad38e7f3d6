"""The manifests that tables rest on, down to the data: pure functions."""

import json
from collections.abc import Mapping

from lth_core.files import sha256_bytes
from lth_core.provenance.manifest import is_manifest


class Conflict(ValueError):
    """A published table does not rest on what is there; names the table and the job."""


def behind(tables: Mapping[str, Mapping[str, str]], manifests: Mapping[str, bytes]) -> set[str]:
    """Return the paths of all manifests that `tables` rest on.

    tables: digests of the manifests each is built on, by name and path. manifests: by path.
    Raises Conflict where one is not there, or is another than a table was built on.
    """
    found: set[str] = set()
    for name, inputs in tables.items():
        pending = list(inputs.items())
        seen: set[str] = set()
        while pending:
            path, digest = pending.pop()
            if path not in manifests:
                raise Conflict(f"{name} rests on {path}, which is not there")
            if sha256_bytes(manifests[path]) != digest:
                raise Conflict(f"{name} rests on another {path} than the one that is there")
            if path not in seen:
                seen.add(path)
                below = json.loads(manifests[path])["inputs"]
                pending += [item for item in below.items() if is_manifest(item[0])]
        found |= seen
    return found
