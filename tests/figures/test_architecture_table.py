"""Figure 2, drawn from the config."""

import pytest

from lth_core.config.figure_at_scale import experiments_at_scale, figure_at_scale, note_of
from lth_core.config.table_figures import ArchitectureTable
from lth_core.config.training import Training
from lth_core.figures.architecture_table import convolutions, dense_layers, draw, optimizer
from lth_core.networks.defaults import completed_network
from tests.projects import project_at


@pytest.fixture(scope="module")
def drawn():
    smoke = project_at("smoke")
    assert experiments_at_scale(smoke, "fig02") == []
    assert note_of(smoke, smoke.figures["fig02"].experiments) == ""
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


def test_what_is_unlike_the_paper_is_said():
    training = Training(
        optimizer="momentum", learning_rate=0.1, batch_size=64, iterations=100, nesterov=True,
        drops=[50], drop_factor=0.2, schedule="cosine", label_smoothing=0.1,
    )  # fmt: skip
    assert optimizer(training).splitlines() == [
        "SGD 0.1 → 0.02", "at 50", "cosine to 0", "Nesterov momentum 0.9", "label smoothing 0.1",
    ]  # fmt: skip
    network = completed_network(
        {
            "input": [1, 28, 28],
            "activation": "gelu",
            "layers": [
                {"type": "conv", "filters": 16, "kernel": 5, "stride": 2},
                {"type": "conv", "filters": 16, "kernel": 5, "stride": 2},
                {"type": "conv", "filters": 32, "padding": 0},
                {"type": "dense", "units": 30},
            ],
            "classes": 10,
        }
    )
    assert convolutions(network) == "2×16 (5×5, stride 2), 32 (padding 0)"
    assert dense_layers(network) == "30, 10\n(all layers: gelu)"


def test_no_text_leaves_its_cell(drawn):
    figure, _, _ = drawn
    figure.draw_without_rendering()
    (table,) = figure.axes[0].tables
    for cell in table.get_celld().values():
        text, box = cell.get_text().get_window_extent(), cell.get_window_extent()
        assert text.x0 >= box.x0 and text.x1 <= box.x1, cell.get_text().get_text()
        assert text.y0 >= box.y0 and text.y1 <= box.y1, cell.get_text().get_text()


def test_an_entry_without_settings_is_refused():
    paper = project_at("paper").figures["fig02"]
    with pytest.raises(ValueError, match="Lenet: no settings"):
        draw(paper)
