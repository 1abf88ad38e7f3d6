"""Pruning before training that preserves the gradient flow (GraSP; Wang et al., 2020)."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from lth_core.arms.batch import keep_in_all, probe_at
from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Masks


class Settings(MaskSettings):
    """The highest theta_0 * (Hessian * gradient) on a few examples stay; all layers compete.

    In total as many stay as `pruning` says.
    """

    source: Literal["grasp"]
    examples_per_class: int = Field(10, gt=0, description="Training examples of each class.")
    temperature: float = Field(200.0, gt=0, description="By which the logits are divided.")
    prunes = True


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks of the weights whose removal would cost the gradient at theta_0 most."""
    probe, rows = probe_at(inputs, settings["examples_per_class"])
    temperature = settings["temperature"]
    gradient = probe.gradient(inputs.initial, rows, temperature)
    flow = {layer.weight: gradient[layer.weight] for layer in inputs.layers}
    product = probe.hessian_product(inputs.initial, flow, rows, temperature)
    scores = {name: inputs.initial[name] * product[name] for name in flow}
    return keep_in_all(settings, inputs, scores)
