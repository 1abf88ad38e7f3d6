"""What the sparse engine refuses, and why."""

from typing import Any

import pytest

from lth_core.networks.defaults import completed_network
from lth_core.training.defaults import TRAINING
from lth_core.training.sparse.served import refusal

DENSE = {"type": "dense", "units": 5}


@pytest.mark.parametrize(
    ("network", "training", "reason"),
    [
        ({}, {}, None),
        ({"activation": "gelu"}, {}, "activation gelu"),
        ({"layers": [DENSE, {**DENSE, "batch_norm": True}]}, {}, "batch norm on a dense layer"),
        ({}, {"label_smoothing": 0.1}, "label smoothing"),
        ({}, {"precision": "bfloat16"}, "precision bfloat16"),
        ({}, {"schedule": "cosine", "nesterov": True, "optimizer": "adamw"}, None),
    ],
)
def test_a_refusal_says_why(
    network: dict[str, Any], training: dict[str, Any], reason: str | None
) -> None:
    whole = completed_network({"input": [9], "layers": [DENSE], "classes": 3, **network})
    assert refusal(whole, {**TRAINING, **training}) == reason
