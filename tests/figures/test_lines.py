"""Means, bars and what is left out of them."""

import numpy as np
import pandas as pd
import pytest

from lth_core.config.figures import PruningCurves
from lth_core.figures import paper_curves, pruning_curves
from lth_core.figures.axes import iteration_limits, iterations_text, shortened, widened
from lth_core.figures.lines import aggregate
from lth_core.figures.measured import measured_at
from lth_core.figures.runs import behind
from lth_core.figures.stamp import stamp


def test_mean_minimum_and_maximum_without_diverged_runs_and_nan():
    rows = pd.DataFrame(
        {"experiment": "net", "round": [0, 0, 0, 1, 1, 2], "trial": [0, 1, 2, 0, 1, 0]}
    )
    read = behind(
        rows.assign(replicate=0),
        panel="p",
        series="net",
        x=[100.0, 100.0, 100.0, 50.0, 50.0, 25.0],
        quantity="y",
        value=[1.0, 2.0, 6.0, 4.0, np.nan, 9.0],
        iteration=7,
        diverged=[False, False, True, False, False, True],
    )
    assert read["counted"].to_list() == [True, True, False, True, False, False]
    points = aggregate(read)
    assert list(points.columns)[2:] == ["x", "mean", "minimum", "maximum", "n_runs", "n_diverged"]
    assert (points["panel"] == "p").all() and (points["series"] == "net").all()
    two, one, diverged = points.iloc[:, 2:].to_numpy().tolist()
    assert two == [100, 1.5, 1.0, 2.0, 2, 1]
    assert one == [50, 4.0, 4.0, 4.0, 1, 0]
    assert np.isnan(diverged[1:4]).all()
    assert diverged[4:] == [0, 1]


def line(*means: float, bar: float = 0.0) -> pd.DataFrame:
    mean = np.array(means)
    return pd.DataFrame({"mean": mean, "minimum": mean - bar, "maximum": mean + bar})


def test_the_papers_range_is_kept_while_half_of_each_line_is_inside():
    assert widened((0.9, 1.0), [line(0.95, 0.92, 0.3, 0.1), line(0.99, bar=0.2)]) == (0.9, 1.0)


def test_the_range_is_widened_to_hold_a_line_that_is_mostly_outside_with_its_bars():
    low, high = widened((0.9, 1.0), [line(0.95, 0.94), line(0.91, 0.8, 0.7, bar=0.05)])
    assert 0.6 < low < 0.65
    assert high == 1.0


def test_a_range_of_iterations_is_cut_above_much_shorter_runs():
    assert shortened((0, 50000), [line(400, 500), line(300, 600, bar=100)]) == (0, 700 * 1.03)
    assert shortened((0, 50000), [line(400, 500), line(300, 20000)]) == (0, 50000)
    assert iteration_limits((0, 18000), 200) == (0, 200)
    assert iteration_limits((0, 18000), 8000) == (0, 18000)
    assert iteration_limits((1000, 18000), 200) == (0, 200)


def test_iterations_in_labels():
    assert iterations_text([8000, 8000]) == "8,000"
    assert iterations_text([30000, 20000, 25000]) == "20K/25K/30K"
    assert iterations_text([3200, 4000]) == "3,200/4,000"


SPEC = PruningCurves.model_validate(
    {
        "notebook": "pruning_curves",
        "section": "2",
        "title": "",
        "caption": "",
        "series": [
            {"experiment": "lenet_imp", "label": "ticket", "colour": "blue"},
            {"experiment": "lenet_imp_reinit", "label": "reinit", "colour": "orange"},
        ],
        "panels": [
            {
                "name": "end",
                "y": "end_test_accuracy",
                "label": "Accuracy at Iteration {iterations}",
                "limits": [0.9, 1.0],
                "x": {
                    "quantity": "percent_remaining",
                    "label": "Percent",
                    "limits": [100, 0.2],
                    "ticks": [100, 51.3],
                },
            }
        ],
    }
)


