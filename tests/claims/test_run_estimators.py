"""Estimators on curves that a reader checks by eye."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from lth_core.claims.curve import Missing
from lth_core.claims.estimate import compute, estimate
from lth_core.claims.measures import curve
from lth_core.claims.tables import View
from lth_core.config.estimators import Statistic
from tests.projects import CONFIG

ACCURACY = "test_accuracy_at_early_stop"
STOP = "early_stop_iteration"
# Two trials that rise by a point to 51.2 % and fall by three; sizes 100 80 64 51.2 41 32.8.
HILL = [[0.90, 0.904, 0.908, 0.91, 0.90, 0.88], [0.92, 0.924, 0.928, 0.93, 0.92, 0.90]]

# Percent of weights by round, of each network.
LADDERS = pd.read_csv(CONFIG / "paper" / "pm_levels.csv", index_col="round")


def statistic(estimator: str, **keys: Any) -> Any:
    if "experiments" not in keys and "points" not in keys:
        keys.setdefault("experiment", "ticket")
    keys.setdefault("y", ACCURACY)
    return TypeAdapter(Statistic).validate_python({"estimator": estimator, **keys})


@pytest.mark.parametrize(
    ("estimator", "keys", "expected"),
    [
        ("value", {"size": 100}, 91.0),
        ("value", {"size": [80, 64]}, 91.6),
        ("value", {"size": [64, 80]}, 91.6),
        ("difference", {"size": 51.2, "minus": {"size": 100}}, 1.0),
        ("ratio", {"size": 51.2, "over": {"size": 100}}, 92 / 91),
        ("reduction", {"size": 32.8}, 100 * (1 - 89 / 91)),
        ("extreme", {"which": "largest"}, 92.0),
        ("extreme", {"which": "smallest", "sizes": [100, 41]}, 91.0),
        ("largest_gain", {}, 1.0),
        ("size_of_best", {}, 51.2),
        ("smallest_matching", {"reach": 40}, 41.0),
        ("smallest_matching", {"reach": 40, "pruned": True}, 59.0),
        ("smallest_matching", {"reach": 40, "margin": 3}, 32.8),
        ("smallest_matching", {"reach": 40, "threshold": 91.9}, 51.2),
        ("smallest_matching", {"reach": 40, "threshold": 99}, 100.0),
        ("first_better", {"threshold": 91.7}, 64.0),
        ("first_better", {"threshold": 99}, 0.0),
        ("first_better", {}, 80.0),  # the dense network, which is no worse than itself, is not it
        ("first_worse", {"threshold": 50}, 32.8),
        ("back_at_dense", {"threshold": 50}, 32.8),
        ("first_worse", {}, 32.8),
        ("first_worse", {"threshold": 91.5}, 80.0),
        ("back_at_dense", {}, 32.8),
        ("trend", {"sizes": [100, 51.2]}, 1.0),
        ("trend", {"sizes": [51.2, 32.8]}, -1.0),
        ("share_of_sizes", {"sizes": [100, 32.8], "threshold": 91.5}, 100 / 3),
        ("failing", {"sizes": [100, 100], "threshold": 91}, 50.0),
        ("share_of_sizes", {"sizes": [100, 32.8], "threshold": 92}, 100 / 6),  # the peak is 92
    ],
)
def test_one_curve(make, estimator: str, keys: dict[str, Any], expected: float) -> None:
    tables = make({"ticket": HILL})
    assert compute(statistic(estimator, **keys), View(tables)) == pytest.approx(expected)


def test_fewer_iterations_are_better(make) -> None:
    tables = make({"ticket": [[4000, 3000, 2000, 2500, 5000, 6000]]}, y=STOP)
    results = {
        name: compute(statistic(name, y=STOP), View(tables))
        for name in ("size_of_best", "largest_speedup", "smallest_matching", "back_at_dense")
    }
    assert results == {
        "size_of_best": 64.0, "largest_speedup": 2.0, "smallest_matching": 51.2,
        "back_at_dense": 41.0,
    }  # fmt: skip


def test_a_control_is_compared_with_the_ticket_and_its_dense_network(make) -> None:
    tables = make(
        {"ticket": [[0.9, 0.92, 0.93]], "reinit": [[0.91, 0.88]]}, first_round={"reinit": 1}
    )
    view = View(tables)
    at_64 = statistic("difference", size=64, minus={"experiment": "reinit"})
    assert compute(at_64, view) == pytest.approx(5)
    worse = statistic("first_worse", experiment="reinit", dense="ticket")
    assert compute(worse, view) == 64.0
    with pytest.raises(Missing, match="reinit has no dense network"):
        compute(statistic("largest_gain", experiment="reinit"), view)


def test_order_spread_lead_and_the_trend_over_experiments(make) -> None:
    tables = make({f"rate_{n}": [[0.9, 0.9 + n / 100]] for n in (1, 3, 4)})
    view = View(tables)
    points = [{"experiment": f"rate_{n}", "size": 80} for n in (1, 3, 4)]
    assert compute(statistic("order", points=points), view) == pytest.approx(1)
    assert compute(statistic("order", points=points[::-1]), view) == pytest.approx(-2)
    group = {"experiments": ["rate_*"], "size": 80}
    assert compute(statistic("order_trend", **group), view) == pytest.approx(1)
    assert compute(statistic("spread", **group, by="difference"), view) == pytest.approx(3)
    assert compute(statistic("spread", **group, by="ratio"), view) == pytest.approx(94 / 91)
    assert compute(statistic("best_of", **group), view) == pytest.approx(94)
    ahead = {"experiments": ["rate_4", "rate_3"], "size": 80, "rest": ["rate_*"]}
    assert compute(statistic("lead", **ahead), view) == pytest.approx(2)
    with pytest.raises(Missing, match="none of rate_4 but the group"):
        compute(statistic("lead", experiments=["rate_4"], size=80, rest=["rate_4"]), view)


def test_contrast_of_two_statistics(make) -> None:
    view = View(make({"ticket": HILL, "other": [[0.9, 0.88, 0.9, 0.8, 0.8, 0.8]]}))
    first = {"estimator": "smallest_matching", "experiment": "ticket", "y": ACCURACY}
    both = {"first": first, "second": first | {"experiment": "other"}}
    contrast = TypeAdapter(Statistic).validate_python({"estimator": "contrast", **both})
    assert compute(contrast, view) == pytest.approx(41 - 64)


def test_a_peak_counts_and_noise_or_a_slope_does_not(make) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0.9, 0.01, (40, 6))
    view = View(
        make(
            {
                "ticket": HILL,
                "noise": noise.tolist(),
                "slope": [[0.9, 0.89, 0.88, 0.87, 0.86, 0.85]] * 2,
            }
        )
    )
    peak = {"shape": "peak", "sizes": [100, 32.8]}
    assert compute(statistic("turn", **peak), view) > 0.5
    assert compute(statistic("turn", **peak, experiment="noise"), view) < 0.3
    assert compute(statistic("turn", **peak, experiment="slope"), view) < 0
    assert compute(statistic("turn", shape="dip", sizes=[100, 32.8]), view) < 0


def test_a_line_is_read_between_its_points_but_not_beyond(make) -> None:
    view = View(make({"ticket": HILL}))
    between = compute(statistic("value", size=(80 * 64) ** 0.5), view)
    assert between == pytest.approx(91.6)
    with pytest.raises(Missing, match="ticket has no 21.1 %"):
        compute(statistic("value", size=21.1), view)
    with pytest.raises(Missing, match="ticket is not run to 5 %"):
        compute(statistic("trend", sizes=[100, 5]), view)
    with pytest.raises(Missing, match="ticket is not run to 2 %"):
        compute(statistic("smallest_matching", reach=2), view)


@pytest.mark.parametrize("network", LADDERS.columns)
def test_sizes_are_read_as_the_paper_prints_them(make, network: str) -> None:
    sizes = LADDERS[network][LADDERS[network] >= 0.05].to_numpy()
    rounds = np.arange(len(sizes))
    view = View(make({"ticket": [rounds / 100]}, sizes=sizes))
    printed = pd.Series(sizes.round(1))
    for round_, size in printed[~printed.duplicated(keep=False)].items():
        assert compute(statistic("value", size=size), view) == pytest.approx(round_)


def test_a_range_counts_both_of_its_ends(make) -> None:
    sizes = LADDERS["lenet"].dropna().to_numpy()
    ticket = [*range(18), 100]  # round 18 keeps 1.851 %, which the paper prints as 1.9
    view = View(make({"ticket": [np.array(ticket) / 100]}, sizes=sizes))
    mean = compute(statistic("value", size=[51.3, 1.9]), view)
    assert mean == pytest.approx(np.mean(ticket[3:]), abs=0.1)
    every = {"which": "largest", "sizes": [51.3, 1.9]}
    assert compute(statistic("extreme", **every), view) == pytest.approx(100)


def test_diverged_runs_are_left_out_of_means_and_fail(make) -> None:
    rows = pd.DataFrame(
        {
            "round": [0, 0, 1, 1],
            "trial": [0, 1, 0, 1],
            "replicate": 0,
            "diverged": [False, True] * 2,
        }
    ).assign(percent_remaining=[100, 100, 80, 80], weights_remaining=1)
    rows[ACCURACY] = [0.9, 0.1, 0.8, 0.1]
    view = View(make({"ticket": rows}))
    assert compute(statistic("value", size=100), view) == pytest.approx(90)
    assert compute(statistic("failing", sizes=[100, 80], threshold=20), view) == 50


def test_one_run_that_fails_shows_that_some_do(make) -> None:
    statistic_ = statistic("failing", sizes=[100, 100], threshold=20)
    found = estimate(statistic_, make({"ticket": [[0.1], [0.6], [0.6]]}, sizes=[100.0]))
    assert found.value == pytest.approx(100 / 3)
    assert found.low is not None and found.low > 0
    found = estimate(statistic_, make({"ticket": [[0.5], [0.6], [0.6]]}, sizes=[100.0]))
    assert found.low == found.value == 0


def test_replicates_belong_to_their_trial(make) -> None:
    rows = pd.DataFrame({"round": 0, "trial": [0, 0, 0, 1], "replicate": [0, 1, 2, 0]})
    rows = rows.assign(
        percent_remaining=100.0, weights_remaining=1, **{ACCURACY: [0.6, 0.6, 0.6, 0.8]}
    )
    view = View(make({"ticket": rows}))
    assert compute(statistic("value", size=100), view) == pytest.approx(70)
    assert view.trials == {(0, 2)}


def test_trials_are_drawn_together_only_where_they_are_shared(make) -> None:
    """A control is as far from its ticket in every trial; another seed's trials are no pairs."""
    trials = [[0.80, 0.7], [0.84, 0.7], [0.92, 0.7]]
    tables = make({"ticket": trials, "control": [[a - 0.1, b] for a, b in trials]})
    less = statistic("difference", size=100, minus={"experiment": "control"})
    paired = estimate(less, tables)
    assert (paired.low, paired.high) == pytest.approx((10, 10))
    tables.seeds = {"control": 1}
    apart = estimate(less, tables)
    assert apart.value == pytest.approx(10)
    assert apart.low is not None and apart.low < 0 and apart.n == 3


