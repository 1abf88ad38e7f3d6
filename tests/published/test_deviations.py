"""How far lines are from the paper's: arithmetic on a hand-made case, and what is left out."""

from pathlib import Path

import pandas as pd
import pytest

from lth_core.config.pruning_figures import PruningCurves
from lth_core.publish.deviations import Deviation, deviations
from lth_core.publish.deviations_text import markdown

SIZES = (100.0, 80.03757, 64.0)
# By trial, replicate and size: the trials' means at 80 % are 98 and 99 %.
ACCURACY = {
    (0, 0): (0.970, 0.975, 0.950),
    (0, 1): (0.970, 0.985, 0.950),
    (1, 0): (0.972, 0.990, 0.950),
    (1, 1): (0.972, 0.990, 0.950),
}
COLUMNS = ["panel", "series", "x", "y", "y_min", "y_max", "uncertain"]


def spec(
    y: str = "end_test_accuracy", at: int | None = None, x: str = "percent_remaining"
) -> PruningCurves:
    axis = {"quantity": x, "label": "x", "limits": [100, 1], "ticks": [100]}
    series = [{"experiment": name, "label": name, "colour": "red"} for name in ("one", "other")]
    return PruningCurves.model_validate(
        {
            "notebook": "pruning_curves",
            "section": "1",
            "title": "t",
            "caption": "c",
            "series": series,
            "panels": [{"name": "p", "label": "y", "x": axis, "y": y, "at": at}],
        }
    )


def paper(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows: size, value, ends of the bar, uncertain."""
    return pd.DataFrame([("p", "one", *row) for row in rows], columns=COLUMNS)


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    runs = pd.DataFrame(
        [
            {
                "round": round_,
                "trial": trial,
                "replicate": replicate,
                "percent_remaining": SIZES[round_],
                "weights_remaining": 2662 * SIZES[round_],
                "iterations": 1000,
                "end_test_accuracy": value,
                "early_stop_iteration": 100 * (round_ + trial),
                "diverged": False,
            }
            for (trial, replicate), values in ACCURACY.items()
            for round_, value in enumerate(values)
        ]
    )
    runs.to_parquet(tmp_path / "summary.parquet")
    run = ["round", "trial", "replicate"]
    curves = [
        runs[run].assign(split="test", iteration=iteration, accuracy=iteration / 2000)
        for iteration in (300, 1000)
    ]
    pd.concat(curves).to_parquet(tmp_path / "curves.parquet")
    return {"one": tmp_path}


def only(found: object) -> Deviation:
    (deviation,) = found  # type: ignore[misc]
    return deviation


def test_differences_and_their_intervals(folders: dict[str, Path]) -> None:
    nothing = float("nan")
    curve = paper((100, 0.974, nothing, nothing, 0), (80.0376, 0.98, 0.978, nothing, 0))
    line = only(deviations(spec(), folders, curve))
    dense, pruned = line.points
    assert (dense.ours.value, dense.paper) == pytest.approx((97.1, 97.4))
    assert dense.difference == pytest.approx(-0.3)
    assert dense.interval == pytest.approx((-0.3 - 1.27, -0.3 + 1.27), abs=0.06)
    assert dense.holds is True
    assert dense.ratio == pytest.approx(0.3 / 1.27, rel=0.05)
    # Trials are the units, two of 98 and 99 %; an accuracy ends at 100 %.
    low, high = pruned.interval or (0, 0)
    assert low == pytest.approx(0.5 - 6.35, abs=0.3)
    assert high == pytest.approx(2)
    assert pruned.bar[0] == pytest.approx(97.8)
    assert line.mean == pytest.approx(0.1)
    assert line.largest == pruned


def test_doubtful_points_count_in_the_mean_but_are_never_the_largest(
    folders: dict[str, Path],
) -> None:
    line = only(deviations(spec(), folders, paper((100, 0.97, 0, 0, 0), (64, 0.9, 0, 0, 1))))
    assert [point.uncertain for point in line.points] == [False, True]
    assert line.mean == pytest.approx((0.1 + 5) / 2)
    assert line.largest == line.points[0]


def test_other_sizes_are_no_common_points(folders: dict[str, Path]) -> None:
    line = only(deviations(spec(), folders, paper((97.5, 0.9, 0, 0, 0))))
    assert line.points == ()
    text = markdown("fig04", "quick", "2 of 5 trials", "", [line])
    assert "| p | one | 0 | ? | 0 of 0 |" in text


def test_iterations_are_counts(folders: dict[str, Path]) -> None:
    line = only(deviations(spec("early_stop_iteration"), folders, paper((64, 2000, 0, 0, 0))))
    assert line.points[0].difference == pytest.approx(250 - 2000)


def test_sizes_in_thousands_of_weights(folders: dict[str, Path]) -> None:
    panel = spec(x="weights_remaining")
    line = only(deviations(panel, folders, paper((266.2, 0.974, 0, 0, 0), (170.37, 0.9, 0, 0, 1))))
    assert [point.size for point in line.points] == pytest.approx([266.2, 170.368])
    assert line.points[0].difference == pytest.approx(-0.3)
    assert "| 266.2 K weights | 97.10 |" in markdown("fig31", "paper", "", "", [line])


def test_a_panel_at_an_iteration_reads_the_learning_curves(folders: dict[str, Path]) -> None:
    line = only(deviations(spec("test_accuracy", 300), folders, paper((100, 0.2, 0, 0, 0))))
    assert line.points[0].difference == pytest.approx(15 - 20)


def test_a_line_without_a_table_is_left_out(folders: dict[str, Path]) -> None:
    assert list(deviations(spec(), {}, paper((100, 0.97, 0, 0, 0)))) == []


def test_the_text_says_first_what_the_scale_lacks(folders: dict[str, Path]) -> None:
    curve = paper((100, 0.974, 0.97, 0.98, 0), (64, 0.9, 0, 0, 1))
    found = list(deviations(spec(), folders, curve))
    first, *_ = markdown("fig04", "quick", "2 of 5 trials", "", found).splitlines()
    assert first == "fig04 at scale quick: 2 of 5 trials; deviations mean little."
    text = markdown("fig04", "paper", "", "", found)
    assert text.startswith("fig04 at scale paper: as published.")
    low, high = found[0].points[0].interval or (0, 0)
    held = f"1 of 1 | -0.30 | {low:+.2f} to {high:+.2f} | yes"
    cells = f"2 (1 in doubt) | +2.35 | {held} | 100 % | 97.10 | 97.40"
    assert f"| p | one | {cells} | 97.00 to 98.00 |" in text
    furthest = "relative to its interval: p, one at 100 %: -0.30, 0.2 times half the interval"
    assert furthest in text