def summary() -> pd.DataFrame:
    rows = [
        dict(experiment=experiment, round=number, trial=trial, replicate=0)
        | dict(percent_remaining=percent, end_test_accuracy=accuracy)
        | dict(iterations=10000, diverged=diverged)
        for experiment, number, trial, percent, accuracy, diverged in (
            ("lenet_imp", 0, 0, 100.0, 0.97, False),
            ("lenet_imp", 0, 1, 100.0, 0.98, False),
            ("lenet_imp", 3, 0, 51.3, 0.99, False),
            ("lenet_imp_reinit", 3, 0, 51.3, 0.1, True),
            ("lenet_imp_reinit", 3, 1, 51.3, 0.96, False),
        )
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def drawn():
    curves = pd.DataFrame(
        [["end", "lenet_imp", x, y, None, None, 0] for x, y in ((100, 0.95), (50, 0.96))],
        columns=paper_curves.COLUMNS,
    )
    return pruning_curves.draw(SPEC, summary(), curves)


def test_numbers_are_those_of_the_lines(drawn):
    figure, numbers, _ = drawn
    ticket = numbers[numbers["series"] == "lenet_imp"]
    assert ticket["x"].to_list() == [100.0, 51.3]
    assert ticket["mean"].to_list() == [0.975, 0.99]
    reinit = numbers[numbers["series"] == "lenet_imp_reinit"].iloc[0]
    assert (reinit["mean"], reinit["n_runs"], reinit["n_diverged"]) == (0.96, 1, 1)


def test_what_is_drawn(drawn):
    figure, _, _ = drawn
    (axes,) = figure.axes
    left, right = axes.get_xlim()
    assert left > 100 > right, "the dense network is at the left"
    assert axes.get_ylabel() == "Accuracy at Iteration 10,000"
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["ticket", "reinit", "paper", "diverged"]


NO_LINES = pd.DataFrame({"left": [0.0], "density": [1.0]})


def test_the_scale_is_on_the_face_of_the_figure_unless_it_is_the_papers(drawn):
    figure, _, _ = drawn
    stamp(figure, {"name": "paper", "note": ""}, NO_LINES)
    assert figure.get_supxlabel() == ""
    stamp(figure, {"name": "quick", "note": "3 of 5 trials"}, NO_LINES)
    assert figure.get_supxlabel() == "quick scale: 3 of 5 trials"
    stamp(figure, {"name": "quick", "note": ""}, NO_LINES)
    assert figure.get_supxlabel() == "quick scale"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([5, 5], "lines: means of 5 runs; bars: smallest to largest"),
        ([5, 15, 0], "lines: means of 5 to 15 runs; bars: smallest to largest"),
        ([1, 2], "lines: means of 2 runs; bars: smallest to largest; without bars: one run"),
        ([1, 1], ""),
        ([0], ""),
        ([], ""),
    ],
)
def test_what_lines_and_bars_are_is_on_the_face_of_the_figure(counts, said, drawn):
    figure, _, _ = drawn
    stamp(figure, {"name": "paper", "note": ""}, pd.DataFrame({"n_runs": counts}))
    assert figure.get_supxlabel() == said
    stamp(figure, {"name": "quick", "note": ""}, pd.DataFrame({"n_runs": counts}))
    assert figure.get_supxlabel() == f"{said}\nquick scale".strip()


@pytest.mark.parametrize(("trials", "said"), [(5, "histograms: 5 trials pooled"), (1, "")])
def test_how_many_trials_histograms_pool_is_on_the_face_of_the_figure(trials, said, drawn):
    figure, _, _ = drawn
    stamp(figure, {"name": "paper", "note": ""}, NO_LINES.assign(n_trials=trials))
    assert figure.get_supxlabel() == said


def test_what_was_not_run_is_on_the_face_of_the_figure_at_every_scale(drawn):
    figure, _, _ = drawn
    stamp(figure, {"name": "paper", "note": "", "not_run": "reinit"}, NO_LINES)
    assert figure.get_supxlabel() == "not run: reinit"
    many = ", ".join(f"Line {number}" for number in range(20))
    stamp(figure, {"name": "quick", "note": "3 of 5 trials", "not_run": many}, NO_LINES)
    first, *rest = figure.get_supxlabel().split("\n")
    assert first == "quick scale: 3 of 5 trials"
    assert len(rest) > 1 and " ".join(rest) == f"not run: {many}"


