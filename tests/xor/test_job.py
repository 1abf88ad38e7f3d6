"""What training jobs leave: nested masks of exact counts, resets to the bit, manifests."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from lth_core.config.xor import Xor
from lth_core.files import sha256_file
from lth_core.xor.job import MASKS, UNITS, WEIGHTS, BrokenInput, run
from lth_core.xor.plan import XorJob, XorPlan
from lth_core.xor.prune import SCORES, keep_highest
from lth_core.xor.table import build

ITERATIVE, ONE_SHOT = "v1_xor_iter_product", "v1_xor_oneshot_product"


def units(trained: Path, xor: Xor, experiment: str) -> list[np.ndarray]:
    plan = XorPlan(xor)
    folders = [trained / plan.folder(job) for job in plan.rounds(experiment)]
    return [load_file(folder / MASKS)[UNITS] for folder in folders]


@pytest.mark.parametrize("experiment", [ITERATIVE, ONE_SHOT])
def test_every_trial_keeps_exactly_the_units_of_the_round(
    trained: Path, small: Xor, experiment: str
) -> None:
    masks = units(trained, small, experiment)
    assert len(masks) == len(small.experiments[experiment].units)
    for mask, keep in zip(masks, small.experiments[experiment].units, strict=True):
        assert mask.shape == (30, 10) and (mask.sum(axis=1) == keep).all()
    assert all((before | ~after).all() for before, after in pairwise(masks))  # nested


def test_units_are_chosen_by_the_weights_of_the_parent(trained: Path, small: Xor) -> None:
    for experiment, parents in ((ITERATIVE, [0, 1, 2, 3]), (ONE_SHOT, [0, 0])):
        plan = XorPlan(small)
        masks = units(trained, small, experiment)
        jobs = plan.rounds(experiment)
        for round_, parent in enumerate(parents, start=1):
            weights = load_file(trained / plan.folder(jobs[parent]) / WEIGHTS)
            score = SCORES["product"](weights)
            keep = int(masks[round_][0].sum())
            np.testing.assert_array_equal(masks[round_], keep_highest(score, masks[parent], keep))


def test_survivors_return_to_their_initial_weights(
    trained: Path, small: Xor, tmp_path: Path
) -> None:
    plan = XorPlan(small)
    starts = []
    for job in plan.rounds(ITERATIVE):
        told = json.loads(plan.specification(job, str(trained)))
        told["training"]["iterations"] = 0
        run(told, "code", tmp_path / str(job.round))
        starts.append(load_file(tmp_path / str(job.round) / WEIGHTS))
    for start, mask in zip(starts, units(trained, small, ITERATIVE), strict=True):
        for name, kept in (("fc1.weight", mask[:, :, None]), ("output.weight", mask[:, None])):
            assert np.array_equal(start[name], starts[0][name] * kept)
            assert np.abs(start[name]).max() <= 0.2  # normal of 0.1, cut at two deviations
        assert not start["fc1.bias"].any() and not start["output.bias"].any()


def test_trained_weights_are_zero_where_units_are_pruned(trained: Path, small: Xor) -> None:
    job = XorPlan(small).rounds(ITERATIVE)[-1]
    weights = load_file(trained / XorPlan(small).folder(job) / WEIGHTS)
    mask = units(trained, small, ITERATIVE)[-1]
    assert not weights["fc1.weight"][~mask].any() and weights["fc1.weight"][mask].all()
    assert not weights["output.weight"][:, 0][~mask].any()


def test_fewer_trials_leave_the_same_bits(trained: Path, small: Xor, tmp_path: Path) -> None:
    few = small.model_copy(update={"trials": 3})
    for job in XorPlan(few).rounds(ITERATIVE)[:2]:
        folder = XorPlan(few).folder(job)
        told = json.loads(XorPlan(few).specification(job, str(tmp_path)))
        run(told, "code", tmp_path / folder)
        many = trained / XorPlan(small).folder(job)
        for file in (WEIGHTS, MASKS):
            whole = load_file(many / file)
            for name, array in load_file(tmp_path / folder / file).items():
                assert array.tobytes() == whole[name][:3].tobytes()


def test_a_job_done_again_leaves_the_same_files(trained: Path, small: Xor, tmp_path: Path) -> None:
    plan = XorPlan(small)
    job = plan.rounds(ITERATIVE)[1]
    run(json.loads(plan.specification(job, str(trained))), "code", tmp_path)
    before = trained / plan.folder(job)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        p.name: p.read_bytes() for p in before.iterdir()
    }


def test_the_manifest_vouches_for_files_and_parent(trained: Path, small: Xor) -> None:
    plan = XorPlan(small)
    dense, pruned = plan.rounds(ITERATIVE)[:2]
    folder = trained / plan.folder(pruned)
    manifest = json.loads((folder / "manifest.json").read_text())
    parent = trained / plan.folder(dense) / "manifest.json"
    assert manifest["kind"] == "training"
    assert manifest["inputs"] == {str(parent): sha256_file(parent)}
    for name, digest in manifest["outputs"].items():
        assert sha256_file(folder / name) == digest


def test_a_parent_that_was_changed_is_set_aside(trained: Path, small: Xor, tmp_path: Path) -> None:
    plan = XorPlan(small)
    dense, pruned = plan.rounds(ITERATIVE)[:2]
    parent = tmp_path / plan.folder(dense)
    shutil.copytree(trained / plan.folder(dense), parent)
    (parent / WEIGHTS).write_bytes(b"cut off")
    told = json.loads(plan.specification(pruned, str(tmp_path)))
    with pytest.raises(BrokenInput, match="weights.safetensors is not what its manifest says"):
        run(told, "code", tmp_path / "out")
    assert not parent.exists() and not (tmp_path / "out").exists()


def test_the_table_has_every_network_once(trained: Path, small: Xor, tmp_path: Path) -> None:
    plan = XorPlan(small)
    metrics = [trained / plan.folder(job) / "metrics.parquet" for job in plan.rounds(ITERATIVE)]
    build(ITERATIVE, metrics, 0.05, 0.5, "code", tmp_path)
    table = pd.read_parquet(tmp_path / "summary.parquet")
    rounds = list(zip(range(5), (10, 8, 6, 4, 2), strict=True))
    expected = [(round_, units, trial) for round_, units in rounds for trial in range(30)]
    assert list(table[["round", "units", "trial"]].itertuples(index=False, name=None)) == expected
    outputs = table[["output_00", "output_01", "output_10", "output_11"]].to_numpy()
    right = (outputs > 0.5) == [False, True, True, False]
    assert table["zero_loss"].equals(pd.Series(right.all(axis=1) & (table["loss"] < 0.5)))
    assert (table["decision_boundary"] | ~table["zero_loss"]).all()
    assert json.loads((tmp_path / "manifest.json").read_text())["settings"]["trials"] == 30


def test_jobs_of_no_pruning_have_no_parent(small: Xor) -> None:
    assert XorPlan(small).parent(XorJob("v1_xor_dense_4", 0)) is None
