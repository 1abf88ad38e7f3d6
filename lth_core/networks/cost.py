"""Cost of a network: multiply-adds of one forward pass."""

from math import prod
from typing import Any

from lth_core.networks.shapes import steps

# A training step does the forward pass, and twice as much for the gradients; a multiply-add
# is two operations.
FLOPS_FORWARD = 2
FLOPS_TRAINING = 6


def multiply_adds(network: dict[str, Any]) -> int:
    """Return the multiply-adds of one example's forward pass; norms, biases, pools are not counted.

    A convolution applies each weight at every pixel of what it puts out.
    """
    return sum(
        layer.size * prod(step.output[1:]) for step in steps(network) for layer in step.layers
    )
