"""Estimators on the config alone: exact counts and settings, the same at every scale."""

from typing import TYPE_CHECKING, Any

from lth_core.claims.curve import Missing
from lth_core.claims.tables import View
from lth_core.config import config_estimators as models
from lth_core.config.claims import matching
from lth_core.networks.shapes import Layer
from lth_core.pruning.count import keep_after_rounds, weights_remaining

if TYPE_CHECKING:
    from lth_core.config.experiment import Experiment


def weight_count(s: models.WeightCount, view: View) -> float:
    """Return the weights (or all parameters) of some layers, or their percent of all weights."""
    architectures = view.project.architectures
    if s.architecture not in architectures:
        raise Missing(f"config/architectures has no {s.architecture}")
    layers = architectures[s.architecture].weight_layers
    counted = [layer for layer in layers if layer.kind in s.kinds]
    if s.layer is not None:
        counted = [counted[s.layer]]
    total = sum(_parameters(layer) if s.parameters else layer.size for layer in counted)
    return 100 * total / sum(layer.size for layer in layers) if s.share else float(total)


def setting(s: models.Setting, view: View) -> float:
    """Return a setting of an experiment as published."""
    found: Any = _published(s.experiment, view)
    for key in s.key.split("."):
        found = getattr(found, key)
    return 100 * float(found) if s.percent else float(found)


def run_count(s: models.RunCount, view: View) -> float:
    """Return the runs of experiments as published, those of one round or of all."""
    total = 0
    experiments = view.project.paper_experiments
    for experiment in (experiments[e] for e in matching(s.experiments, list(experiments))):
        runs = experiment.trials * experiment.replicates
        total += runs if s.a_round else runs * len(experiment.round_range)
    return float(total)


def hidden_percent(s: models.HiddenPercent, view: View) -> float:
    """Return the percent of the hidden layers' weights that remain after some rounds."""
    experiment = _published(s.experiment, view)
    hidden = [e for e in experiment.architecture.weight_layers if e.kind != "output"]
    keep = keep_after_rounds(experiment.pruning.rates, s.round)
    left = weights_remaining(hidden, keep, experiment.pruning.scope)
    return 100 * left / sum(layer.size for layer in hidden)


def _published(name: str, view: View) -> "Experiment":
    experiments = view.project.paper_experiments
    if name not in experiments:
        raise Missing(f"config/experiments has no {name}")
    return experiments[name]


def _parameters(layer: Layer) -> int:
    shapes = layer.tensors.values()
    return sum(shape[0] if len(shape) == 1 else layer.size for shape in shapes)