def learning(values: list[tuple[int, float, float]]) -> pd.DataFrame:
    rows = pd.DataFrame(values, columns=["iteration", "loss", "accuracy"])
    both = [rows.assign(split=split) for split in ("validation", "test")]
    return pd.concat(both).assign(round=0, trial=0, replicate=0, percent_remaining=100.0)


def test_measures_of_learning_curves(make) -> None:
    curve = learning([(0, 2.3, 0.1), (500, 0.2, 0.96), (1000, 0.5, 0.98)])
    view = View(make({"ticket": [[0.9]]}, curves={"ticket": curve}))
    expected = {
        "first_validation_loss": 2.3, "minimum_validation_loss": 0.2, "end_validation_loss": 0.5,
    }  # fmt: skip
    for measure, loss in expected.items():
        assert compute(statistic("value", y=measure, size=100), view) == pytest.approx(loss)
    reached = statistic("value", y="iterations_to_accuracy", at=97, size=100)
    assert compute(reached, view) == 1000
    sooner = statistic("value", y="iterations_to_accuracy", at=96, size=100)
    assert compute(sooner, view) == 500, "at just that accuracy; both are kept apart"
    # Half of the paper's run is half of ours.
    halfway = statistic("value", y="test_accuracy", at=15000, of=30000, size=100)
    assert compute(halfway, view) == pytest.approx(96)


