"""Makes Snakemake judge staleness by a job's manifest, not by its own records.

Those records lie in .snakemake/, know neither imported code nor content, and are lost when results
are copied. A manifest lies with its files and says what made them.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from snakemake.persistence import NO_PARAMS_CHANGE, ParamsChange
from snakemake.persistence.file import FilePersistence

from lth_core.jobs.staleness import Staleness


class _Reasons(ParamsChange):
    """Why a job is stale, as Snakemake shows it."""

    def __str__(self) -> str:
        return "; ".join(sorted(self.only_new))


def asking_manifests(staleness: Staleness) -> Callable[..., FilePersistence]:
    """Return what takes the place of Snakemake's records of finished jobs."""

    class Manifests(FilePersistence):
        """Snakemake's records, which are asked about jobs without a manifest only."""

        def __init__(self, *, path: Path | None = None, **options: Any) -> None:
            if path is None and not _writable(Path(".snakemake")):
                # To look needs no record: a checkout may be read-only.
                self._scratch = TemporaryDirectory(prefix="lth-snakemake-")
                path = Path(self._scratch.name)
            super().__init__(path=path, **options)

        async def incomplete(self, job: Any) -> list[Any]:
            manifest = _manifest(job)
            if manifest is not None and os.path.isfile(manifest):
                return []  # it is written last
            return list(await super().incomplete(job))

        def has_metadata(self, job: Any) -> bool:
            return _manifest(job) is not None or bool(super().has_metadata(job))

        def has_outdated_metadata(self, job: Any) -> bool:
            return _manifest(job) is None and bool(super().has_outdated_metadata(job))

        def params_changed(self, job: Any, file: Any = None) -> ParamsChange:
            manifest = _manifest(job)
            if manifest is None:
                return super().params_changed(job, file)
            if staleness.is_current(manifest) or not any(map(os.path.isfile, job.output)):
                return NO_PARAMS_CHANGE  # what was never made is no change
            return _Reasons(only_new=set(staleness.reasons(manifest)), files=set(job.output))

        def input_changed(self, job: Any, file: Any = None) -> Iterable[Any]:
            return () if _manifest(job) else super().input_changed(job, file)

        def code_changed(self, job: Any, file: Any = None) -> Iterable[Any]:
            return () if _manifest(job) else super().code_changed(job, file)

        def software_stack_changed(self, job: Any, file: Any = None) -> Iterable[Any]:
            return () if _manifest(job) else super().software_stack_changed(job, file)

    return Manifests


def _writable(folder: Path) -> bool:
    """Return whether files can be made in a folder, which may itself have to be made."""
    return os.access(folder if folder.exists() else folder.parent, os.W_OK | os.X_OK)


def _manifest(job: Any) -> str | None:
    """Return the path of the manifest that a job leaves, if it is of such a rule."""
    path = getattr(job.output, "manifest", None)
    return None if path is None else str(path)
