"""What the card of an exported ticket says."""

from typing import Any

import pytest

from lth_core.ticket.accuracy import Accuracy
from lth_core.ticket.card import _accuracy, _training

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


def test_an_accuracy_is_said_beside_those_of_the_other_trials() -> None:
    found = Accuracy(0.97, [0.97, 0.95, 0.99])
    assert _accuracy(found) == "97.00 %; mean 97.00 % (95.00-99.00), n = 3 trials"
    assert _accuracy(Accuracy(0.97, [0.97])) == "97.00 %, n = 1 trial"
    assert _accuracy(None) == "not kept"
