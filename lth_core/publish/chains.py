"""Chains of manifests behind tables, down to the data: pure functions."""

import json
from collections.abc import Mapping

from lth_core.errors import Failure
from lth_core.files import sha256_bytes
from lth_core.provenance.manifest import is_manifest


class Conflict(Failure):
    """A published table does not rest on what is there; names the table and the job."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"{problem}: all tables and masks of a scale must come from the same runs. Publish the"
            " figures that show that experiment in the same call; delete masks that it leaves out."
        )


def behind(tables: Mapping[str, Mapping[str, str]], manifests: Mapping[str, bytes]) -> set[str]:
    """Return the paths of all manifests that `tables` rest on.

    tables: digests of the manifests each is built on, by name and path. manifests: by path.
    Raises Conflict where one is not there, or is another than a table was built on.
    """
    found: set[str] = set()
    pending = [(name, *item) for name, inputs in tables.items() for item in inputs.items()]
    while pending:
        name, path, digest = pending.pop()
        if path not in manifests:
            raise Conflict(f"{name} rests on {path}, which is missing")
        if sha256_bytes(manifests[path]) != digest:
            raise Conflict(f"{name} rests on another {path} than the one present")
        if path not in found:
            found.add(path)
            below = json.loads(manifests[path])["inputs"]
            pending += [(name, *item) for item in below.items() if is_manifest(item[0])]
    return found
