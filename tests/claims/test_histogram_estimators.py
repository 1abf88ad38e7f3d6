"""Estimators on histograms with known shapes."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from lth_core.claims.curve import Missing
from lth_core.claims.estimate import compute
from lth_core.claims.tables import View
from lth_core.config.estimators import Statistic
from lth_core.tables.distributions import Sample, histograms


def by_trial(draws: list[np.ndarray], round_: int = 8) -> pd.DataFrame:
    """A table as the pipeline bins it, one sample a trial."""
    parts = [
        histograms([Sample("fc1", "", values, 0.1)]).assign(trial=trial, round=round_)
        for trial, values in enumerate(draws)
    ]
    return pd.concat(parts).assign(quantity="initial_weight")


def found(make, table: pd.DataFrame, estimator: str, **keys: Any) -> float:
    settings = {"experiment": "net", "quantity": "initial_weight", "layer": "fc1", "round": 8}
    statistic = TypeAdapter(Statistic).validate_python({"estimator": estimator, **settings, **keys})
    return compute(statistic, View(make({}, histograms={"net": table})))


def test_one_peak_and_two(make) -> None:
    rng = np.random.default_rng(1)
    one = rng.normal(0, 0.5, (2, 4000))
    two = np.concatenate([rng.normal(-2, 0.4, (2, 3000)), rng.normal(2, 0.4, (2, 1000))], axis=1)
    assert found(make, by_trial(list(one)), "centre_to_peak") > 0.9
    assert found(make, by_trial(list(two)), "centre_to_peak") < 0.1
    assert found(make, by_trial(list(one)), "peaks") == 1
    assert found(make, by_trial(list(two)), "peaks") == 2
    assert found(make, by_trial(list(two)), "positive_share") == pytest.approx(25)


def test_mean_magnitude_and_spread(make) -> None:
    table = by_trial([np.array([-1.05, 1.05, 2.05, 2.05])])
    assert found(make, table, "histogram_mean") == pytest.approx(1.025)
    assert found(make, table, "histogram_mean", magnitude=True) == pytest.approx(1.55)
    expected = np.std([-1.05, 1.05, 2.05, 2.05]) / 1.025
    assert found(make, table, "histogram_spread") == pytest.approx(expected)


def test_shared_areas(make) -> None:
    same, other = np.array([0.05, 0.15, 0.25, 0.35]), np.array([0.25, 0.35, 0.45, 0.55])
    table = pd.concat([by_trial([same]), by_trial([other], round_=0)])
    assert found(make, table, "overlap", other_round=0) == pytest.approx(0.5)
    assert found(make, by_trial([same, same]), "trial_agreement") == pytest.approx(1)
    assert found(make, by_trial([same, other]), "trial_agreement") == pytest.approx(0.75)


def test_a_missing_histogram_is_named(make) -> None:
    with pytest.raises(Missing, match="no histogram of net, initial_weight of fc2, round 8"):
        found(make, by_trial([np.ones(3)]), "peaks", layer="fc2")


def test_groups_are_kept_apart(make) -> None:
    """Of one view, which reads each histogram once."""
    inside, outside = (by_trial([np.full(4, value)]) for value in (1.05, 3.05))
    both = [inside.assign(group="in_ticket"), outside.assign(group="not_in_ticket")]
    view = View(make({}, histograms={"net": pd.concat(both).assign(quantity="moved")}))
    settings = {"experiment": "net", "quantity": "moved", "layer": "fc1", "round": 8}
    for group, mean in (("in_ticket", 1.05), ("not_in_ticket", 3.05)):
        wanted = {"estimator": "histogram_mean", **settings, "group": group}
        statistic = TypeAdapter(Statistic).validate_python(wanted)
        assert compute(statistic, view) == pytest.approx(mean)
