"""The table of the weights that each pixel keeps."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lth_core.config.load import load
from lth_core.errors import NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs import pixels
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.provenance import manifest
from lth_core.runs.plan import Plan
from lth_core.training.checkpoint import save_lanes

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(load(CONFIG, {"scale": "paper"}))


def test_it_reads_the_masks_of_all_rounds(plan: Plan) -> None:
    job = pixels.job(plan, {"results": "results/paper", "experiment": "lenet_ticket"})
    assert job["image"] == [1, 28, 28] and job["layer"] == "fc1.weight"
    folders = [f"results/paper/runs/lenet_imp/round_{n:02d}/trial_0" for n in range(29)]
    assert job["reads"] == {f"{folder}/manifest.json": ["masks.safetensors"] for folder in folders}
    assert [lane["folder"] for lane in job["runs"]] == folders
    with pytest.raises(NotPlanned, match="the first layer of conv2_imp is not dense"):
        pixels.job(plan, {"results": "results/paper", "experiment": "conv2_imp"})


def test_weights_are_counted_by_pixel_in_all_channels(tmp_path: Path) -> None:
    first = np.zeros((3, 2 * 2 * 3), dtype=bool)  # three units over two channels of 2 x 3 pixels
    first[:, 0] = True  # row 0, column 0 of the first channel
    first[0, 6] = True  # the same pixel of the second
    first[1:, 11] = True  # row 1, column 2 of the second
    masks = [
        {"fc1.weight": first, "output.weight": np.ones((2, 3), dtype=bool)},
        {"fc1.weight": ~first, "output.weight": np.ones((2, 3), dtype=bool)},
    ]
    folder = tmp_path / "runs"
    path = folder / "masks.safetensors"
    save_lanes(path, [(0, 0), (1, 0)], masks)
    digests = {path.name: sha256_file(path)}
    manifest.write(folder / "manifest.json", manifest.build("train", {}, "code", {}, digests))
    lanes = [{"folder": str(folder), "round": 1, "trial": t, "replicate": 0} for t in (0, 1)]
    job = {
        "experiment": "mine",
        "image": [2, 2, 3],
        "layer": "fc1.weight",
        "runs": lanes,
        "reads": {f"{folder}/manifest.json": [path.name]},
    }
    run("pixels", job, code_of("pixels", job), tmp_path / "out")
    table = pd.read_parquet(tmp_path / "out/pixels.parquet")
    ticket, rest = (table[table["trial"] == trial] for trial in (0, 1))
    assert list(ticket["weights"]) == [4, 0, 0, 0, 0, 2]
    assert list(rest["weights"]) == [2, 6, 6, 6, 6, 4]
    assert list(zip(ticket["row"], ticket["column"], strict=True)) == [
        (row, column) for row in range(2) for column in range(3)
    ]
    assert set(ticket["percent_remaining"]) == {100 * (6 + 6) / (36 + 6)}
