"""Training loops: which kind of job trains a run."""

# By mask source, for those whose mask is found while the run trains and not before.
_OWN = {"gradual": "train_gradual"}


def loop_of(mask_source: str) -> str:
    """Return the kind of job that trains runs with this source of masks; XOR's have another."""
    return _OWN.get(mask_source, "train")
