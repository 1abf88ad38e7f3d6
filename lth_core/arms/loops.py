"""Training loops: which kind of job trains a run."""

from collections.abc import Mapping
from typing import Any

# By mask source, for those whose mask is found while the run trains and not before.
_OWN = {"gradual": "train_gradual", "supermask": "train_supermask"}
# Kinds of jobs whose masks are there before they train.
MASKS_FIRST = ("train", "train_distilled")
# All that train on a data set: XOR's has none.
KINDS = (*MASKS_FIRST, *_OWN.values())


def loop_of(mask_source: str) -> str:
    """Return the kind of job that trains runs with this source of masks, if no teacher does."""
    return _OWN.get(mask_source, "train")


def training_kind(settings: Mapping[str, Any]) -> str:
    """Return the kind of job that trains runs with these settings; XOR's have another."""
    return "train_distilled" if "distillation" in settings else loop_of(settings["mask"]["source"])
