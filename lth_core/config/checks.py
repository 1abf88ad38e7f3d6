"""Whether data sets and experiments fit together: names, shapes and classes."""

from collections.abc import Mapping
from math import ceil, prod
from pathlib import Path

from lth_core.config.check_arm import check_arm, check_rates
from lth_core.config.errors import ConfigError, Errors, unknown_name
from lth_core.config.experiments import Raw
from lth_core.config.models import Dataset, Experiment
from lth_core.data import sets
from lth_core.data.dataset import DataSet

# Validation examples that a choice of classes leaves on average, at least.
_VALIDATION_OF_CLASSES = 30


def check_datasets(folder: Path, datasets: Mapping[str, Dataset]) -> None:
    """Refuse data sets that the code does not know, and variants that their data do not allow."""
    errors = Errors()
    for name, dataset in datasets.items():
        with errors.gathered():
            _check_dataset(f"{folder / name}.yaml", data_set(name), dataset)
    errors.raise_found()


def _check_dataset(where: str, found: str, dataset: Dataset) -> None:
    if found not in sets.names():
        raise unknown_name(where, found, sets.names(), "data set")
    last, (_, height, width) = sets.of(found).classes - 1, sets.of(found).shape
    if dataset.classes and dataset.classes[-1] > last:
        raise ConfigError(
            f"{where}: classes: found {dataset.classes[-1]}, but {found} has labels 0 to {last}"
        )
    if height % dataset.blur or width % dataset.blur:
        raise ConfigError(
            f"{where}: blur: found {dataset.blur}, should divide {found}'s images of {height} x"
            f" {width} pixels"
        )
    _check_validation(where, dataset, sets.of(found))


def _check_validation(where: str, dataset: Dataset, known: DataSet) -> None:
    """Refuse a split that leaves nothing to train on or to validate with."""
    least, examples = 1, known.sizes[0]
    if dataset.classes is not None:
        # Only these are kept of what is drawn, so chance might leave none.
        least = ceil(_VALIDATION_OF_CLASSES * known.classes / len(dataset.classes))
    if not least <= dataset.validation <= examples - least:
        raise ConfigError(
            f"{where}: validation: found {dataset.validation}, should be from {least} to"
            f" {examples - least} of the {examples} training examples"
        )


def data_set(dataset: str) -> str:
    """Return the data set of which a file of config/datasets/ is a variant: `mnist` of `mnist_l2`.

    A name without an underscore is the data set itself.
    """
    return dataset.partition("_")[0]


def check_experiment(
    entry: Raw,
    experiment: Experiment,
    experiments: Mapping[str, Experiment],
    datasets: Mapping[str, Dataset],
) -> None:
    """Refuse an experiment that names something that isn't there or doesn't fit."""
    where = f"{entry.file}: {entry.key}"
    if experiment.dataset not in datasets:
        raise unknown_name(f"{where}.dataset", experiment.dataset, datasets, "data set")
    known, size = sets.of(data_set(experiment.dataset)), experiment.architecture.input
    flat, image = [prod(known.shape)], list(known.shape)
    if size not in (flat, image):
        raise ConfigError(
            f"{where}.architecture.input: {size} does not fit {experiment.dataset}, whose"
            f" examples are {flat} or {image}"
        )
    if experiment.architecture.classes != known.classes:
        raise ConfigError(
            f"{where}.architecture.classes: found {experiment.architecture.classes}, but"
            f" {experiment.dataset} has {known.classes} classes"
        )
    if experiment.training.augmentation != "none" and len(size) != 3:
        raise ConfigError(
            f"{where}.training.augmentation: {experiment.training.augmentation!r} needs images"
            f" (channels, height, width), but the architecture's input is {size}"
        )
    check_rates(where, entry.settings, experiment)
    check_arm(where, experiment, experiments)
