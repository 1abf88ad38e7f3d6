"""Finds the finished jobs that match the plan, by manifests alone, not by date or place."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lth_core.errors import NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs.kind import code_of, planned
from lth_core.provenance import manifest

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan


class Staleness:
    """Tells of each finished job whether it is stale.

    One that is current has the settings, the code and the inputs that it would have now, and so has
    all that it was built on.
    """

    def __init__(self, plan: "Plan") -> None:
        self._plan = plan
        self._known: dict[str, bool] = {}

    def is_current(self, path: str) -> bool:
        """Return whether the job that left its manifest at `path` is current."""
        if path not in self._known:
            self._known[path] = False  # should a forged manifest name a descendant
            self._known[path] = next(self.reasons(path), None) is None
        return self._known[path]

    def is_ready(self, path: str) -> bool:
        """Return whether the job that leaves its manifest at `path` needs no other job first: all
        that it reads is finished and current."""
        found = planned(self._plan, path)
        read = found[1]["reads"] if found else ()
        return all(self.is_current(name) for name in read if manifest.is_manifest(name))

    def reasons(self, path: str) -> Iterator[str]:
        """Yield why the job at `path` is not current, in a few words each."""
        try:
            recorded = manifest.read(Path(path))
            plan = planned(self._plan, path)
        except FileNotFoundError:
            yield "it is not finished"
            return
        except NotPlanned as error:
            yield str(error)
            return
        except manifest.NoManifest:
            yield "its manifest is damaged"
            return
        if plan is None:
            return
        name, job = plan
        if (recorded["kind"], recorded["settings"]) != (name, job):
            yield "its settings have changed"
        elif recorded["code"] != code_of(name, job):
            yield "its code has changed"
        else:
            yield from self._inputs(recorded["inputs"])

    def _inputs(self, inputs: Mapping[str, Any]) -> Iterator[str]:
        for path, digest in inputs.items():
            if not os.path.isfile(path) or sha256_file(Path(path)) != digest:
                yield f"{path} has changed"
            elif manifest.is_manifest(path) and not self.is_current(path):
                yield f"{path} is not current"