def changed(series: list[dict], **panel) -> PruningCurves:
    """SPEC with other series, and changes to its panel."""
    whole = SPEC.model_dump()
    panels = [{**whole["panels"][0], "experiments": None, **panel}]
    return PruningCurves.model_validate({**whole, "series": series, "panels": panels})


def test_a_line_for_each_point_of_a_sweep():
    spec = changed(
        [
            {"experiment": "lr_{point}", "points": [0.1, 0.05, "5e-05"], "colour": "red"},
            {"experiment": "other", "label": "Other", "colour": "blue"},
        ]
    )
    assert spec.experiments == ["lr_0.1", "lr_0.05", "lr_5e-05", "other"]
    lines = spec.shown(spec.panels[0])
    assert [line.label for line in lines] == ["0.1", "0.05", "5e-05", "Other"]
    assert [line.colour for line in lines] == ["red", "purple", "brown", "blue"]


def test_a_line_for_each_trial():
    rows = [
        dict(experiment="ctl", round=number, trial=trial, replicate=replicate)
        | dict(percent_remaining=percent)
        | dict(end_test_accuracy=0.9 + 0.02 * trial + 0.01 * replicate)
        | dict(iterations=100, diverged=False)
        for number, percent in enumerate((100.0, 51.3))
        for trial in (0, 1)
        for replicate in (0, 1)
    ]
    series = dict(experiment="ctl", label="trial {trial}", colour="orange", each_trial=True)
    spec = changed([series])
    figure, numbers, runs = pruning_curves.draw(spec, pd.DataFrame(rows), paper_curves.read(None))
    assert list(numbers["series"].unique()) == ["ctl@trial0", "ctl@trial1"]
    assert numbers["mean"].to_numpy() == pytest.approx([0.905, 0.905, 0.925, 0.925])
    assert set(runs.loc[runs["series"] == "ctl@trial1", "trial"]) == {1}
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["trial 1", "trial 2"]

    alike = changed([series | {"label": "any trial"}])
    figure, again, _ = pruning_curves.draw(alike, pd.DataFrame(rows), paper_curves.read(None))
    pd.testing.assert_frame_equal(again, numbers)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["any trial"]


def test_a_round_is_a_point_of_its_own_even_if_it_prunes_nothing():
    table = summary()[:3]
    again = table[2:].assign(round=4, end_test_accuracy=0.95)
    spec = changed([{"experiment": "lenet_imp", "label": "ticket", "colour": "blue"}])
    _, numbers, runs = pruning_curves.draw(spec, pd.concat([table, again]), paper_curves.read(None))
    assert numbers["x"].to_list() == [100.0, 51.3, 51.3]
    assert numbers["mean"].to_list() == [0.975, 0.99, 0.95]
    assert runs["round"].to_list() == [0, 0, 3, 4]


def test_a_point_is_at_the_mean_size_of_its_networks():
    table = summary()[:2].assign(percent_remaining=[50.0, 52.0])
    spec = changed([{"experiment": "lenet_imp", "label": "ticket", "colour": "blue"}])
    _, numbers, runs = pruning_curves.draw(spec, table, paper_curves.read(None))
    assert numbers[["x", "mean"]].to_numpy().tolist() == [[51.0, 0.975]]
    assert runs["x"].to_list() == [51.0, 51.0]


def curves() -> pd.DataFrame:
    rows = [
        dict(experiment=experiment, round=0, trial=trial, replicate=0, percent_remaining=100.0)
        | dict(iteration=iteration, split=split, loss=0.1)
        | dict(accuracy=iteration / 1000 + 0.1 * trial + 0.01 * (split == "test"))
        for experiment, last in (("long", 400), ("short", 200))
        for trial in (0, 1)
        for iteration in range(0, last + 1, 100)
        for split in ("validation", "test")
    ]
    return pd.DataFrame(rows)


