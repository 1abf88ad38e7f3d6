"""Typed model of the block `training`: optimiser, schedule, batches and length of a run."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from lth_core.config.block import Block

# The keys that only some optimisers have.
_KEYS: dict[str, tuple[str, ...]] = {
    "adam": ("beta1", "beta2", "epsilon"),
    "adamw": ("beta1", "beta2", "epsilon"),
    "momentum": ("momentum", "nesterov"),
    "sgd": (),
}


def foreign_keys(optimizer: Any) -> set[str]:
    """Return the keys of other optimisers that `optimizer` does not use; none if unknown."""
    known = isinstance(optimizer, str) and optimizer in _KEYS
    return {key for keys in _KEYS.values() for key in keys if known and key not in _KEYS[optimizer]}


class Training(Block):
    """How a network is trained."""

    optimizer: Literal["adam", "adamw", "sgd", "momentum"] = Field(
        description="Update rule, by PyTorch's formulas. With another one than that of `extends`,"
        " the keys that it does not use are not inherited."
    )
    learning_rate: float = Field(
        gt=0,
        le=1e6,
        description="Learning rate, constant unless `warmup`, `drops` or `schedule` say otherwise;"
        " all three multiply it.",
    )
    warmup: int = Field(
        0, ge=0, description="Iterations over which the rate grows linearly from 0 (Section 4)."
    )
    drops: list[Annotated[int, Field(gt=0)]] = Field(
        [],
        description="Iterations at which the rate is multiplied by `drop_factor` (Section 4).",
    )
    drop_factor: float = Field(
        0.1, gt=0, lt=1, description="Factor of the rate at each of the `drops` (Section 4)."
    )
    schedule: Literal["constant", "cosine", "linear"] = Field(
        "constant",
        description="Decay of the rate after `warmup`: none, or to zero at the end of the run along"
        " half a cosine or a line. A scale that shortens runs shortens it as well.",
    )
    momentum: float = Field(0.9, ge=0, lt=1, description="Used by `momentum` only.")
    nesterov: bool = Field(False, description="Nesterov's momentum; used by `momentum` only.")
    beta1: float = Field(0.9, ge=0, lt=1, description="Adam's and AdamW's; the paper is silent.")
    beta2: float = Field(0.999, ge=0, lt=1, description="Adam's and AdamW's; the paper is silent.")
    epsilon: float = Field(
        1e-8, gt=0, le=1000, description="Adam's and AdamW's; the paper is silent."
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1e6,
        description="Multiple of each parameter added to its gradient; with `adamw`, subtracted"
        " from the parameter itself, times the rate. It covers all that is trained; the paper does"
        " not say whether its own covers biases and batch norm.",
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of the target spread evenly over all classes, in the training loss;"
        " evaluations have none.",
    )
    batch_size: int = Field(gt=0, le=100_000, description="Examples per iteration.")
    drop_last: bool = Field(
        False,
        description="Leave out the examples that do not fill the last batch of an epoch (VGG-19:"
        " 160 epochs are 112,480 iterations); otherwise a batch continues into the next epoch.",
    )
    augmentation: Literal["none", "flip_crop"] = Field(
        "none",
        description="`flip_crop`: random horizontal flips, and random crops after padding by 4"
        " pixels (Section 4).",
    )
    precision: Literal["float32", "tf32", "bfloat16"] = Field(
        "float32",
        description="`bfloat16`: convolutions and products in bfloat16, weights and updates in"
        " float32; faster on processors that have it. `tf32`: the same with TF32, on GPUs that have"
        " it; elsewhere float32, and the run's record says so.",
    )
    iterations: int = Field(
        ge=0, le=10**9, description="Length of every run, in iterations; 0 only evaluates it."
    )
    evaluate_every: int = Field(
        100,
        gt=0,
        description="Iterations between evaluations on validation and test examples; the last"
        " iteration is always evaluated.",
    )

    @model_validator(mode="after")
    def _optimizer_uses_all(self) -> "Training":
        unused = self.model_fields_set & foreign_keys(self.optimizer)
        if unused:
            raise ValueError(
                f"{', '.join(sorted(unused))}: not used by the optimizer {self.optimizer!r}"
            )
        return self

    @model_validator(mode="after")
    def _schedule_fits(self) -> "Training":
        if self.drops != sorted(set(self.drops)):
            raise ValueError(f"drops: found {self.drops}, should be in rising order")
        if self.drops and self.drops[-1] >= self.iterations:
            raise ValueError(
                f"drops: found {self.drops[-1]}, should be before the end at {self.iterations}"
            )
        if not self.drops and self.drop_factor != type(self).model_fields["drop_factor"].default:
            raise ValueError(f"drop_factor: found {self.drop_factor}, but there are no `drops`")
        if self.warmup > self.iterations:
            raise ValueError(f"warmup: found {self.warmup}, should be {self.iterations} at most")
        return self
