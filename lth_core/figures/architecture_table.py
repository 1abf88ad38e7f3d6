"""Figure 2: networks and how they are trained, as a drawn table."""

from itertools import groupby
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from lth_core.config.table_figures import ArchitectureTable, TableNetwork
from lth_core.config.training import Training
from lth_core.figures import runs, style
from lth_core.networks.defaults import completed_network
from lth_core.networks.shapes import padding, weight_layers

_LINE = 0.16  # inches of height for each line of text
_FIRST = 1.05  # width of the column of headings, in widths of a network's column


def draw(spec: ArchitectureTable) -> tuple[Figure, pd.DataFrame, pd.DataFrame]:
    """Return the figure, the table in it (a row of text for each property), and no runs.

    Raises ValueError where the spec has not been given the networks' settings.
    """
    table = pd.DataFrame({column.label: describe(column) for column in spec.networks})
    table.index.name = "network"
    lines = table.map(lambda text: text.count("\n") + 1).max(axis=1).to_list()
    style.apply_theme()
    height = _LINE * (sum(lines) + 0.8 * len(lines) + 2)
    figure = plt.figure(figsize=(spec.width * (len(spec.networks) + _FIRST), height))
    plt.close(figure)  # as in style.panels
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    _draw_cells(axes, table, lines)
    return figure, table.reset_index(), runs.table([])


def describe(column: TableNetwork) -> dict[str, str]:
    """Return the texts of a network's column by row; weights are stated and counted."""
    if column.settings is None:
        raise ValueError(f"{column.label}: no settings; figure_at_scale fills them in")
    network = completed_network(column.settings["network"])
    training = Training.model_construct(**column.settings["training"])
    layers = weight_layers(network)
    conv = sum(layer.size for layer in layers if layer.kind in ("conv", "shortcut"))
    return {
        "Convolutions": convolutions(network),
        "FC layers": dense_layers(network),
        "Weights, all (stated)": column.stated_weights,
        "Weights, all (counted)": f"{sum(layer.size for layer in layers):,}",
        "Weights, conv (stated)": column.stated_conv or "–",
        "Weights, conv (counted)": f"{conv:,}" if conv else "–",
        "Iterations / batch": f"{training.iterations:,} / {training.batch_size}",
        "Optimizer": optimizer(training),
        "Pruning rate": pruning_rates(column.settings["pruning"], {la.kind for la in layers}),
    }


def convolutions(network: dict[str, Any]) -> str:
    """Return the convolutional layers as in the paper, e.g. "64, 64, pool" and so on."""
    lines: list[str] = [""]
    for text, group in groupby(_convolution(spec) for spec in network["layers"]):
        number = len(list(group))
        if not text:
            continue
        lines[-1] += ", " * bool(lines[-1]) + (f"{number}×{text}" if number > 1 else text)
        if text.startswith("[") or text.endswith("pool"):
            lines.append("")
    return "\n".join(line for line in lines if line) or "–"


def _convolution(spec: dict[str, Any]) -> str:
    if spec["type"] == "conv":
        return _plain_convolution(spec)
    filters = spec.get("filters")
    texts = {
        "residual": f"[{filters}, {filters}]",
        "max_pool": "pool",
        "average_pool": "avg-pool",
    }
    return texts.get(spec["type"], "")


def _plain_convolution(spec: dict[str, Any]) -> str:
    """Return e.g. "16", or "16 (5×5, stride 2)" where it is not as the paper's are."""
    kernel = spec["kernel"]
    unlike = {
        f"{kernel}×{kernel}": kernel != 3,
        f"stride {spec['stride']}": spec["stride"] != 1,
        f"padding {padding(spec)}": padding(spec) != kernel // 2,
    }
    said = ", ".join(text for text, differs in unlike.items() if differs)
    return f"{spec['filters']} ({said})" if said else f"{spec['filters']}"


def dense_layers(network: dict[str, Any]) -> str:
    """Return the units of dense layers and output, and the activation if it is not the paper's."""
    units = [str(spec["units"]) for spec in network["layers"] if spec["type"] == "dense"]
    activation = network["activation"]
    said = "" if activation == "relu" else f"\n(all layers: {activation})"
    return ", ".join([*units, str(network["classes"])]) + said


def optimizer(training: Training) -> str:
    """Return the optimiser with its rates and what comes with it, one a line."""
    names = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "momentum": "SGD"}
    shares = [training.drop_factor**drops for drops in range(len(training.drops) + 1)]
    rates = [f"{training.learning_rate * share:g}" for share in shares]
    lines = [f"{names[training.optimizer]} {' → '.join(rates)}"]
    if training.drops:
        lines.append("at " + ", ".join(f"{drop:,}" for drop in training.drops))
    if training.schedule != "constant":
        lines.append(f"{training.schedule} to 0")
    if training.optimizer == "momentum":
        lines.append(f"{'Nesterov ' * training.nesterov}momentum {training.momentum:g}")
    if training.weight_decay:
        lines.append(f"weight decay {training.weight_decay:g}")
    if training.label_smoothing:
        lines.append(f"label smoothing {training.label_smoothing:g}")
    if training.augmentation != "none":
        lines.append("flips and crops")
    return "\n".join(lines)


def pruning_rates(pruning: dict[str, Any], kinds: set[str]) -> str:
    """Return the share that a round prunes of each kind of layer the network has, one a line."""
    named = {"conv": "conv", "fc": "fc", "output": "output", "shortcut": "shortcuts"}
    lines = [f"{text} {100 * pruning[kind]:g}%" for kind, text in named.items() if kind in kinds]
    return "\n".join([*lines, f"({'globally' if pruning['scope'] == 'global' else 'each layer'})"])


def _draw_cells(axes: Axes, table: pd.DataFrame, lines: list[int]) -> None:
    """Draw the cells, each row as high as its text."""
    columns = len(table.columns) + _FIRST
    drawn = axes.table(
        cellText=[[name, *row] for name, row in zip(table.index, table.to_numpy(), strict=True)],
        colLabels=["", *table.columns],
        cellLoc="center",
        colWidths=[_FIRST / columns, *[1 / columns] * len(table.columns)],
        bbox=Bbox.from_bounds(0.005, 0.01, 0.99, 0.98),
        edges="horizontal",
    )
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(8)
    heights = [1.6, *(number + 0.8 for number in lines)]
    for (row, column), cell in drawn.get_celld().items():
        cell.set_height(heights[row])
        cell.set_edgecolor("0.8")
        if row == 0 or column == 0:
            cell.set_text_props(weight="bold")
        if column == 0:
            cell.set_text_props(ha="left")