def runs() -> pd.DataFrame:
    rows = [
        dict(experiment=experiment, round=0, trial=trial, replicate=0, percent_remaining=100.0)
        | dict(iterations=last, diverged=False)
        for experiment, last in (("short", 200), ("long", 400))
        for trial in (0, 1)
    ]
    return pd.DataFrame(rows)


def test_accuracy_at_a_fixed_iteration():
    spec = changed(
        [{"experiment": "long", "label": "long", "colour": "blue"}],
        y="validation_accuracy",
        at=300,
        label="Accuracy at {at}",
    )
    table = measured_at(runs(), curves(), {200, 300})
    assert table["test_accuracy_at_200"].to_list() == pytest.approx([0.21, 0.31, 0.21, 0.31])
    figure, numbers, read = pruning_curves.draw(spec, table, paper_curves.read(None))
    assert numbers["mean"].to_list() == [pytest.approx(0.35)]
    assert figure.axes[0].get_ylabel() == "Accuracy at 300"


def test_an_iteration_that_was_not_evaluated_is_refused():
    short = [{"experiment": "short", "label": "short", "colour": "blue"}]
    spec = changed(short, y="test_accuracy", at=300)
    table = measured_at(runs(), curves(), {200, 300})
    with pytest.raises(ValueError, match="panel end: short has no test_accuracy_at_300"):
        pruning_curves.draw(spec, table, paper_curves.read(None))


@pytest.mark.parametrize(
    ("series", "panel", "message"),
    [
        ({"experiment": "lr_{point}"}, {}, "go together"),
        ({"experiment": "lr", "points": [1]}, {}, "go together"),
        ({"experiment": "lr"}, {}, "label is missing"),
        ({"experiment": "lr", "label": ""}, {"y": "test_accuracy"}, "`at` goes with"),
        ({"experiment": "lr", "label": ""}, {"at": 100}, "`at` goes with"),
    ],
)
def test_what_does_not_go_together_is_refused(series, panel, message):
    with pytest.raises(ValueError, match=message):
        changed([{**series, "colour": "blue"}], **panel)


def test_a_legend_for_each_row():
    whole = SPEC.model_dump()
    one, two = whole["series"]
    panels = [
        {**whole["panels"][0], "name": name, "experiments": [experiment]}
        for name, experiment in (("a", "lenet_imp"), ("b", "lenet_imp_reinit"))
    ]
    spec = PruningCurves.model_validate({**whole, "panels": panels, "legend": "row", "columns": 1})
    figure, _, _ = pruning_curves.draw(spec, summary(), paper_curves.read(None))
    legends = [axes.get_legend().get_texts() for axes in figure.axes]
    assert [[text.get_text() for text in texts] for texts in legends] == [
        ["ticket"],
        ["reinit", "diverged"],
    ]


@pytest.mark.parametrize("legend", ["figure", "row"])
def test_a_panel_without_runs_keeps_its_place_and_says_so(legend: str):
    whole = SPEC.model_dump()
    panels = [
        {**whole["panels"][0], "name": name, "experiments": experiments}
        for name, experiments in (("a", None), ("b", ["lenet_imp_reinit"]))
    ]
    spec = PruningCurves.model_validate({**whole, "panels": panels, "legend": legend, "columns": 1})
    table = summary().query("experiment == 'lenet_imp'")
    figure, numbers, runs = pruning_curves.draw(spec, table, paper_curves.read(None))
    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [[], ["not run"]]
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()
    assert figure.axes[1].get_ylabel() == "Accuracy at the End"
    assert set(numbers["panel"]) == set(runs["panel"]) == {"a"}


