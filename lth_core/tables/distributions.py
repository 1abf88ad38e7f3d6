"""Histograms of the weights and connections of tickets (Appendix F).

Networks are dictionaries of arrays by tensor name ("fc1.weight", (out, in)), one a trial;
trials are pooled.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from safetensors.numpy import load_file

from lth_core.networks.shapes import Layer, Masks, Weights

WEIGHT_BIN = 0.0075
MOVED_BIN = 0.005
CHANGE_BIN = 0.01
FRACTION_BIN = 0.02  # nearly
MOST_BINS = 100_000


class Sample(NamedTuple):
    """Values to be counted: group is "", "in_ticket" or "not_in_ticket".

    Bins are `width` wide, with edges at `width` times (an integer plus `offset`).
    """

    layer: str
    group: str
    values: np.ndarray
    width: float
    offset: float = 0.0


def distributions(
    initial: Sequence[Weights], dense: Sequence[Weights], masks: Mapping[int, Sequence[Masks]]
) -> pd.DataFrame:
    """Return the histograms of every round in `masks`, trials pooled.

    initial, dense: weights of the dense network before and after training, one a trial.
    """
    tables = []
    for number, tickets in sorted(masks.items()):
        quantities: dict[str, list[Sample]] = {
            "initial_weight": initial_weights_of_tickets(initial, tickets),
            **weight_changes(initial, dense, tickets),
            **connections_left(tickets),
        }
        percent = float(np.mean([percent_remaining(ticket) for ticket in tickets]))
        for quantity, samples in quantities.items():
            if any(np.isfinite(sample.values).any() for sample in samples):
                tables.append(
                    histograms(samples).assign(
                        quantity=quantity, round=number, percent_remaining=percent
                    )
                )
    columns = ["quantity", "round", "percent_remaining", "layer", "group"]
    return pd.concat(tables, ignore_index=True)[[*columns, "left", "right", "density"]]


def load_trials(
    folders: Sequence[Path], file: str, trials: int, layers: Sequence[Layer]
) -> list[dict[str, np.ndarray]]:
    """Return the weight tensors of replicate 0 of each trial from `file` of a round's jobs.

    Raises ValueError naming the tensor and the folders where one is missing.
    """
    tensors: dict[str, np.ndarray] = {}
    for folder in folders:
        tensors |= load_file(folder / file)
    networks = []
    for trial in range(trials):
        names = {layer.weight: f"trial{trial}/replicate0/{layer.weight}" for layer in layers}
        missing = [key for key in names.values() if key not in tensors]
        if missing:
            where = ", ".join(str(folder) for folder in folders)
            raise ValueError(f"no {missing[0]} in {file} of {where}")
        networks.append({name: tensors[key] for name, key in names.items()})
    return networks


def initial_weights_of_tickets(initial: Sequence[Weights], masks: Sequence[Masks]) -> list[Sample]:
    """Return the initial weights that survive, per layer (Figures 15 and 16)."""
    return [
        Sample(layer, "", _stack(initial, name)[_stack(masks, name)], WEIGHT_BIN)
        for layer, name in _layers(masks[0]).items()
    ]


def weight_changes(
    initial: Sequence[Weights], final: Sequence[Weights], masks: Sequence[Masks]
) -> dict[str, list[Sample]]:
    """Return how the dense network's weights changed in training, inside and outside the ticket.

    "moved" is |final - initial| (Figure 19), "magnitude_change" |final| - |initial| (Figure 20).
    masks: of the ticket found later from the same trial.
    """
    changes: dict[str, list[Sample]] = {"moved": [], "magnitude_change": []}
    for layer, name in _layers(masks[0]).items():
        before, after = _stack(initial, name), _stack(final, name)
        mask = _stack(masks, name)
        for quantity, value, width in (
            ("moved", np.abs(after - before), MOVED_BIN),
            ("magnitude_change", np.abs(after) - np.abs(before), CHANGE_BIN),
        ):
            changes[quantity] += [
                Sample(layer, "in_ticket", value[mask], width),
                Sample(layer, "not_in_ticket", value[~mask], width),
            ]
    return changes


def connections_left(masks: Sequence[Masks]) -> dict[str, list[Sample]]:
    """Return the fraction of each unit's connections that remain (Figures 21 to 24).

    "incoming" has one value per unit of each layer; "outgoing" one per unit that feeds a
    layer, under the name of the layer it belongs to ("input" for the pixels).
    """
    fractions: dict[str, list[Sample]] = {"incoming": [], "outgoing": []}
    before = "input"
    for layer, name in _layers(masks[0]).items():
        mask = _stack(masks, name)
        fractions["incoming"].append(_fractions(layer, mask.mean(axis=2), mask.shape[2]))
        fractions["outgoing"].append(_fractions(before, mask.mean(axis=1), mask.shape[1]))
        before = layer
    return fractions


def percent_remaining(masks: Masks) -> float:
    """Return the percent of weights that remain in one network."""
    return 100 * sum(int(m.sum()) for m in masks.values()) / sum(m.size for m in masks.values())


def histograms(samples: Sequence[Sample]) -> pd.DataFrame:
    """Return rows layer, group, left, right, density; the area of each histogram is 1.

    A sample without values (nothing pruned, so nothing outside the ticket) has no rows.
    Weights that are not finite, left by a diverged run, are not counted.
    """
    tables = []
    for layer, group, sample, width, offset in samples:
        values = sample[np.isfinite(sample)]
        if values.size:
            edges = bin_edges(values, width, offset)
            density, _ = np.histogram(values, bins=edges, density=True)
            bins = {"left": edges[:-1], "right": edges[1:], "density": density}
            tables.append(pd.DataFrame({"layer": layer, "group": group, **bins}))
    return pd.concat(tables, ignore_index=True)


def bin_edges(values: np.ndarray, width: float, offset: float) -> np.ndarray:
    """Return edges at `width` times (an integer plus `offset`) around all `values`.

    Weights on their way to infinity get wider bins, not more than `MOST_BINS`.
    """
    span = float(values.max()) - float(values.min())
    width *= max(1, ceil(span / width / MOST_BINS))
    first = np.floor(values.min() / width - offset)
    last = np.floor(values.max() / width - offset) + 1
    return width * (np.arange(first, last + 1) + offset)


def _fractions(layer: str, fractions: np.ndarray, connections: int) -> Sample:
    """Return fractions k/connections, with an equal number of k in every bin.

    Edges lie halfway between two k, so that rounding decides nothing.
    """
    in_bin = max(1, round(FRACTION_BIN * connections))
    return Sample(layer, "", fractions.ravel(), in_bin / connections, -0.5 / in_bin)


def _layers(masks: Masks) -> dict[str, str]:
    """Return layer -> tensor name, in forward order."""
    return {name.removesuffix(".weight"): name for name in masks}


def _stack(networks: Sequence[Mapping[str, np.ndarray]], name: str) -> np.ndarray:
    return np.stack([network[name] for network in networks])
