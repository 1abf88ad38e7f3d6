"""What a run measures, and what is read from it."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest

from lth_core.early_stop import first_minimum
from lth_core.training.metrics import metrics_table, write_metrics
from lth_core.training.record import Record, TrainAccuracy

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize(
    ("values", "index"),
    [
        ([3, 2, 1, 2], 2),
        ([2, 1, 3, 1], 1),
        ([1, 2, 3], 0),
        ([NAN, 2, 1], 2),
        ([2, NAN, NAN], 0),
        ([NAN, INF, 5], 2),
        ([NAN, NAN], 0),
    ],
)
def test_first_minimum(values: list[float], index: int) -> None:
    assert first_minimum(np.array(values, dtype=float)) == index


def test_a_record_begins_at_iteration_0_and_ends_at_the_last() -> None:
    record = Record.empty(300, 100, lanes=2)
    assert record.iterations.tolist() == [0, 100, 200, 300]
    assert record.loss.shape == record.accuracy.shape == (4, 2, 2)
    assert np.isnan(record.loss).all()


def test_early_stopping_reads_the_validation_loss_of_the_lane() -> None:
    record = Record.empty(300, 100, lanes=2)
    record.loss[:, 0, 0] = [4, 2, 1, 2]
    record.loss[:, 1, 0] = [4, 1, 2, 1]
    record.loss[:, :, 1] = np.array([4, 3, 2, 1])[:, None]
    record.accuracy[:] = np.array([1, 0.5, 0, 0.2])[:, None, None]
    assert [record.early_stop(lane) for lane in (0, 1)] == [2, 1]


def test_a_lane_diverges_by_itself() -> None:
    record = Record.empty(100, 100, lanes=3)
    record.loss[:] = 1.0
    record.loss[1, 1, 0] = NAN
    record.loss[1, 2, 1] = INF
    assert [record.diverged(lane) for lane in range(3)] == [False, True, True]


def test_metrics_are_tidy(tmp_path: Path) -> None:
    record = Record.empty(100, 50, lanes=2)
    record.loss[:] = np.arange(12).reshape(3, 2, 2)
    record.accuracy[:] = record.loss / 100
    train = [[TrainAccuracy(50, 0.1, 0.9), TrainAccuracy(100, 0.05, 0.95)]] * 2
    lanes = [(3, 0), (3, 1)]
    table = metrics_table(record, train, lanes, round_=2, weights=60, weights_remaining=[40, 41])
    path = tmp_path / "metrics.parquet"
    write_metrics(table, path)
    rows = parquet.read_table(path).to_pylist()
    assert len(rows) == 2 * (3 + 3 + 2)
    assert len({(r["replicate"], r["split"], r["iteration"]) for r in rows}) == len(rows)
    assert rows[4] == {
        "round": 2, "trial": 3, "replicate": 0, "weights": 60, "weights_remaining": 40,
        "iteration": 50, "split": "test", "loss": 5.0, "accuracy": 0.05,
    }  # fmt: skip
    last = rows[-1]
    assert (last["replicate"], last["split"], last["iteration"]) == (1, "train", 100)
    assert (last["weights_remaining"], last["accuracy"]) == (41, 0.95)
