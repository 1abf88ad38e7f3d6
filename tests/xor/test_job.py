"""What training jobs leave: nested masks of exact counts, resets to the bit, manifests."""

import json
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from lth_core.files import sha256_file
from lth_core.jobs.inputs import BrokenInput
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.jobs.train_xor import MASKS, UNITS, WEIGHTS
from lth_core.xor.prune import SCORES, keep_highest

if TYPE_CHECKING:
    from tests.xor.conftest import Work

ITERATIVE, ONE_SHOT = "v1_xor_iter_product", "v1_xor_oneshot_product"


def units(work: "Work", experiment: str) -> list[np.ndarray]:
    return [work.load(job, MASKS)[UNITS] for job in work.jobs(experiment)]


@pytest.mark.parametrize("experiment", [ITERATIVE, ONE_SHOT])
def test_every_trial_keeps_exactly_the_units_of_the_round(trained: "Work", experiment: str) -> None:
    masks, rounds = units(trained, experiment), trained.xor.experiments[experiment].units
    assert len(masks) == len(rounds)
    for mask, keep in zip(masks, rounds, strict=True):
        assert mask.shape == (30, 10) and (mask.sum(axis=1) == keep).all()
    assert all((before | ~after).all() for before, after in pairwise(masks))  # nested


def test_units_are_chosen_by_the_weights_of_the_parent(trained: "Work") -> None:
    for experiment, parents in ((ITERATIVE, [0, 1, 2, 3]), (ONE_SHOT, [0, 0])):
        masks, jobs = units(trained, experiment), trained.jobs(experiment)
        for round_, parent in enumerate(parents, start=1):
            score = SCORES["product"](trained.load(jobs[parent], WEIGHTS))
            keep = int(masks[round_][0].sum())
            np.testing.assert_array_equal(masks[round_], keep_highest(score, masks[parent], keep))


def test_survivors_return_to_their_initial_weights(trained: "Work", few: "Work") -> None:
    starts = []
    for job in trained.jobs(ITERATIVE):
        told = trained.told(job)
        told["training"]["iterations"] = 0
        trained.do(told, few.folder(job))
        starts.append(few.load(job, WEIGHTS))
    for start, mask in zip(starts, units(trained, ITERATIVE), strict=True):
        for name, kept in (("fc1.weight", mask[:, :, None]), ("output.weight", mask[:, None])):
            assert np.array_equal(start[name], starts[0][name] * kept)
            assert np.abs(start[name]).max() <= 0.2  # normal of 0.1, cut at two deviations
        assert not start["fc1.bias"].any() and not start["output.bias"].any()


def test_trained_weights_are_zero_where_units_are_pruned(trained: "Work") -> None:
    weights = trained.load(trained.jobs(ITERATIVE)[-1], WEIGHTS)
    mask = units(trained, ITERATIVE)[-1]
    assert not weights["fc1.weight"][~mask].any() and weights["fc1.weight"][mask].all()
    assert not weights["output.weight"][:, 0][~mask].any()


def test_fewer_trials_leave_the_same_bits(trained: "Work", few: "Work") -> None:
    for job, whole in list(zip(few.jobs(ITERATIVE), trained.jobs(ITERATIVE), strict=True))[:2]:
        few.do(few.told(job), few.folder(job))
        for file in (WEIGHTS, MASKS):
            for name, array in few.load(job, file).items():
                assert array.tobytes() == trained.load(whole, file)[name][:3].tobytes()


def test_a_job_done_again_leaves_the_same_files(trained: "Work", tmp_path: Path) -> None:
    job = trained.jobs(ITERATIVE)[1]
    trained.do(trained.told(job), tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        p.name: p.read_bytes() for p in trained.folder(job).iterdir()
    }


def test_the_manifest_vouches_for_files_and_parent(trained: "Work") -> None:
    dense, pruned = trained.jobs(ITERATIVE)[:2]
    folder, parent = trained.folder(pruned), trained.plan.manifest(dense)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["kind"] == "train_xor"
    assert manifest["inputs"] == {parent: sha256_file(trained.root / parent)}
    for name, digest in manifest["outputs"].items():
        assert sha256_file(folder / name) == digest


def test_a_parent_that_was_changed_is_set_aside(trained: "Work", few: "Work") -> None:
    dense, pruned = trained.jobs(ITERATIVE)[:2]
    few.root = few.root / "copy"
    parent = few.folder(dense)
    shutil.copytree(trained.folder(dense), few.folder(dense))
    (parent / WEIGHTS).write_bytes(b"cut off")
    with pytest.raises(BrokenInput, match="weights.safetensors is not what its manifest says"):
        few.do(trained.told(pruned), few.folder(pruned))
    assert not parent.exists() and not few.folder(pruned).exists()


def test_the_table_has_every_network_once(
    trained: "Work", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trained.root)
    metrics = {trained.plan.manifest(job): ["metrics.parquet"] for job in trained.jobs(ITERATIVE)}
    told = {"experiment": ITERATIVE, "trials": 30, "tie_margin": 0.05, "zero_loss": 0.5}
    run("summary_xor", {**told, "reads": metrics}, code_of("summary_xor", told), tmp_path)
    table = pd.read_parquet(tmp_path / "summary.parquet")
    rounds = list(zip(range(5), (10, 8, 6, 4, 2), strict=True))
    expected = [(round_, units, trial) for round_, units in rounds for trial in range(30)]
    assert list(table[["round", "units", "trial"]].itertuples(index=False, name=None)) == expected
    outputs = table[["output_00", "output_01", "output_10", "output_11"]].to_numpy()
    right = (outputs > 0.5) == [False, True, True, False]
    assert table["zero_loss"].equals(pd.Series(right.all(axis=1) & (table["loss"] < 0.5)))
    assert (table["decision_boundary"] | ~table["zero_loss"]).all()
    assert json.loads((tmp_path / "manifest.json").read_text())["settings"]["trials"] == 30


def test_jobs_of_no_pruning_read_nothing(trained: "Work") -> None:
    [job] = trained.jobs("v1_xor_dense_4")
    assert trained.told(job)["reads"] == trained.told(job)["parents"] == {}