def test_patience_is_compared_with_the_least_loss(make) -> None:
    """An epoch is a tenth of the run: the least loss is at 100, and patience stops at 400."""
    accuracies = (0.1, 0.5, 0.97, 0.9, 0.9, 0.98, 0.98, 0.98, 0.98, 0.98, 0.98)
    curve = learning([(100 * i, 1.0 + i, each) for i, each in enumerate(accuracies)])
    view = View(make({"ticket": [[100]]}, y=STOP, curves={"ticket": curve}))
    patience = {"epochs": 2, "every": 917, "of": 9000}
    later = {"y": "patience_iteration", "patience": patience, "size": 100}
    assert compute(statistic("value", **later), view) == 400
    assert compute(statistic("ratio", **later, over={"y": STOP}), view) == pytest.approx(4)
    waits = later | {"patience": patience | {"epochs": 3}}
    assert compute(statistic("value", **waits), view) == 800, "both are kept apart"


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("smallest_matching", {"reach": 40}),
        ("first_better", {}),
        ("first_worse", {}),
        ("largest_gain", {}),
        ("difference", {"size": 80, "minus": {"size": 100}}),
    ],
)
def test_nothing_is_known_beside_a_dense_network_that_diverged(
    make, name: str, keys: dict[str, Any]
) -> None:
    chain = diverging([0], [0])
    assert np.isnan(compute(statistic(name, **keys), View(make({"ticket": chain}))))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("size_of_best", {}),
        ("back_at_dense", {}),
        ("extreme", {"which": "smallest"}),
        ("largest_gain", {}),
        ("largest_speedup", {}),
        ("trend", {"sizes": [100, 51.2]}),
    ],
)
def test_of_trials_that_diverged_throughout_there_is_no_interval(
    make, name: str, keys: dict[str, Any]
) -> None:
    """A resample may hold nothing else; of the other trial the value is known."""
    one = pd.concat([diverging(range(6), [1]), diverging([], [0])])
    found = estimate(statistic(name, **keys), make({"ticket": one}))
    assert np.isfinite(found.value) and np.isnan(found.low or 0)


