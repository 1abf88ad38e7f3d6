"""Finds the figures and points that use a run or table."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pyarrow import ArrowException

from lth_core.audit.find import manifests, project_root
from lth_core.audit.manifests import read_manifest, relative
from lth_core.audit.why import lanes
from lth_core.provenance import manifest

Jobs = Mapping[str, dict[str, Any]]  # contents of manifests by path


class Use(NamedTuple):
    """A figure that rests on a job. points: of its series that the job's runs are part of;
    none where it only starts runs that are drawn."""

    figure: str
    manifest: str
    points: tuple[str, ...]


def uses(path: Path, folders: Iterable[Path]) -> list[Use]:
    """Return the figures below `folders` that rest on the job of the manifest at `path`.

    Only what records the very digest of that manifest counts.
    """
    digest, content = read_manifest(path)
    root = project_root(path, content)
    read = {relative(file, root): read_manifest(file) for file in manifests(folders)}
    known = {name: job for name, (_, job) in read.items() if job}
    digests = {name: str(found) for name, (found, _) in read.items()}
    place = relative(path, root)
    if digest is None or place not in known:
        return []
    return [
        Use(known[name]["settings"]["figure"], name, _points(known, name, place, digest, root))
        for name in sorted(_descendants(digest, known, digests))
        if known[name]["kind"] == "figure"
    ]


def _descendants(digest: str, known: Jobs, digests: Mapping[str, str]) -> set[str]:
    """Return the paths of all that is built on the manifest that has this digest."""
    users: dict[str, list[str]] = {}
    for path, job in known.items():
        for recorded in job["inputs"].values():
            users.setdefault(recorded, []).append(path)
    found: set[str] = set()
    pending = [digest]
    while pending:
        for path in users.get(pending.pop(), []):
            if path not in found:
                found.add(path)
                pending.append(digests[path])
    return found


def _points(known: Jobs, figure: str, place: str, digest: str, root: Path) -> tuple[str, ...]:
    """Return the points that the runs of a job, or a whole table, are part of."""
    points: list[str] = []
    for path in known[figure]["inputs"]:
        table = known.get(path)
        if table is None or "experiment" not in table["settings"]:
            continue
        name = table["settings"]["experiment"]
        if path == place:
            points.append(f"all of {name}")
        elif _whole(table, known)["inputs"].get(place) == digest:
            drawn = root / f"{figure.removesuffix(manifest.NAME)}runs.parquet"
            points += _drawn(_runs(drawn), name, known[place]["settings"])
    return tuple(dict.fromkeys(points))


def _runs(path: Path) -> pd.DataFrame:
    """Return the runs that a figure has drawn; none where that file is gone or damaged.

    It is another file than the one that is audited, which says nothing of it.
    """
    columns = ["series", "x", "experiment", "round", "trial", "replicate"]
    try:
        return pd.read_parquet(path, columns=columns)
    except (OSError, ValueError, ArrowException):
        return pd.DataFrame(columns=columns)


def _whole(table: dict[str, Any], known: Jobs) -> dict[str, Any]:
    """Return the table that is published in parts, where it is there."""
    if table["kind"] != "published":
        return table
    return known.get(next(iter(table["inputs"])), table)


def _drawn(runs: pd.DataFrame, experiment: str, job: Mapping[str, Any]) -> Iterator[str]:
    """Yield the points of an experiment that a job's runs are part of, or the whole series."""
    runs = runs[runs["experiment"] == experiment]
    trained = pd.DataFrame(
        [(job["round"], lane["trial"], lane["replicate"]) for lane in lanes(job)],
        columns=["round", "trial", "replicate"],
    )
    for series, points in runs.merge(trained).groupby("series", sort=False)["x"]:
        own = points.dropna().unique()
        if len(own) == runs.loc[runs["series"] == series, "x"].nunique():
            yield str(series)
        else:
            yield from (f"{series}@{x:.4g}" for x in own)
