"""What a notebook is told about its figure."""

from pathlib import Path

from lth_core.config.pruning_figures import PruningCurves
from lth_core.figures.inputs import open_figure

FIGURES = str(Path(__file__).resolve().parents[2] / "config/figures.yaml")


def test_captions_say_where_the_figure_is_from():
    assert open_figure(PruningCurves, "fig04", FIGURES, {}, None).caption.endswith("(Section 2 of the paper.)")
    own = open_figure(PruningCurves, "fig100", FIGURES, {}, None).caption
    assert own.startswith("## Figure 100 (not in the paper). ")
    assert own.endswith("(Not a figure of the paper; about its Section 2.)")
    first = open_figure(PruningCurves, "v1_fig04", FIGURES, {}, None).caption
    assert first.endswith("(v1, MNIST iterative; numbering ours, in slide order; slides only.)")
