"""config/figures.yaml: all figures are there, and mistakes in it are found."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from pydantic import ValidationError

from lth_core.config.figures import Figures, LearningCurves, PruningCurves, load

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "config/figures.yaml"
FIGURES = load(FILE).figures


def test_every_lenet_figure_of_the_paper_is_there():
    numbers = {1, 3, 4, 9, 11, 12, *range(14, 32)}
    assert set(FIGURES) == {f"fig{number:02d}" for number in numbers}


@pytest.mark.parametrize("name", FIGURES)
def test_every_family_has_its_notebook(name):
    assert (ROOT / f"notebooks/{FIGURES[name].notebook}.ipynb").is_file()


@pytest.mark.parametrize("name", FIGURES)
def test_where_the_paper_has_curves_they_lie_behind_every_line(name):
    file = ROOT / f"config/paper/curves/{name}.csv"
    if not file.exists():
        return
    curves = pd.read_csv(file)
    series = {panel: set(rows["series"]) for panel, rows in curves.groupby("panel")}
    figure = FIGURES[name]
    if isinstance(figure, PruningCurves):
        for panel in figure.panels:
            assert set(panel.experiments or figure.experiments) <= series[panel.name]
    elif isinstance(figure, LearningCurves):
        for part in figure.panels:
            assert len(part.series) == len(series[part.name])


@pytest.mark.parametrize(
    ("key", "value"), [("colours", "blue"), ("notebook", "pie_charts"), ("columns", 0)]
)
def test_a_wrong_key_is_refused_by_name(key, value):
    figures = yaml.safe_load(FILE.read_text())
    figures["figures"]["fig04"][key] = value
    with pytest.raises(ValidationError, match=f"figures.fig04(.*{key}|[^.]*'{key}')"):
        Figures.model_validate(figures)


def test_a_panel_names_only_experiments_that_have_a_series():
    figures = yaml.safe_load(FILE.read_text())
    figures["figures"]["fig04"]["panels"][4]["experiments"] = ["lenet_ohneshot"]
    with pytest.raises(ValidationError, match="lenet_ohneshot"):
        Figures.model_validate(figures)
