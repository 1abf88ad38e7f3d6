"""Measurements of every run: columns of its tables, and values read from its curves or masks."""

from dataclasses import dataclass
from typing import Literal

# What is binned of tickets, in the tables of distributions.
Quantity = Literal["initial_weight", "moved", "magnitude_change", "incoming", "outgoing"]
_STOP, _STOP_TEST, _END = "early_stop_iteration", "early_stop_iteration_test", "iterations"


@dataclass(frozen=True)
class Measure:
    """One measure.

    unit: tables hold what is in "%" as a share of 1. better: which direction is. split: what it
    was measured on; empty where on none, or two. iteration: the column of the summary that says
    at which iteration it was measured; None where the reader says that, or at none. table: the
    one that holds it, or the runs of which curves are read.
    """

    unit: Literal["%", "iterations", ""]
    better: Literal["low", "high"]
    split: Literal["train", "validation", "test", ""]
    iteration: str | None
    table: Literal["summary", "structure", "distances"] = "summary"

    @property
    def factor(self) -> float:
        """What turns a table's value into one in `unit`."""
        return 100.0 if self.unit == "%" else 1.0


MEASURES = {
    "early_stop_iteration": Measure("iterations", "low", "validation", _STOP),
    "early_stop_iteration_test": Measure("iterations", "low", "test", _STOP_TEST),
    "early_stop_share_of_run": Measure("", "low", "validation", _STOP),
    "convergence_iteration": Measure("iterations", "low", "test", "convergence_iteration"),
    "iterations_to_accuracy": Measure("iterations", "low", "test", None),
    "validation_accuracy_at_early_stop": Measure("%", "high", "validation", _STOP),
    "test_accuracy_at_early_stop": Measure("%", "high", "test", _STOP),
    "test_accuracy_at_early_stop_test": Measure("%", "high", "test", _STOP_TEST),
    "train_accuracy_at_early_stop": Measure("%", "high", "train", _STOP),
    "end_test_accuracy": Measure("%", "high", "test", _END),
    "end_train_accuracy": Measure("%", "high", "train", _END),
    "generalisation_gap": Measure("%", "low", "", _END),
    "test_accuracy": Measure("%", "high", "test", None),
    "validation_accuracy": Measure("%", "high", "validation", None),
    "first_validation_loss": Measure("", "low", "validation", None),
    "minimum_validation_loss": Measure("", "low", "validation", _STOP),
    "end_validation_loss": Measure("", "low", "validation", _END),
    "patience_iteration": Measure("iterations", "low", "validation", None),
    # How many weights are left, of those whose number is found while training.
    "percent_remaining": Measure("", "low", "", None),
    # Whether a ticket is as fast and as accurate as a dense network.
    "winning": Measure("%", "high", "", _STOP),
    # Of masks alone.
    "locality": Measure("", "high", "", None, "structure"),
    "connected_units": Measure("%", "high", "", None, "structure"),
    "mask_distance": Measure("", "low", "", None, "distances"),
    "mask_overlap": Measure("", "high", "", None, "distances"),
    # v1's XOR: whether a network has succeeded.
    "decision_boundary": Measure("%", "high", "", _END),
    "zero_loss": Measure("%", "high", "", _END),
}
