"""Tables of masks, made by their jobs as the pipeline makes them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from lth_core.files import sha256_file
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.provenance import manifest
from lth_core.training.checkpoint import save_lanes

Masks = dict[str, np.ndarray]


@pytest.fixture
def tables_of(tmp_path: Path) -> Callable[[str, Sequence[Masks], list[int]], Path]:
    """A function that has a kind of job measure masks over an image, and returns its folder.

    The masks are those of round 1 of as many trials; their first layer is fc1.
    """

    def measured(kind: str, masks: Sequence[Masks], image: list[int]) -> Path:
        folder, lanes = tmp_path / "runs", [(trial, 0) for trial in range(len(masks))]
        path = folder / "masks.safetensors"
        save_lanes(path, lanes, masks)
        digests = {path.name: sha256_file(path)}
        manifest.write(folder / "manifest.json", manifest.build("train", {}, "code", {}, digests))
        job = {
            "experiment": "mine",
            "image": image,
            "layer": "fc1.weight",
            "runs": [
                {"folder": str(folder), "round": 1, "trial": trial, "replicate": replicate}
                for trial, replicate in lanes
            ],
            "reads": {f"{folder}/manifest.json": [path.name]},
        }
        run(kind, job, code_of(kind, job), tmp_path / "out")
        return tmp_path / "out"

    return measured
