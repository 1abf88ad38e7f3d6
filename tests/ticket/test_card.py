"""What the card of an exported ticket says."""

from typing import Any

import pytest

from lth_core.ticket.card import _training

TRAINING = {"iterations": 8000, "batch_size": 60, "optimizer": "adam", "learning_rate": 0.0012}
PLAIN = "8,000 iterations of 60 examples, adam, learning rate 0.0012"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, ""),
        (
            {"distillation": {"alpha": 0.5, "temperature": 2.0}},
            ", distilled: alpha 0.5, temperature 2",
        ),
    ],
)
def test_how_it_was_trained(more: dict[str, Any], said: str) -> None:
    assert _training({"training": TRAINING, **more}) == PLAIN + said
