"""A made-up graph of jobs, as large as one likes: files of random bytes and true manifests."""

from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from lth_core.files import sha256_file, write_bytes
from lth_core.provenance import manifest

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that writes the graph behind a table and returns its manifest."""

    def graph(
        folder: str = "made", rounds: int = 3, trials: int = 2, code: str = "1", rate: float = 0.1
    ) -> Path:
        root = tmp_path / folder
        inputs = []
        for trial in range(trials):
            parents: list[str] = []
            for number in range(rounds):
                name = f"results/tiny/runs/net/round_{number:02d}/trial_{trial}"
                settings = {"round": number, "training": {"learning_rate": rate}}
                lanes = [{"trial": trial, "replicate": 0}]
                job(root, name, "training", {**settings, "lanes": lanes}, code, parents)
                parents = [f"{name}/manifest.json"]
                inputs += parents
        settings = {"experiment": "net", "trials": trials}
        return job(root, "results/tiny/tables/net", "table", settings, "1", inputs)

    return graph


def job(
    root: Path, name: str, kind: str, settings: dict[str, object], code: str, inputs: list[str]
) -> Path:
    """Write one file and the manifest of the job that wrote it; return the manifest."""
    folder = root / name
    bytes_ = np.random.default_rng(crc32(f"{name}{code}".encode())).bytes(1000)
    write_bytes(folder / "out.bin", bytes_)
    content = {
        "manifest": 1,
        "kind": kind,
        "settings": settings,
        "code": code,
        "inputs": {path: sha256_file(root / path) for path in inputs},
        "outputs": {"out.bin": sha256_file(folder / "out.bin")},
        "environment": {"processor": "made up"},
        "source": {"commit": None, "dirty": None},
    }
    manifest.write(folder / manifest.NAME, content)
    return folder / manifest.NAME
