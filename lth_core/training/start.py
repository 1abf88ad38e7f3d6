"""Starting point of each lane of a job, from its settings."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from lth_core.arms import source_module
from lth_core.arms.source import MASKS, WEIGHTS, Inputs, Network
from lth_core.data.split import Split
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Layer, Masks, Weights
from lth_core.streams import stream
from lth_core.training.batches import Draws
from lth_core.training.checkpoint import load_lane
from lth_core.training.order import DataOrder
from lth_core.training.state import Optimiser


def starting_point(
    job: Mapping[str, Any],
    lane: Mapping[str, Any],
    layers: list[Layer],
    splits: Callable[[], Mapping[str, Split]],
) -> tuple[Masks, Weights]:
    """Return mask and starting weights of one lane, pruned entries zero: the factors of its arm."""

    def inputs(name: str, masks: Masks) -> Inputs:
        return Inputs(
            layers=layers,
            initialisation=job["initialisation"],
            initial=initial_weights(layers, job["initialisation"], job["seed"], lane["trial"]),
            parents=parents,
            generator=stream(*_stream_key(job, lane), name),
            masks=masks,
            network=job["network"],
            splits=splits,
        )

    parents = {role: _parent(job, place) for role, place in lane["parents"].items()}
    source = source_module("masks", job["mask"]["source"])
    masks: Masks = source.masks(source.Settings.completed(job["mask"]), inputs("mask", {}))
    source = source_module("weights", job["weights"]["source"])
    told = source.Settings.completed(job["weights"])
    weights: Weights = source.weights(told, inputs("weights", masks))
    return masks, {
        name: np.where(masks[name], value, np.float32(0)) if name in masks else value
        for name, value in weights.items()
    }


def _parent(job: Mapping[str, Any], place: Mapping[str, Any]) -> Network:
    """Return what the job reads of a parent; its files are checked already."""
    folder, lane = Path(place["folder"]), (place["trial"], place["replicate"])
    read = job["reads"][f"{place['folder']}/manifest.json"]
    weights = masks = snapshot = None
    if WEIGHTS in read:
        weights = load_lane(folder / WEIGHTS, *lane)
        snapshot = load_lane(folder / WEIGHTS, *lane, snapshot=True)
    if MASKS in read:
        masks = load_lane(folder / MASKS, *lane)
    return Network(weights, masks, snapshot)


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
