"""Figure 2, drawn from the config."""

from pathlib import Path

import pytest

from lth_core.config.at_scale import experiments_at_scale, figure_at_scale, scale_note
from lth_core.config.load import load
from lth_core.config.table_figures import ArchitectureTable
from lth_core.figures.architecture_table import draw

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def drawn():
    smoke = load(CONFIG, {"scale": "smoke"})
    assert experiments_at_scale(smoke, "fig02") == []
    assert scale_note(smoke, "fig02") == ""
    return draw(ArchitectureTable.model_validate(figure_at_scale(smoke, "fig02")))


def test_the_table_is_the_papers_at_every_scale(drawn):
    _, table, _ = drawn
    table = table.set_index("network")
    assert table.loc["Weights, all (counted)"].to_list() == [
        "266,200", "4,300,992", "2,425,024", "1,667,264", "2,261,184", "270,896", "20,024,000",
    ]  # fmt: skip
    assert table.loc["Convolutions"].to_list() == [
        "–",
        "2×64, pool",
        "2×64, pool\n2×128, pool",
        "2×64, pool\n2×128, pool\n2×192, pool",
        "2×64, pool\n2×128, pool\n2×256, pool",
        "16, 3×[16, 16]\n3×[32, 32]\n3×[64, 64]\navg-pool",
        "2×64, pool\n2×128, pool\n4×256, pool\n4×512, pool\n4×512, avg-pool",
    ]
    assert table.loc["Iterations / batch", "Lenet"] == "50,000 / 60"
    assert table.loc["Optimizer", "VGG-19"].splitlines() == [
        "SGD 0.1 → 0.01 → 0.001",
        "at 56,240, 84,360",
        "momentum 0.9",
        "weight decay 0.0001",
        "flips and crops",
    ]
    assert table.loc["Pruning rate", "Conv-6 as plotted"].splitlines() == [
        "conv 15%", "fc 20%", "output 10%", "(each layer)",
    ]  # fmt: skip


def test_no_text_leaves_its_cell(drawn):
    figure, _, _ = drawn
    figure.draw_without_rendering()
    (table,) = figure.axes[0].tables
    for cell in table.get_celld().values():
        text, box = cell.get_text().get_window_extent(), cell.get_window_extent()
        assert text.x0 >= box.x0 and text.x1 <= box.x1, cell.get_text().get_text()
        assert text.y0 >= box.y0 and text.y1 <= box.y1, cell.get_text().get_text()


def test_an_entry_without_settings_is_refused():
    paper = load(CONFIG, {"scale": "paper"}).figures["fig02"]
    with pytest.raises(ValueError, match="Lenet: no settings"):
        draw(paper)
