"""Histograms of the weights and connections of tickets (Appendix F): pure functions.

Networks are dictionaries of arrays by tensor name ("fc1.weight", (out, in)), one a trial;
trials are pooled. All histograms of one figure panel share their bins, and each has area 1.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lth_core.training.state import Masks, Weights

# Width of the bins, and where they start as a share of it. Fractions are k/10, k/100, k/300:
# shifted edges lie between them, so that rounding decides nothing.
BINS = {
    "initial_weight": (0.005, 0.0),
    "moved": (0.005, 0.0),
    "magnitude_change": (0.01, 0.0),
    "incoming": (0.02, -0.25),
    "outgoing": (0.02, -0.25),
}
# A histogram before it is counted: layer, group ("", "in_ticket", "not_in_ticket"), values.
Sample = tuple[str, str, np.ndarray]


def initial_weights_of_tickets(initial: Sequence[Weights], masks: Sequence[Masks]) -> list[Sample]:
    """Return the initial weights that survive, per layer (Figures 15 and 16)."""
    return [
        (layer, "", np.concatenate([w[name][m[name]] for w, m in zip(initial, masks, strict=True)]))
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
        values = {
            "moved": np.abs(after - before),
            "magnitude_change": np.abs(after) - np.abs(before),
        }
        for quantity, value in values.items():
            changes[quantity] += [
                (layer, "in_ticket", value[mask]),
                (layer, "not_in_ticket", value[~mask]),
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
        fractions["incoming"].append((layer, "", mask.mean(axis=2).ravel()))
        fractions["outgoing"].append((before, "", mask.mean(axis=1).ravel()))
        before = layer
    return fractions


def percent_remaining(masks: Masks) -> float:
    """Return the percent of weights that remain in one network."""
    return 100 * sum(int(m.sum()) for m in masks.values()) / sum(m.size for m in masks.values())


def histograms(samples: Sequence[Sample], quantity: str) -> pd.DataFrame:
    """Return rows layer, group, left, right, density; the area of each histogram is 1.

    A sample without values (nothing pruned, so nothing outside the ticket) has no rows.
    """
    filled = [sample for sample in samples if sample[2].size]
    low = min(float(values.min()) for _, _, values in filled)
    high = max(float(values.max()) for _, _, values in filled)
    edges = bin_edges(low, high, *BINS[quantity])
    tables = []
    for layer, group, values in filled:
        density, _ = np.histogram(values, bins=edges, density=True)
        bins = {"left": edges[:-1], "right": edges[1:], "density": density}
        tables.append(pd.DataFrame({"layer": layer, "group": group, **bins}))
    return pd.concat(tables, ignore_index=True)


def bin_edges(low: float, high: float, width: float, offset: float) -> np.ndarray:
    """Return edges at `width` times (an integer plus `offset`) around low to high."""
    first = np.floor(low / width - offset)
    last = np.floor(high / width - offset) + 1
    return width * (np.arange(first, last + 1) + offset)


def _layers(masks: Masks) -> dict[str, str]:
    """Return layer -> tensor name, in forward order."""
    return {name.removesuffix(".weight"): name for name in masks}


def _stack(networks: Sequence[Mapping[str, np.ndarray]], name: str) -> np.ndarray:
    return np.stack([network[name] for network in networks])