def test_networks_without_weights_are_said_to_lie_beyond_a_log_axis():
    nothing = summary()[:1].assign(round=9, percent_remaining=0.0)
    spec = changed([{"experiment": "lenet_imp", "label": "ticket", "colour": "blue"}])
    table = pd.concat([summary()[:3], nothing])
    figure, numbers, _ = pruning_curves.draw(spec, table, paper_curves.read(None))
    (axes,) = figure.axes
    assert "networks without weights: beyond this axis" in [t.get_text() for t in axes.texts]
    assert axes.lines[0].get_xdata().tolist() == [100, 51.3]
    assert numbers["x"].to_list() == [100, 51.3, 0]
    linear = spec.panels[0].x.model_copy(update={"scale": "linear"})
    spec = spec.model_copy(update={"panels": [spec.panels[0].model_copy(update={"x": linear})]})
    figure, _, _ = pruning_curves.draw(spec, table, paper_curves.read(None))
    assert figure.axes[0].lines[0].get_xdata().tolist() == [100, 51.3, 0]


def test_a_line_of_diverged_runs_alone_is_a_row_of_crosses():
    table = summary()[:3].assign(diverged=True)
    spec = changed([{"experiment": "lenet_imp", "label": "ticket", "colour": "blue"}])
    figure, numbers, _ = pruning_curves.draw(spec, table, paper_curves.read(None))
    assert numbers["mean"].isna().all() and numbers["n_diverged"].to_list() == [2, 1]
    crosses = figure.axes[0].collections[-1].get_offsets()
    assert crosses[:, 0].tolist() == [100, 51.3]


def test_a_point_that_no_line_reaches_has_a_marker():
    table = pd.concat([summary()[:3], summary()[2:3].assign(round=5, percent_remaining=40.0)])
    table.loc[table["round"] == 3, "diverged"] = True
    spec = changed([{"experiment": "lenet_imp", "label": "ticket", "colour": "blue"}])
    figure, _, _ = pruning_curves.draw(spec, table, paper_curves.read(None))
    (line,) = (line for line in figure.axes[0].lines if len(line.get_xdata()) == 3)
    assert line.get_marker() == "o" and line.get_markevery() == [0, 2]


LONG = "Randomly reinitialised winning tickets (three draws a ticket, Adam at 1.2e-3), "


@pytest.mark.parametrize("label", [LONG, 5 * LONG, LONG + "$a + b = c$ and more", "x" * 200])
@pytest.mark.parametrize("legend", ["figure", "row"])
def test_a_long_label_is_broken_and_not_dropped(legend: str, label: str):
    whole = SPEC.model_dump() | {"legend": legend, "columns": 1}
    whole["series"] = [one | {"label": label + one["label"]} for one in whole["series"]]
    figure, _, _ = pruning_curves.draw(
        PruningCurves.model_validate(whole), summary(), paper_curves.read(None)
    )
    (drawn,) = figure.legends or [figure.axes[0].get_legend()]
    figure.draw_without_rendering()
    assert drawn.get_window_extent().width <= figure.bbox.width
    assert drawn.get_window_extent().height <= figure.bbox.height
    assert figure.axes[0].get_window_extent().width > figure.bbox.width / 5
    assert figure.axes[0].get_window_extent().height > figure.bbox.height / 5
    texts = ["".join(text.get_text().split()) for text in drawn.get_texts()]
    wanted = ["".join((label + name).split()) for name in ("ticket", "reinit")]
    assert texts == [*wanted, "diverged"]
    assert ("$a + b = c$" in label) == ("$a + b = c$" in drawn.get_texts()[0].get_text())


def test_lines_with_one_label_that_look_different_are_both_in_the_legend():
    series = [
        {"experiment": "lenet_imp", "label": "diverged", "colour": "blue"},
        {"experiment": "lenet_imp_reinit", "label": "diverged", "colour": "orange"},
    ]
    figure, _, _ = pruning_curves.draw(changed(series), summary(), paper_curves.read(None))
    assert [t.get_text() for t in figure.legends[0].get_texts()] == 3 * ["diverged"]