def test_a_trend_takes_three_sizes(make) -> None:
    view = View(make({"ticket": diverging([1, 2], [0])}))
    assert compute(statistic("trend", sizes=[100, 41]), view) == 1
    with pytest.raises(Missing, match="has 2 sizes from 100 to 80, and 3 are needed"):
        compute(statistic("trend", sizes=[100, 80]), view)
    view = View(make({"ticket": diverging([1, 2, 3], [0])}))
    assert np.isnan(compute(statistic("trend", sizes=[100, 41]), view))


def diverging(rounds: Any, trials: Any) -> pd.DataFrame:
    """Trials that rise from round to round, but for `rounds`, which diverged."""
    rows = [
        {"round": i, "trial": trial, "replicate": 0, "percent_remaining": 100 * 0.8**i,
         "iterations": 1000, ACCURACY: 0.9 + i / 100, "diverged": i in rounds}
        for trial in trials for i in range(6)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def winning_runs(*accuracies: float) -> pd.DataFrame:
    """A chain of one trial that stops at 1,000 in every round."""
    rows = pd.DataFrame({"round": range(len(accuracies)), ACCURACY: accuracies, STOP: 1000})
    percent = 100 * 0.8 ** rows["round"]
    return rows.assign(trial=0, replicate=0, percent_remaining=percent, diverged=False)


def test_the_share_of_rounds_that_win(make) -> None:
    runs = {
        "net_3": winning_runs(0.97, 0.98, 0.97, 0.975, 0.97),
        "net_2": winning_runs(0.95, 0.96, 0.95, 0.94, 0.98),
        "net_1": winning_runs(0.9, 0.8, 0.91, 0.7, 0.6),
    }
    runs |= {"ticket": winning_runs(0.97, 0.98).query("round > 0")}
    view = View(make(runs))
    share = {"y": "winning", "x": "round", "size": [1, 4]}
    nets = {"experiments": ["net_*"], **share}
    for name, own, large in (("net_3", 100, 100), ("net_2", 75, 25), ("net_1", 25, 0)):
        of = {"experiment": name, **share}
        assert compute(statistic("value", **of), view) == own
        assert compute(statistic("value", **of, reference="net_3"), view) == large
    assert compute(statistic("order_trend", **nets), view) == pytest.approx(-1)
    small = nets | {"experiments": ["net_[12]"], "reference": "net_3"}
    assert compute(statistic("best_of", **small), view) == 25
    with pytest.raises(Missing, match="ticket has no dense network"):
        compute(statistic("value", **share | {"size": 1}), view)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"y": "patience_iteration"}, "`patience` belongs to patience_iteration"),
        ({"patience": {"epochs": 1, "every": 1, "of": 2}}, "`patience` belongs"),
        ({"reference": "other"}, "`reference` belongs to winning"),
    ],
)
def test_keys_of_other_measures_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        statistic("value", size=100, **keys)


