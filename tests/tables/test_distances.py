"""Distance and overlap of masks, and the table of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lth_core.errors import NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs import distances
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.networks.shapes import Masks
from lth_core.provenance import manifest
from lth_core.runs.plan import Plan
from lth_core.tables.distance import mask_distance, mask_overlap
from lth_core.training.checkpoint import save_lanes
from tests.projects import plan_at


def masks(*layers: str) -> Masks:
    """Masks of layers from texts such as 1100."""
    return {f"fc{i}.weight": np.array([list(t)]) == "1" for i, t in enumerate(layers, start=1)}


def test_half_of_the_weights_differ_and_half_of_the_survivors_are_the_same() -> None:
    one, other = masks("1100"), masks("1010")
    assert mask_distance(one, other) == mask_overlap(one, other) == 0.5


def test_a_mask_differs_from_itself_in_nothing() -> None:
    one = masks("1100", "01")
    assert (mask_distance(one, one), mask_overlap(one, one)) == (0, 1)


def test_layers_are_counted_together() -> None:
    one, other = masks("111000", "10"), masks("111000", "01")
    assert (mask_distance(one, other), mask_overlap(one, other)) == (2 / 8, 3 / 4)


def test_the_overlap_is_of_the_weights_of_the_first() -> None:
    assert mask_overlap(masks("1000"), masks("1100")) == 1
    assert mask_overlap(masks("1100"), masks("1000")) == 0.5


def test_an_empty_mask_overlaps_with_nothing() -> None:
    assert np.isnan(mask_overlap(masks("0000"), masks("1100")))
    assert mask_overlap(masks("1100"), masks("0000")) == 0
    assert mask_distance(masks("0000"), masks("0000")) == 0


@pytest.mark.parametrize("density", [0.1, 0.5])
def test_random_masks_overlap_by_what_they_keep(density: float) -> None:
    random = np.random.default_rng(0)
    one, other = ({"fc1.weight": random.random((300, 784)) < density} for _ in range(2))
    assert mask_overlap(one, other) == pytest.approx(density, abs=0.01)
    assert mask_distance(one, other) == pytest.approx(2 * density * (1 - density), abs=0.01)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_at("paper")


def compared(plan: Plan, experiment: str) -> list[dict]:
    found = distances.job(plan, {"results": "results/paper", "experiment": experiment})
    assert {one["reference"] for one in found["comparisons"]} == {"lenet_oneshot"}
    return found["comparisons"]


def test_runs_are_compared_with_those_of_their_round_and_trial(plan: Plan) -> None:
    found = compared(plan, "lenet_early_masks_10")
    assert len(found) == 40 * 5
    for one in found:
        [other] = one["with"]
        assert "lenet_early_masks_10" in one["run"]["folder"] and "oneshot" in other["folder"]
        assert all(one["run"][key] == other[key] for key in ("round", "trial", "replicate"))


def test_an_experiment_is_compared_with_itself_across_trials(plan: Plan) -> None:
    for one in compared(plan, "lenet_oneshot"):
        trials = [other["trial"] for other in one["with"]]
        assert sorted([*trials, one["run"]["trial"]]) == list(range(5))
        assert {other["round"] for other in one["with"]} == {one["run"]["round"]}


def test_only_what_figures_compare_is_planned(plan: Plan) -> None:
    with pytest.raises(NotPlanned, match="no figure compares the masks of lenet_imp"):
        distances.job(plan, {"results": "results/paper", "experiment": "lenet_imp"})


def test_a_row_for_each_comparison(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    path = folder / "masks.safetensors"
    drawn = [masks("1100"), masks("1010"), masks("1100")]
    save_lanes(path, [(trial, 0) for trial in range(3)], drawn)
    digests = {path.name: sha256_file(path)}
    manifest.write(folder / "manifest.json", manifest.build("train", {}, "code", {}, digests))
    lanes = [{"folder": str(folder), "round": 1, "trial": t, "replicate": 0} for t in range(3)]
    comparisons = [
        {"run": lanes[0], "reference": "mine", "with": lanes[1:]},
        {"run": lanes[1], "reference": "other", "with": []},
    ]
    reads = {f"{folder}/manifest.json": [path.name]}
    job = {"experiment": "mine", "comparisons": comparisons, "reads": reads}
    run("distances", job, code_of("distances", job), tmp_path / "out")
    table = pd.read_parquet(tmp_path / "out/distances.parquet")
    assert list(table["reference"]) == ["mine", "other"]
    assert (table["mask_distance"][0], table["mask_overlap"][0]) == (0.25, 0.75)
    assert table.loc[1, ["mask_distance", "mask_overlap"]].isna().all(), "nothing to compare with"
    assert list(table["percent_remaining"]) == [50, 50]


def test_replicates_are_compared_with_the_one_run_of_their_trial(plan: Plan) -> None:
    found = list(distances._compared(plan, "lenet_imp_reinit", "lenet_oneshot"))
    assert {one["run"]["replicate"] for one in found} == {0, 1, 2}
    for one in found:
        [other] = one["with"]
        assert (other["trial"], other["replicate"]) == (one["run"]["trial"], 0)
