"""Checkpoints, and what an interrupted job goes on from."""

from pathlib import Path

import numpy as np
import pytest

from lth_core.training.checkpoint import ResumeFile, load_lane, save_lanes
from lth_core.training.loop import Progress
from lth_core.training.record import Record
from lth_core.training.state import State

LANES = 2


def states() -> list[State]:
    return [
        State(
            weights={"fc1.weight": np.full((2, 3), lane, np.float32)},
            moments={"fc1.weight.m": np.full((2, 3), lane + 0.5, np.float32)},
            step=230,
        )
        for lane in range(LANES)
    ]


def progress() -> Progress:
    """A job at iteration 230 of 400, last evaluated at 200, that keeps iteration 100."""
    record = Record.empty(400, 100, LANES)
    record.loss[:3], record.accuracy[:3] = 1 / 3, 2 / 3
    best = [{"fc1.weight": np.full((2, 3), lane - 1.0, np.float32)} for lane in range(LANES)]
    snapshot = [{"fc1.weight": np.full((2, 3), lane + 7.0, np.float32)} for lane in range(LANES)]
    return Progress(record, 230, 3, best, 100, snapshot)


def fresh() -> Progress:
    return Progress.begin(Record.empty(400, 100, LANES), LANES, snapshot_at=100)


def assert_equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert one[name].dtype == other[name].dtype
        assert one[name].tobytes() == other[name].tobytes()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "resume" / "trial_0.safetensors"
    ResumeFile(path, "identity").save(states(), progress())
    return path


def test_lanes_keep_apart(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    lanes = [(1, 0), (11, 0), (1, 1)]
    tensors = [{"w": np.arange(i, i + 3.0), "b": np.array([i % 2 == 0])} for i in range(3)]
    save_lanes(path, lanes, tensors)
    for (trial, replicate), expected in zip(lanes, tensors, strict=True):
        assert_equal(load_lane(path, trial, replicate), expected)
    assert load_lane(path, 2, 0) == {}


def test_weights_of_an_early_iteration_lie_apart(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    end, early = {"w": np.arange(3.0)}, {"w": np.arange(3.0) + 5}
    save_lanes(path, [(2, 0)], [end], [early])
    assert_equal(load_lane(path, 2, 0), end)
    assert_equal(load_lane(path, 2, 0, snapshot=True), early)


def test_arrays_that_are_views_are_saved_as_they_look(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    array = np.arange(6.0).reshape(2, 3).T
    save_lanes(path, [(0, 0)], [{"w": array}])
    assert np.array_equal(load_lane(path, 0, 0)["w"], array)


def test_a_job_goes_on_bit_for_bit(saved: Path) -> None:
    restored = fresh()
    loaded = ResumeFile(saved, "identity").load(restored)
    assert loaded is not None
    for ours, expected in zip(loaded, states(), strict=True):
        assert_equal(ours.weights, expected.weights)
        assert_equal(ours.moments, expected.moments)
        assert ours.step == expected.step
    expected_progress = progress()
    assert (restored.measured, restored.step) == (3, 230)
    assert np.array_equal(restored.record.loss, expected_progress.record.loss, equal_nan=True)
    assert np.array_equal(
        restored.record.accuracy, expected_progress.record.accuracy, equal_nan=True
    )
    assert np.array_equal(restored.record.iterations, expected_progress.record.iterations)
    for best, expected_best in zip(restored.best, expected_progress.best, strict=True):
        assert_equal(best, expected_best)
    for kept, expected_kept in zip(restored.snapshot, expected_progress.snapshot, strict=True):
        assert_equal(kept, expected_kept)


def test_the_file_of_another_job_is_ignored(saved: Path) -> None:
    untouched = fresh()
    assert ResumeFile(saved, "other settings or other code").load(untouched) is None
    assert untouched.measured == 0 and np.isnan(untouched.record.loss).all()


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_a_file_that_was_cut_off_is_ignored(saved: Path, kept: int) -> None:
    saved.write_bytes(saved.read_bytes()[:kept])
    assert ResumeFile(saved, "identity").load(fresh()) is None


def test_a_file_of_something_else_is_ignored(saved: Path) -> None:
    save_lanes(saved, [(0, 0)], [{"w": np.zeros(3)}])
    assert ResumeFile(saved, "identity").load(fresh()) is None


def test_without_a_file_the_job_begins(tmp_path: Path) -> None:
    assert ResumeFile(tmp_path / "none.safetensors", "identity").load(fresh()) is None


def test_removed_when_the_job_is_done(saved: Path) -> None:
    resume = ResumeFile(saved, "identity")
    resume.remove()
    resume.remove()
    assert not saved.exists()


def test_saves_are_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTH_SAVE_SECONDS", "0")
    assert ResumeFile(tmp_path / "a", "identity").due()
    monkeypatch.setenv("LTH_SAVE_SECONDS", "1000")
    assert not ResumeFile(tmp_path / "a", "identity").due()
