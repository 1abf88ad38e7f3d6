"""Cost of one run, from its settings alone (see `lth_core.runs.run.settings`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, prod
from operator import add
from typing import Any

from lth_core.config.checks import known_data
from lth_core.config.config import KeepCheckpoints
from lth_core.config.dataset import Dataset
from lth_core.networks.cost import FLOPS_FORWARD, FLOPS_TRAINING, multiply_adds
from lth_core.networks.shapes import weight_layers
from lth_core.runs.kept import REMOVED
from lth_core.xor.points import POINTS

# A row of metrics.parquet, as it was measured: two float64 that hardly compress, and the rest.
_METRICS_ROW = 18
# The files' own headers and the manifest.
_FILES = 5_000
_BYTES_A_NUMBER = 4  # float32; a mask has a byte a weight


@dataclass(frozen=True)
class Cost:
    """The cost of one or more runs.

    training_flops and evaluation_flops: of the dense network, as the usual hardware does
    them, whatever its mask. weights, masks, records: bytes of trained weights, of masks, and of
    metrics and manifests.
    """

    runs: int = 0
    iterations: int = 0
    training_flops: int = 0
    evaluation_flops: int = 0
    weights: int = 0
    masks: int = 0
    records: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(*map(add, vars(self).values(), vars(other).values()))

    def times(self, runs: int) -> "Cost":
        """Return the cost of `runs` as many."""
        return Cost(*(number * runs for number in vars(self).values()))

    def disk(self, keep: KeepCheckpoints) -> int:
        """Return the bytes that stay under a policy of `keep_checkpoints`."""
        sizes = {"weights.safetensors": self.weights, "masks.safetensors": self.masks}
        kept = (size for name, size in sizes.items() if name not in REMOVED[keep])
        return self.records + sum(kept)


def cost_of_run(settings: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> Cost:
    """Return the cost of a run with these settings; datasets: those of the config."""
    network, training = settings["network"], settings["training"]
    copies = 1 if settings["snapshot"] is None else 2
    return Cost(
        runs=1,
        iterations=training["iterations"],
        training_flops=training_flops(network, training),
        evaluation_flops=FLOPS_FORWARD
        * multiply_adds(network)
        * examples_evaluated(settings["dataset"], training, datasets),
        weights=copies * _BYTES_A_NUMBER * _numbers(network),
        masks=sum(layer.size for layer in weight_layers(network)),
        records=_METRICS_ROW * 2 * evaluations(training) + _FILES,
    )


def cost_of_xor_run(settings: Mapping[str, Any]) -> Cost:
    """Return the cost of a run of v1's XOR experiments, from its settings.

    Its batches are all four points; it is not evaluated.
    """
    iterations = settings["training"]["iterations"]
    operations = FLOPS_TRAINING * multiply_adds(settings["network"])
    # Its weights always stay: they are few.
    size = _BYTES_A_NUMBER * _numbers(settings["network"])
    return Cost(1, iterations, operations * len(POINTS) * iterations, records=size)


def training_flops(network: dict[str, Any], training: Mapping[str, Any]) -> int:
    """Return the operations of all iterations: forward, and twice as much for the gradients."""
    batch, iterations = training["batch_size"], training["iterations"]
    return int(FLOPS_TRAINING * multiply_adds(network) * batch * iterations)


def evaluations(training: Mapping[str, Any]) -> int:
    """Return how often a run is evaluated: before it starts, regularly, and at its end."""
    return 1 + ceil(training["iterations"] / training["evaluate_every"])


def examples_evaluated(
    dataset: Mapping[str, Any], training: Mapping[str, Any], datasets: Mapping[str, Dataset]
) -> int:
    """Return how many examples a run evaluates in all.

    Each evaluation sees validation and test examples; the training examples are evaluated
    twice more, with the weights of early stopping and with the last.
    """
    sizes = split_sizes(dataset, datasets)
    each = sizes["validation"] + sizes["test"]
    return evaluations(training) * each + 2 * sizes["train"]


def split_sizes(dataset: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> dict[str, int]:
    """Return the number of examples of each split; classes are taken to be of equal size."""
    whole, validation = known_data("dataset", dataset["name"], datasets), dataset["validation"]
    training, test = whole.sizes
    classes = dataset["classes"]
    share = 1.0 if classes is None else len(classes) / whole.classes
    sizes = {
        "train": int((training - validation) * share * dataset["share"]),
        "validation": int(validation * share),
        "test": int(test * share),
    }
    most = dataset["examples"]
    return sizes if most is None else {name: min(size, most) for name, size in sizes.items()}


def _numbers(network: dict[str, Any]) -> int:
    """Return how many numbers a network's weights, biases and norms are."""
    return sum(prod(shape) for layer in weight_layers(network) for shape in layer.tensors.values())
