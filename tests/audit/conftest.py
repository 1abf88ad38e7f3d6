"""A made-up graph of jobs, as large as one likes: files of random bytes and true manifests."""

from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from lth_core.files import sha256_file, write_bytes
from lth_core.provenance import context, manifest

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that writes the graph behind a summary and returns its manifest."""

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
                job(root, name, "train", {**settings, "lanes": lanes}, code, parents)
                parents = [f"{name}/manifest.json"]
                inputs += parents
        settings = {"experiment": "net", "trials": trials}
        return job(root, "results/tiny/tables/net", "summary", settings, "1", inputs)

    return graph


def job(
    root: Path, name: str, kind: str, settings: dict[str, object], code: str, inputs: list[str]
) -> Path:
    """Write one file, manifest and context of the job that wrote it; return the manifest."""
    folder = root / name
    bytes_ = np.random.default_rng(crc32(f"{name}{code}".encode())).bytes(1000)
    write_bytes(folder / "out.bin", bytes_)
    content = manifest.build(
        kind,
        {**settings, "reads": {path: ["out.bin"] for path in inputs}},
        code,
        {path: sha256_file(root / path) for path in inputs},
        {"out.bin": sha256_file(folder / "out.bin")},
    )
    path = folder / manifest.NAME
    digest = manifest.write(path, content)
    context.write(path, digest, {"processor": "made up"}, {"commit": None, "why": "no git"})
    return path
