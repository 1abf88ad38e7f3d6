"""config/figures/: all figures are there, and mistakes in them are found."""

from pathlib import Path

import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from lth_core.arms import sources
from lth_core.config.figure import is_own
from lth_core.config.figures import AnyFigure, FigureSpec
from lth_core.config.learning_figures import LearningCurves
from lth_core.config.pruning_figures import PruningCurves
from tests.projects import project_at

ROOT = Path(__file__).resolve().parents[2]
FIGURES = project_at("quick").figures
SPEC: TypeAdapter[AnyFigure] = TypeAdapter(FigureSpec)
CURVES = {path.stem: path for path in (ROOT / "config/paper/curves").glob("*.csv")}
# Lines that can't be read off the paper's figure (config/paper/curves/README.md).
UNREADABLE = {"fig37": {"conv2_convonly"}}


def test_every_figure_of_both_versions_is_there_and_ours():
    paper = {f"fig{number:02d}" for number in range(1, 46)}
    first = {f"v1_fig{number:02d}" for number in range(1, 12)} | {"v1_tab1", "v1_tab2"}
    assert len(paper | first) == 58
    assert {name for name in FIGURES if not is_own(name)} == paper | first
    ours = {
        f"fig{number}"
        for number in (
            *(100, 101, 110, 111, 112, 113, 114, 115, 116, 117, 118),
            *(120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130),
        )
    }
    assert {name for name in FIGURES if is_own(name)} == ours


def test_the_comparison_shows_every_way_to_find_a_mask():
    """All but those that take tickets, to shuffle or to mix them, from other experiments."""
    experiments = project_at("quick").experiments
    shown = set(FIGURES["fig130"].experiments)
    shown |= {one for name in shown if (one := experiments[name].arm.mask.taken_from)}
    found = {experiments[name].arm.mask.source for name in shown}
    assert set(sources("masks")) - found == {"dense", "pool", "shuffled_across"}
    for panel in FIGURES["fig130"].panels:
        assert {"lenet_imp", "lenet_random"} <= set(panel.experiments)


@pytest.mark.parametrize("name", FIGURES)
def test_every_family_has_its_notebook(name):
    assert (ROOT / f"notebooks/{FIGURES[name].notebook}.ipynb").is_file()


def test_curves_were_read_off_every_figure_of_the_paper_that_has_lines():
    """But for Figure 11, which has too many; of the first version only text was available."""
    lines = PruningCurves | LearningCurves
    drawn = {name for name, figure in FIGURES.items() if isinstance(figure, lines)}
    assert set(CURVES) == {n for n in drawn if n.startswith("fig") and not is_own(n)} - {"fig11"}


@pytest.mark.parametrize("name", CURVES)
def test_where_the_paper_has_curves_they_lie_behind_every_line(name):
    curves = pd.read_csv(CURVES[name])
    series = {panel: set(rows["series"]) for panel, rows in curves.groupby("panel")}
    figure = FIGURES[name]
    if isinstance(figure, PruningCurves):
        for panel in figure.panels:
            ours = {line.experiment for line in figure.shown(panel)}
            assert series[panel.name] == ours - UNREADABLE.get(name, set())
    elif isinstance(figure, LearningCurves):
        for part in figure.panels:
            assert len(part.series) == len(series[part.name])


@pytest.mark.parametrize(
    ("key", "value"), [("colours", "blue"), ("notebook", "pie_charts"), ("columns", 0)]
)
def test_a_wrong_key_is_refused_by_name(key, value):
    figure = FIGURES["fig04"].model_dump(mode="json") | {key: value}
    with pytest.raises(ValidationError, match=key):
        SPEC.validate_python(figure)


def test_patience_is_given_where_it_is_drawn():
    figure = FIGURES["fig122"].model_dump(mode="json")
    for changed in (
        figure | {"patience": None},
        FIGURES["fig04"].model_dump(mode="json") | {"patience": figure["patience"]},
    ):
        with pytest.raises(ValidationError, match="`patience` and the y `patience_iteration`"):
            SPEC.validate_python(changed)


def test_a_panel_names_only_experiments_that_have_a_series():
    figure = FIGURES["fig04"].model_dump(mode="json")
    figure["panels"][4]["experiments"] = ["lenet_ohneshot"]
    with pytest.raises(ValidationError, match="lenet_ohneshot"):
        SPEC.validate_python(figure)
