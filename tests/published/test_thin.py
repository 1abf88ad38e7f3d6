"""Which rows of the learning curves are published."""

import pandas as pd
import pytest

from lth_core.config.load import load
from lth_core.published.needed import rows_needed
from lth_core.published.thin import Kept, thin
from tests.published.conftest import ROOT


def kept(round_: int, wanted: Kept) -> list[int]:
    iterations = list(range(0, 1050, 100)) + [1050]
    rows = [(number, i, split) for number in (0, 1) for split in "vt" for i in iterations]
    table = thin(pd.DataFrame(rows, columns=["round", "iteration", "split"]), wanted)
    assert list(table.index) == list(range(len(table)))
    found = table[table["round"] == round_].groupby("split")["iteration"].apply(list)
    assert found["v"] == found["t"]
    return list(found["v"])


def test_a_drawn_round_is_whole() -> None:
    assert len(kept(1, Kept([1], [], 1000))) == 12


@pytest.mark.parametrize(
    ("iterations", "expected"), [([], [0, 500, 1000, 1050]), ([300], [0, 300, 500, 1000, 1050])]
)
def test_of_others_a_few_rows_and_those_that_are_read(
    iterations: list[int], expected: list[int]
) -> None:
    assert kept(0, Kept([1], iterations, 500)) == expected


def test_what_figures_read_at_the_papers_scale() -> None:
    project = load(ROOT / "config", {"scale": "paper"})
    lenet = rows_needed(project, "lenet_imp")
    assert lenet is not None
    assert {0, 3, 7} <= set(lenet.rounds), "Figure 3 draws 100, 51.3 and 21.1 percent"
    assert len(lenet.rounds) < 29
    assert lenet.every == 20 * project.experiments["lenet_imp"].training.evaluate_every
    resnet = rows_needed(project, "resnet18_lr0.1")
    assert resnet is not None
    assert {10000, 20000, 30000} <= set(resnet.iterations), "Figure 8"
    assert rows_needed(project, "v1_xor_dense_10") is None
