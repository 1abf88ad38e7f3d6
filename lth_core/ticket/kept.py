"""A run as far as it is kept; what follows from its seed and arm is recomputed."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from lth_core.arms import Factor, source_module
from lth_core.arms.loops import loop_of
from lth_core.arms.source import Inputs
from lth_core.data.load import load_splits
from lth_core.data.split import Split
from lth_core.errors import Failure
from lth_core.files import sha256_bytes
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.provenance.manifest import NAME, parse
from lth_core.streams import stream
from lth_core.ticket.stores import Place, Store
from lth_core.ticket.value import NotKept
from lth_core.training.defaults import completed
from lth_core.training.start import _stream_key


class KeptRun:
    """One run of a store.

    To the runs that start from it, it is what lth_core.arms.source.Network is to a training job:
    `masks`, `weights` and `snapshot`, each read when it is asked for. They raise NotKept.
    """

    def __init__(self, store: Store, place: Place, data: Path) -> None:
        """Take the run at `place`; data: folder of prepared data sets, which some sources read."""
        self._store, self._place, self._data = store, place, data
        manifest = store.read(f"{place.folder}/{NAME}")
        if manifest is None:
            raise NotKept(f"{place.folder}/{NAME} is not kept")
        content = parse(manifest)
        if content is None:
            raise Failure(f"{place.folder}/{NAME} is no manifest, or damaged")
        self.provenance = sha256_bytes(manifest)
        told = content["settings"]
        which = (place.trial, place.replicate)
        self._lane = next(x for x in told["lanes"] if (x["trial"], x["replicate"]) == which)
        self.settings = completed(told)

    @cached_property
    def masks(self) -> Masks:
        """Its masks: as kept, else from its arm's source."""
        try:
            return self._store.masks(self._place)
        except NotKept as error:
            if loop_of(self.settings["mask"]["source"]) != "train":
                raise  # found while training
            try:
                found: Masks = self._drawn("masks", "mask", {})
            except NotKept:
                raise error from None
            return found

    @cached_property
    def weights(self) -> Weights:
        """Its trained weights."""
        return self._store.weights(self._place, snapshot=False)

    @cached_property
    def snapshot(self) -> Weights:
        """Its weights at the early iteration that it keeps for rewinding."""
        return self._store.weights(self._place, snapshot=True)

    def initial(self) -> Weights:
        """Return what it starts from, under its masks. Raises Failure where that is not kept."""
        try:
            weights: Weights = self._drawn("weights", "weights", self.masks)
        except NotKept as error:
            source = self.settings["weights"]["source"]
            raise Failure(f"what {source!r} starts from is not there: {error}") from None
        return {
            name: np.where(self.masks[name], value, np.float32(0)) if name in self.masks else value
            for name, value in weights.items()
        }

    def trained(self) -> Weights:
        """Return its trained weights. Raises NotKept, and Failure where they are damaged."""
        try:
            return dict(self.weights)
        except NotKept as error:
            raise NotKept(f"no trained weights: {error}") from None

    def _drawn(self, factor: Factor, draws: str, masks: Masks) -> Any:
        """Return what the source of its masks or weights gives, as in training/start.py."""
        told = self.settings["mask" if factor == "masks" else factor]
        source = source_module(factor, told["source"])
        network = self.settings["network"]
        layers, initialisation = weight_layers(network), self.settings["initialisation"]
        inputs = Inputs(
            layers=layers,
            initialisation=initialisation,
            initial=initial_weights(
                layers, initialisation, self.settings["seed"], self._place.trial
            ),
            parents=self._parents(),  # type: ignore[arg-type]  # they have all that a Network has
            generator=stream(*_stream_key(self.settings, self._lane), draws),
            masks=masks,
            network=network,
            splits=self._splits,
        )
        return getattr(source, factor)(source.Settings.completed(told), inputs)

    def _splits(self) -> dict[str, Split]:
        """Return its data. Raises Failure where they are not prepared."""
        dataset = self.settings["dataset"]
        path = self._data / f"{dataset['name']}.safetensors"
        if not path.is_file():
            raise Failure(
                f"{path}: there is no such file, and {self._place.folder} was drawn by looking at"
                f" the data; to make it: snakemake --cores 1 -- results/data/{path.name}"
            )
        return load_splits(path, dataset, self.settings["network"]["input"])

    def _parents(self) -> Mapping[str, "KeptRun"]:
        return {
            role: KeptRun(
                self._store,
                Place(place["folder"], place["trial"], place["replicate"]),
                self._data,
            )
            for role, place in self._lane["parents"].items()
        }
