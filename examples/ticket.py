"""The lottery ticket hypothesis in one file: train, prune, reset, repeat; and the control.

    python examples/ticket.py

Lenet-300-100 on MNIST as in Section 2 of the paper, with fewer iterations. Trained for as long,
`lenet_imp` and `lenet_imp_reinit`, trial 0, have the same masks and weights, bit for bit.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lth_core.data.load import load_splits
from lth_core.data.prepare import prepare
from lth_core.data.split import Split
from lth_core.networks.initial import draw_weights, initial_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.pruning.count import keep_after_rounds
from lth_core.pruning.mask import dense, keep_largest
from lth_core.streams import stream
from lth_core.training.batches import Draws
from lth_core.training.engines import make_engine
from lth_core.training.loop import Progress, train
from lth_core.training.order import DataOrder
from lth_core.training.record import Record
from lth_core.training.state import Optimiser, State

DATA = Path(__file__).parents[1] / ".cache" / "data" / "mnist.safetensors"
SEED, TRIAL = 0, 0
ROUNDS, ITERATIONS, EVALUATE_EVERY, BATCH = 10, 2000, 200, 60
NETWORK = {"input": [784], "layers": [{"type": "dense", "units": 300},
                                      {"type": "dense", "units": 100}], "classes": 10}  # fmt: skip
LAYERS = weight_layers(NETWORK)
GLOROT = {"distribution": "glorot_normal", "truncate": 2.0}
RATES = {"fc": 0.2, "output": 0.1}  # share of a layer's remaining weights that a round removes


class Network(NamedTuple):
    """A trained network: its mask, its weights, and what was measured while it trained."""

    masks: Masks
    weights: Weights
    record: Record


def main() -> None:
    """Print accuracy and speed of tickets, and of the same networks reinitialised."""
    print("weights left   ticket: accuracy, at iteration   reinitialised: accuracy, at iteration")
    for ticket, control in tickets(data()):
        share = sum(mask.sum() for mask in ticket.masks.values()) / sum(la.size for la in LAYERS)
        print(f"{share:12.1%}   {said(ticket):>29}   {said(control) if control else '':>36}")


def tickets(splits: dict[str, Split]) -> Iterator[tuple[Network, Network | None]]:
    """Yield the dense network, then each round's ticket and its control (Section 1)."""
    theta_0 = initial_weights(LAYERS, GLOROT, SEED, TRIAL)
    ticket = trained(splits, dense(LAYERS), theta_0, "dense", "original", 0)
    yield ticket, None
    for round_ in range(1, ROUNDS + 1):
        # Prune: of each layer the smallest of the weights that are left.
        keep = keep_after_rounds(RATES, round_)
        masks = keep_largest(LAYERS, ticket.weights, ticket.masks, keep, "layer")
        # Reset to theta_0 and train: this is the winning ticket.
        ticket = trained(splits, masks, theta_0, "imp", "original", round_)
        # The control: the same structure, but new random weights.
        other = draw_weights(LAYERS, GLOROT, stream(*key("of", "reinit", round_), "weights"))
        yield ticket, trained(splits, masks, other, "of", "reinit", round_)


def trained(
    splits: dict[str, Split], masks: Masks, weights: Weights, *arm_and_round: str | int
) -> Network:
    """Return the network that training makes of `weights` under `masks`."""
    start = {k: np.where(masks[k], w, np.float32(0)) if k in masks else w
             for k, w in weights.items()}  # fmt: skip
    adam, names = Optimiser("adam", 1.2e-3), key(*arm_and_round)
    engine = make_engine("sparse", NETWORK, adam, splits, [State(start, {}, 0)], [masks], "float32")
    order = DataOrder(len(splits["train"]), BATCH, False, *names, "order")
    progress = Progress.begin(Record.empty(ITERATIONS, EVALUATE_EVERY, lanes=1), lanes=1)
    train(engine, [Draws(order, False, False, *names)], progress, lambda _: None)
    return Network(masks, engine.weights()[0], progress.record)


def key(*arm_and_round: str | int) -> tuple[str | int, ...]:
    """Return what the random streams of a run are named by: mask, weights, round; replicate 0."""
    return SEED, TRIAL, *arm_and_round, 0


def said(network: Network) -> str:
    """Return test accuracy and iteration of early stopping, the least validation loss."""
    stop = network.record.early_stop(0)
    return f"{network.record.accuracy[stop, 0, 1]:.2%} at {network.record.iterations[stop]:,}"


def data() -> dict[str, Split]:
    """Return MNIST in training, validation and test, fetched at the first call."""
    if not DATA.exists():
        prepare("mnist", DATA)
    return load_splits(DATA, {"validation": 5000, "scaling": "unit"}, NETWORK["input"])


if __name__ == "__main__":
    main()
