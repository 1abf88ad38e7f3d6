"""What a notebook is told about its figure."""

from pathlib import Path

import pytest

from lth_core.figures.inputs import heading, open_figure

FIGURES = str(Path(__file__).resolve().parents[2] / "config/figures.yaml")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fig04", "Figure 4"),
        ("fig45", "Figure 45"),
        ("fig101", "Figure 101 (not in the paper)"),
        ("v1_fig11", "Version 1, Figure 11"),
        ("v1_tab2", "Version 1, Table 2"),
    ],
)
def test_headings(name, text):
    assert heading(name) == text


def test_captions_say_where_the_figure_is_from():
    assert open_figure("fig04", FIGURES, {}, None).caption.endswith("(Section 2 of the paper.)")
    own = open_figure("fig100", FIGURES, {}, None).caption
    assert own.startswith("## Figure 100 (not in the paper). ")
    assert own.endswith("(Not a figure of the paper; about its Section 2.)")
    first = open_figure("v1_fig04", FIGURES, {}, None).caption
    assert first.endswith("(v1, MNIST iterative; numbering ours, in slide order; slides only.)")