def own_axis(scale: str = "log", sizes: tuple[float, ...] = (100.0, 80.0, 64.0), **axis: object):
    """Draw SPEC on an axis of one's own, with a point of each series at each of these sizes."""
    x = {"quantity": "percent_remaining", "label": "Percent", "scale": scale, **axis}
    panel = SPEC.panels[0].model_dump() | {"x": x}
    spec = PruningCurves.model_validate(SPEC.model_dump() | {"panels": [panel]})
    rows = [
        dict(experiment=experiment, round=number, trial=trial, replicate=0, iterations=100)
        | dict(percent_remaining=size, end_test_accuracy=0.95 + trial / 100, diverged=False)
        for experiment in ("lenet_imp", "lenet_imp_reinit")
        for number, size in enumerate(sizes)
        for trial in range(2)
    ]
    figure, _, _ = pruning_curves.draw(spec, pd.DataFrame(rows), paper_curves.read(None))
    figure.draw_without_rendering()
    return figure


@pytest.mark.parametrize("scale", ["log", "linear"])
@pytest.mark.parametrize("sizes", [(100.0, 80.0, 64.0), (100.0,), (100.0, 99.999), (0.02, 0.01)])
def test_an_axis_without_limits_is_as_long_as_the_data(scale: str, sizes: tuple[float, ...]):
    axes = own_axis(scale, sizes).axes[0]
    left, right = axes.get_xlim()
    assert left > max(sizes) and 0 < right < min(sizes)
    ends = (axes.transData - axes.transAxes).transform([(max(sizes), 1), (min(sizes), 1)])[:, 0]
    if len(sizes) > 1:
        assert ends[0] < 0.1 and ends[1] > 0.9
    ticks = [float(label.get_text()) for label in axes.get_xticklabels()]
    assert ticks == pytest.approx(sizes, rel=0.01)


def test_ticks_that_are_not_given_have_room():
    axes = own_axis(sizes=tuple(100 * 0.8**number for number in range(29))).axes[0]
    labels = [label for label in axes.get_xticklabels() if label.get_text()]
    boxes = [label.get_window_extent() for label in labels]
    assert 5 <= len(boxes) <= 11 and labels[0].get_text() == "100"
    assert all(one.x1 < other.x0 for one, other in zip(boxes, boxes[1:], strict=False))


def test_notes_lie_over_no_data():
    axis = {"quantity": "percent_remaining", "label": "Percent"}
    panel = SPEC.panels[0].model_dump() | {"x": axis, "limits": [0.96, 0.97], "title": "A title"}
    spec = PruningCurves.model_validate(SPEC.model_dump() | {"panels": [panel]})
    rows = summary().assign(end_test_accuracy=[0.5, 0.5, 0.99, 0.1, 0.3])
    rows.loc[3:, "percent_remaining"] = 0.0
    figure, _, _ = pruning_curves.draw(spec, rows, paper_curves.read(None))
    figure.draw_without_rendering()
    axes = figure.axes[0]
    [notes] = axes.texts
    assert notes.get_text().splitlines() == [
        "networks without weights: beyond this axis",
        "dotted: where the axis starts and ends at paper scale",
    ]
    box, title = notes.get_window_extent(), axes.title.get_window_extent()
    assert box.y0 >= axes.bbox.y1 and title.y0 >= box.y1
    assert box.x0 >= 0 and title.y1 <= figure.bbox.y1


def test_what_is_drawn_are_the_means_the_bars_and_the_papers_values():
    """The CSV may be right and the picture wrong."""
    rows = pd.concat([summary()[:3], summary()[:1].assign(trial=2, end_test_accuracy=0.90)])
    paper = pd.DataFrame(
        [["end", "lenet_imp", x, y, None, None, 0] for x, y in ((100, 0.95), (50, 0.96))],
        columns=paper_curves.COLUMNS,
    )
    figure, numbers, _ = pruning_curves.draw(SPEC, rows, paper)
    (axes,) = figure.axes
    lines = [line.get_xydata().tolist() for line in axes.lines]
    assert numbers[["x", "mean"]].to_numpy().tolist() in lines
    assert [[50, 0.96], [100, 0.95]] in lines
    (bars,) = axes.containers
    ends = [segment[:, 1].tolist() for segment in bars.lines[2][0].get_segments()]
    assert ends == [pytest.approx([0.90, 0.98])], "one run has no range"
