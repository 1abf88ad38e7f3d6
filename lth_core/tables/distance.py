"""How much two masks of a network differ (You et al., ICLR 2020)."""

from lth_core.networks.shapes import Masks


def mask_distance(one: Masks, other: Masks) -> float:
    """Return the share of all weights that exactly one of the masks keeps (Hamming distance)."""
    differ = sum(int((mask ^ other[name]).sum()) for name, mask in one.items())
    return differ / sum(mask.size for mask in one.values())


def mask_overlap(one: Masks, other: Masks) -> float:
    """Return the share of the weights of `one` that `other` keeps too; NaN where it has none."""
    weights = sum(int(mask.sum()) for mask in one.values())
    both = sum(int((mask & other[name]).sum()) for name, mask in one.items())
    return both / weights if weights else float("nan")