def test_rates_of_xor_networks_by_units(make) -> None:
    rows = pd.DataFrame({"round": [0, 0, 1, 1], "trial": [0, 1, 0, 1], "units": [10, 10, 2, 2]})
    view = View(make({"xor": rows.assign(zero_loss=[True, True, False, True])}))
    rate = statistic("value", experiment="xor", y="zero_loss", x="units", size=2)
    assert compute(rate, view) == pytest.approx(50)


def test_an_axis_that_a_table_lacks_is_missing(make) -> None:
    tables = make({"ticket": HILL})
    with pytest.raises(Missing, match="the table of ticket has no units"):
        compute(statistic("value", x="units", size=4), View(tables))


@pytest.mark.parametrize("pruned", [True, False])
def test_the_smallest_that_matches_is_told_in_percent(pruned: bool) -> None:
    with pytest.raises(ValidationError, match="x should be percent"):
        statistic("smallest_matching", x="weights", pruned=pruned)


def test_sizes_are_read_off_the_axis_that_the_table_has() -> None:
    runs = pd.DataFrame({"round": [0, 1], "trial": 0, "weights": 100, "end_test_accuracy": 0.9})
    measure = statistic("value", y="end_test_accuracy", x="weights", size=80)
    found = curve("own", runs.assign(weights_remaining=[100, 80]), pd.DataFrame(), measure, runs)
    assert found.sizes.tolist() == [100, 80]
    measure = statistic("value", y="end_test_accuracy", size=80)
    with pytest.raises(Missing, match="the table of own has no percent"):
        curve("own", runs, pd.DataFrame(), measure, runs)


def test_agreement_is_of_two_measures(make) -> None:
    runs = winning_runs(0.90, 0.91, 0.92, 0.93).assign(**{STOP: [400, 300, 200, 100]})
    view = View(make({"ticket": runs.assign(iterations=1000)}))
    sizes = {"sizes": [100, 51.2]}
    assert compute(statistic("agreement", **sizes, **{"and": {"y": STOP}}), view) == -1
    assert compute(statistic("agreement", **sizes, **{"and": {"y": ACCURACY}}), view) == 1


def test_the_generalisation_gap_is_of_training_less_test_accuracy(make) -> None:
    runs = winning_runs(0.9).assign(end_train_accuracy=0.99, end_test_accuracy=0.97)
    gap = statistic("value", y="generalisation_gap", size=100)
    assert compute(gap, View(make({"ticket": runs}))) == pytest.approx(2)
