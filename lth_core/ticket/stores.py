"""Stores of runs: results/, or, without weights, what is published of it.

Both are asked by a run's folder, as manifests name it: results/paper/runs/lenet_imp/round_12/
trial_0. What is read is compared with its digest.
"""

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from lth_core.audit.archive import NAME as ARCHIVE
from lth_core.audit.archive import PUBLISHED, read_archive
from lth_core.errors import Failure
from lth_core.files import sha256_bytes, sha256_file
from lth_core.jobs.published_masks import MASKS, unpacked
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.provenance import manifest
from lth_core.ticket.value import NotKept
from lth_core.training.checkpoint import load_lane

WEIGHTS = "weights.safetensors"


class Place(NamedTuple):
    """A run: the folder of its job, relative to the project's, and its lane there."""

    folder: str
    trial: int
    replicate: int


class Store(Protocol):
    """Runs at one scale."""

    tables: Path

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a manifest; None where there is none."""

    def folders(self, experiment: str) -> Iterator[str]:
        """Yield the folders of an experiment's own jobs."""

    def masks(self, place: Place) -> Masks:
        """Return a run's masks. Raises NotKept, and Failure where they are damaged."""

    def weights(self, place: Place, snapshot: bool) -> Weights:
        """Return a run's trained weights, or those of its early iteration; raises likewise."""


class Results:
    """The runs in results/SCALE/ of the folder `root`."""

    def __init__(self, root: Path, scale: str) -> None:
        self._root, self._runs = root, f"results/{scale}/runs"
        self.tables = root / "results" / scale / "tables"

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a manifest; None where there is none."""
        file = self._root / path
        return file.read_bytes() if file.is_file() else None

    def folders(self, experiment: str) -> Iterator[str]:
        """Yield the folders of an experiment's own jobs."""
        found = self._root.glob(f"{self._runs}/{experiment}/round_*/trial*[0-9]/{manifest.NAME}")
        yield from sorted(path.parent.relative_to(self._root).as_posix() for path in found)

    def masks(self, place: Place) -> Masks:
        """Return a run's masks. Raises NotKept, and Failure where they are damaged."""
        return load_lane(self._file(place, MASKS), place.trial, place.replicate)

    def weights(self, place: Place, snapshot: bool) -> Weights:
        """Return a run's trained weights, or those of its early iteration; raises likewise."""
        file = self._file(place, WEIGHTS)
        return load_lane(file, place.trial, place.replicate, snapshot=snapshot)

    def _file(self, place: Place, name: str) -> Path:
        file = self._root / place.folder / name
        if not file.is_file():
            raise NotKept(f"{file} is not kept")
        _check(file, manifest.read(file.with_name(manifest.NAME)))
        return file


class Published:
    """The runs behind what is published of a scale: their manifests, and masks of some."""

    def __init__(self, root: Path, scale: str) -> None:
        self._folder = root / PUBLISHED / scale
        self._runs = f"results/{scale}/runs"
        self.tables = self._folder / "tables"

    @cached_property
    def _archive(self) -> dict[str, bytes]:
        return read_archive(self._folder / ARCHIVE)

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a manifest; None where there is none."""
        return self._archive.get(path)

    def folders(self, experiment: str) -> Iterator[str]:
        """Yield the folders of an experiment's own jobs."""
        start, end = f"{self._runs}/{experiment}/", f"/{manifest.NAME}"
        yield from (
            path.removesuffix(end)
            for path in sorted(self._archive)
            if path.startswith(start) and path.endswith(end)
        )

    def masks(self, place: Place) -> Masks:
        """Return a run's masks. Raises NotKept, and Failure where they are damaged."""
        for path in sorted(self._folder.glob(f"masks/*/{manifest.NAME}")):
            packed = manifest.read(path)
            for run in packed["settings"]["runs"]:
                if Place(run["folder"], run["trial"], run["replicate"]) == place:
                    _check(path.with_name(MASKS), packed)
                    network = self._settings(place.folder, packed)["network"]
                    return unpacked(path.with_name(MASKS), weight_layers(network), **_of(run))
        raise NotKept(f"the masks of {place.folder} are not published")

    def weights(self, place: Place, snapshot: bool) -> Weights:
        """Raise NotKept: no weights are published."""
        raise NotKept(f"the weights of {place.folder} are not published")

    def _settings(self, folder: str, packed: dict[str, Any]) -> dict[str, Any]:
        """Return the settings of the run whose masks are packed, checked to be the very run."""
        path = f"{folder}/{manifest.NAME}"
        data = self._archive.get(path, b"")
        if sha256_bytes(data) != packed["inputs"][path]:
            raise Failure(
                f"{self._folder / ARCHIVE}: {path} is not what the published masks rest on"
            )
        return dict(json.loads(data)["settings"])


def _of(run: dict[str, Any]) -> dict[str, int]:
    return {"round_": run["round"], "trial": run["trial"], "replicate": run["replicate"]}


def _check(file: Path, recorded: dict[str, Any]) -> None:
    if not file.is_file() or sha256_file(file) != recorded["outputs"][file.name]:
        raise Failure(f"{file} is not what its manifest says (gone, cut off or changed)")
