"""Policies of `keep_checkpoints`: which checkpoints stay on disk."""

from collections.abc import Mapping

from lth_core.config.config import KeepCheckpoints

# The files of a run that are removed when no job of the call needs them any more. Initial weights
# are drawn from the seed, so whoever has the masks has the tickets.
REMOVED: Mapping[KeepCheckpoints, tuple[str, ...]] = {
    "all": (),
    "masks": ("weights.safetensors",),
    "none": ("weights.safetensors", "masks.safetensors"),
}
