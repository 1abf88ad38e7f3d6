"""The table of the weights that each pixel keeps."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lth_core.errors import NotPlanned
from lth_core.jobs import pixels
from lth_core.runs.plan import Plan
from tests.projects import plan_at


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_at("paper")


def test_it_reads_the_masks_of_all_rounds(plan: Plan) -> None:
    job = pixels.job(plan, {"results": "results/paper", "experiment": "lenet_ticket"})
    assert job["image"] == [1, 28, 28] and job["layer"] == "fc1.weight"
    folders = [f"results/paper/runs/lenet_imp/round_{n:02d}/trial_0" for n in range(29)]
    assert job["reads"] == {f"{folder}/manifest.json": ["masks.safetensors"] for folder in folders}
    assert [lane["folder"] for lane in job["runs"]] == folders
    with pytest.raises(NotPlanned, match="the first layer of conv2_imp is not dense"):
        pixels.job(plan, {"results": "results/paper", "experiment": "conv2_imp"})


def test_weights_are_counted_by_pixel_in_all_channels(tables_of: Callable[..., Path]) -> None:
    first = np.zeros((3, 2 * 2 * 3), dtype=bool)  # three units over two channels of 2 x 3 pixels
    first[:, 0] = True  # row 0, column 0 of the first channel
    first[0, 6] = True  # the same pixel of the second
    first[1:, 11] = True  # row 1, column 2 of the second
    masks = [
        {"fc1.weight": first, "output.weight": np.ones((2, 3), dtype=bool)},
        {"fc1.weight": ~first, "output.weight": np.ones((2, 3), dtype=bool)},
    ]
    out = tables_of("pixels", masks, [2, 2, 3])
    table = pd.read_parquet(out / "pixels.parquet")
    ticket, rest = (table[table["trial"] == trial] for trial in (0, 1))
    assert list(ticket["weights"]) == [4, 0, 0, 0, 0, 2]
    assert list(rest["weights"]) == [2, 6, 6, 6, 6, 4]
    assert list(zip(ticket["row"], ticket["column"], strict=True)) == [
        (row, column) for row in range(2) for column in range(3)
    ]
    assert set(ticket["percent_remaining"]) == {100 * (6 + 6) / (36 + 6)}
