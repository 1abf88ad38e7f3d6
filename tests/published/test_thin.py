"""Which rows of the learning curves are published."""

import math

import numpy as np
import pandas as pd
import pytest

from lth_core.claims.measures import curve
from lth_core.config.claim_files import load_claims
from lth_core.config.claims import Claim
from lth_core.config.measured import Measured
from lth_core.publish.needed import has_rows, rows_needed
from lth_core.publish.thin import Kept, thin
from tests.projects import project_at
from tests.published.conftest import ROOT

CLAIMS = load_claims(ROOT / "config" / "paper").values()


def curves() -> pd.DataFrame:
    """Two rounds, which reach their least loss and 90 percent at 400, and at 200."""
    rows = [
        (number, 0, 0, i, split, abs(i / 100 - best) / 10 + 0.1, min(i / goal, 0.95))
        for number, best, goal in ((0, 4, 430), (1, 2, 210))
        for split in ("validation", "test")
        for i in [*range(0, 1050, 100), 1050]
    ]
    columns = ["round", "trial", "replicate", "iteration", "split", "loss", "accuracy"]
    return pd.DataFrame(rows, columns=columns)


def kept(round_: int, wanted: Kept) -> list[int]:
    table = thin(curves(), wanted)
    assert list(table.index) == list(range(len(table)))
    found = table[table["round"] == round_].groupby("split")["iteration"].apply(list)
    assert found["validation"] == found["test"]
    return list(found["test"])


def test_a_drawn_round_is_whole() -> None:
    assert len(kept(1, Kept([1], [], 1000, []))) == 12


@pytest.mark.parametrize(
    ("iterations", "expected"),
    [([], [0, 400, 500, 1000, 1050]), ([300], [0, 300, 400, 500, 1000, 1050])],
)
def test_of_others_a_few_rows_that_of_early_stopping_and_those_that_are_read(
    iterations: list[int], expected: list[int]
) -> None:
    assert kept(0, Kept([1], iterations, 500, [])) == expected


@pytest.mark.parametrize(("percent", "expected"), [(50, 300), (99, 1050)])
def test_where_an_accuracy_is_reached_first_is_kept(percent: float, expected: int) -> None:
    assert expected in kept(0, Kept([], [], 1000, [percent]))
    assert (300 in kept(0, Kept([], [], 1000, []))) is False


def test_a_run_that_diverged_is_no_error() -> None:
    assert len(thin(curves().assign(loss=math.nan), Kept([], [], 1000, [90])))


@pytest.mark.parametrize(
    "measured",
    [
        {"y": "iterations_to_accuracy", "at": 90},
        {"y": "test_accuracy", "at": 300, "of": 1050},
        {"y": "first_validation_loss"},
        {"y": "minimum_validation_loss"},
        {"y": "end_validation_loss"},
    ],
)
def test_claims_read_the_same_of_what_is_left(measured: dict[str, str | float]) -> None:
    measure = Measured.model_validate(measured)
    whole = curves()
    runs = pd.DataFrame(
        {"round": [0, 1], "trial": 0, "percent_remaining": [100.0, 80.0], "iterations": 10_000}
    )
    left = thin(whole, Kept([], [300], 500, [90]))
    one, other = (curve("net", runs, table, measure, runs).values for table in (whole, left))
    assert np.array_equal(one, other)
    assert len(left) < len(whole)


def test_what_figures_and_claims_read_at_the_papers_scale() -> None:
    project = project_at("paper")
    lenet = rows_needed(project, CLAIMS, "lenet_imp")
    assert lenet is not None
    assert {0, 3, 7} <= set(lenet.rounds), "Figure 3 draws 100, 51.3 and 21.1 percent"
    assert len(lenet.rounds) < 29
    assert lenet.every == 20 * project.experiments["lenet_imp"].training.evaluate_every
    assert lenet.accuracies == [97], "claims c019 and c099"
    assert rows_needed(project, [], "lenet_imp") == lenet._replace(accuracies=[])
    resnet = rows_needed(project, CLAIMS, "resnet18_lr0.1")
    assert resnet is not None
    assert {10000, 20000, 30000} <= set(resnet.iterations), "Figure 8"
    assert rows_needed(project, CLAIMS, "v1_xor_dense_10") is None


def test_where_patience_is_drawn_each_epoch_is_published() -> None:
    for scale, epoch in (("paper", 900), ("quick", 200), ("smoke", 50)):
        project = project_at(scale)
        needed = rows_needed(project, CLAIMS, "taoudi_imp")
        assert needed is not None and needed.every == epoch


def test_of_two_epochs_that_are_looked_at_both_are_published() -> None:
    every = (600, 900)
    checks = [
        {
            "statistic": {
                "estimator": "value",
                "experiment": "taoudi_imp",
                "size": 100,
                "y": "patience_iteration",
                "patience": {"epochs": 3, "every": epoch, "of": 50_000},
            },
            "accept": {"above": 0},
        }
        for epoch in every
    ]
    entry = {"statement": "It stops.", "checks": checks}
    said = {"id": "x1", "section": "", "quantity": "", "value": "", "unit": "", "figures": []}
    claim = Claim.model_validate({**said, "entry": entry})
    project = project_at("paper")
    needed = rows_needed(project, [claim], "taoudi_imp")
    assert needed is not None and needed.every == 300


def test_what_claims_read_of_a_shorter_run() -> None:
    project = project_at("quick")
    training = project.experiments["vgg19_lr0.1"].training
    needed = rows_needed(project, CLAIMS, "vgg19_lr0.1")
    assert needed is not None
    assert training.iterations in needed.iterations, "iteration 112,480 of 112,480"
    evaluated = {*range(0, training.iterations, training.evaluate_every), training.iterations}
    assert set(needed.iterations) <= evaluated


def test_curves_that_were_published_for_less_do_not_do() -> None:
    needed = Kept([0, 3], [300], 500, [97.0])
    kept = {"rounds": [], "iterations": [100, 300], "every": 500, "accuracies": [97.0]}
    assert has_rows(kept, needed)
    assert not has_rows(kept | {"accuracies": []}, needed)
    assert not has_rows(kept | {"iterations": []}, needed)
    assert not has_rows(kept | {"every": 1000}, needed)
    assert not has_rows(kept | {"every": 300}, needed), "no row at 500"
    assert has_rows(kept | {"every": 250}, needed)
