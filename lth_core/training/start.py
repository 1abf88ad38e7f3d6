"""From a job's specification to what each of its lanes starts from."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from lth_core.arms.masks import MaskInputs, make_masks
from lth_core.arms.weights import WeightInputs, initial_weights, starting_weights
from lth_core.networks.shapes import Layer, Masks, Weights
from lth_core.streams import stream
from lth_core.training.batches import Draws
from lth_core.training.inputs import parent_tensors
from lth_core.training.order import DataOrder
from lth_core.training.state import Optimiser


def starting_point(
    job: Mapping[str, Any], lane: Mapping[str, Any], layers: list[Layer]
) -> tuple[Masks, Weights]:
    """Return mask and starting weights of one lane: the two factors of its arm."""
    initial = initial_weights(layers, job["initialisation"], job["seed"], lane["trial"])
    trained = parent_tensors(lane, "trained", "weights.safetensors")
    ticket = parent_tensors(lane, "ticket", "masks.safetensors")
    masks = make_masks(
        job["mask"],
        MaskInputs(
            layers=layers,
            initial=initial,
            trained=trained,
            previous=parent_tensors(lane, "trained", "masks.safetensors"),
            ticket=ticket,
            generator=stream(*_stream_key(job, lane), "mask"),
        ),
    )
    weights = starting_weights(
        job["weights"],
        WeightInputs(
            layers=layers,
            initialisation=job["initialisation"],
            initial=initial,
            masks=masks,
            trained=trained,
            rewound=parent_tensors(lane, "rewound", "weights.safetensors", snapshot=True),
            ticket=ticket,
            generator=stream(*_stream_key(job, lane), "weights"),
        ),
    )
    return masks, weights


def draws_of(job: Mapping[str, Any], lane: Mapping[str, Any], examples: int) -> Draws:
    """Return the order, augmentation and dropout of one lane, on `examples` examples."""
    training, key = job["training"], _stream_key(job, lane)
    order = DataOrder(examples, training["batch_size"], training["drop_last"], *key, "order")
    dropout = any(layer["type"] == "dropout" for layer in job["network"]["layers"])
    return Draws(order, training["augmentation"] != "none", dropout, *key)


def _stream_key(job: Mapping[str, Any], lane: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Return what the streams of a run are named by: its place, but never its packing."""
    return (
        job["seed"],
        lane["trial"],
        job["mask"]["source"],
        job["weights"]["source"],
        job["round"],
        lane["replicate"],
    )


def optimiser_of(training: Mapping[str, Any]) -> Optimiser:
    """Return the optimiser that a job's `training` block describes."""
    names = {field.name for field in fields(Optimiser)} & set(training)
    settings = {name: training[name] for name in names} | {"drops": tuple(training["drops"])}
    return Optimiser(training["optimizer"], **settings)
