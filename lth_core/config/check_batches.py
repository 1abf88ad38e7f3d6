"""Checks that a data set has enough examples for a run's batches."""

from collections.abc import Mapping

from lth_core.config.checks import Known, data_set, known_data
from lth_core.config.dataset import Dataset
from lth_core.config.errors import ConfigError
from lth_core.config.experiment import Experiment
from lth_core.config.experiment_files import Raw
from lth_core.config.scale import Scale

# Of some classes there is at least this share of what equal classes would have: no label is rarer
# than 0.9 of it.
_RAREST = 0.5


def check_batches(
    entry: Raw,
    experiment: Experiment,
    datasets: Mapping[str, Dataset],
    scale_name: str,
    scale: Scale,
) -> None:
    """Refuse full batches alone (`drop_last`) where the training examples do not fill one."""
    where, training = f"{entry.file}: {entry.key}", experiment.training
    known = known_data(f"{where}.dataset", data_set(experiment.dataset), datasets)
    examples = _training_examples(known, datasets[experiment.dataset])
    examples = min(examples, scale.of(experiment.architecture).examples or examples)
    if training.drop_last and training.batch_size > examples:
        raise ConfigError(
            f"{where}.training.drop_last: no batch of {training.batch_size} is"
            f" full, since at scale {scale_name} there are {examples} training examples"
        )


def _training_examples(known: Known, dataset: Dataset) -> int:
    """Return how many training examples there are at least."""
    examples = float(known.sizes[0] - dataset.validation)
    if dataset.classes is not None:
        examples *= _RAREST * len(dataset.classes) / known.classes
    return max(1, round(examples * dataset.share))
