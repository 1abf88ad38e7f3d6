"""Finds finished runs by identity: a run stays in its folder, whatever it is called now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lth_core.provenance import manifest


@dataclass(frozen=True)
class FinishedJob:
    """A training job that has left its manifest.

    folder: below the folder of all runs. runs: identities of its runs, in the order of its lanes.
    engine: of the job; "xor" of the 2018 version's.
    """

    folder: PurePosixPath
    runs: tuple[str, ...]
    engine: str


def finished_below(runs: Path) -> list[FinishedJob]:
    """Return the finished training jobs in the folder of a scale's runs, by folder."""
    paths = sorted(runs.glob(f"*/round_*/trial*[0-9]/{manifest.NAME}"))  # none that were set aside
    read = ((path.parent.relative_to(runs).as_posix(), _read(path)) for path in paths)
    return finished_of(read)


def finished_of(manifests: Iterable[tuple[str, Mapping[str, Any]]]) -> list[FinishedJob]:
    """Return the training jobs among manifests, given with their folders below all runs."""
    found = []
    for folder, content in manifests:
        settings = content.get("settings", {})
        runs = _runs(settings)
        if runs:
            engine = settings.get("engine", "xor")
            found.append(FinishedJob(PurePosixPath(folder), runs, engine))
    return found


def _runs(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the identities of a job's runs; none where its settings have none, or no sense."""
    try:
        runs = tuple(lane["run"] for lane in settings.get("lanes", [settings]))
    except (KeyError, TypeError):
        return ()
    return runs if all(isinstance(run, str) for run in runs) else ()


def _read(path: Path) -> dict[str, Any]:
    try:
        return manifest.read(path)
    except (OSError, manifest.NoManifest):
        return {}  # not finished then: it is made again
