"""Checks that data sets and experiments fit together: names, shapes and classes."""

from collections.abc import Mapping
from math import ceil, prod
from pathlib import Path
from typing import Any, Protocol

from lth_core.config.check_arm import check_arm, check_rates
from lth_core.config.dataset import Dataset
from lth_core.config.errors import ConfigError, Errors, unknown_name
from lth_core.config.experiment import Experiment
from lth_core.config.experiment_files import Raw
from lth_core.data import sets

# Once, since listing a folder for every experiment takes a sixth of the time of a check.
BUILT_IN = tuple(sets.names())

# Validation examples that a choice of classes leaves on average, at least.
_VALIDATION_OF_CLASSES = 30


class Known(Protocol):
    """What is known of a data set without its data; see `lth_core.data.dataset.DataSet`."""

    @property
    def classes(self) -> int: ...  # noqa: D102
    @property
    def shape(self) -> tuple[int, int, int]: ...  # noqa: D102
    @property
    def sizes(self) -> tuple[int, int]: ...  # noqa: D102


def known_data(where: str, name: str, datasets: Mapping[str, Dataset]) -> Known:
    """Return what is known of the data set `name`: a built-in one, or one of `datasets`.

    Raises ConfigError, which begins with `where`, if it is neither, or not pinned.
    """
    if name in BUILT_IN:
        return sets.of(name)
    own = {each: dataset.pinned for each, dataset in datasets.items() if dataset.source}
    pinned = own.get(name)
    if pinned is None:
        raise unknown_name(where, name, [*BUILT_IN, *own], "data set")
    return pinned


def check_datasets(folder: Path, datasets: Mapping[str, Dataset], errors: Errors) -> None:
    """Refuse data sets that are not known, and variants that their data do not allow."""
    for name, dataset in datasets.items():
        with errors.gathered("data set", name, data_set(name)):
            where = f"{folder / name}.yaml"
            _check_source(where, name, dataset)
            _check_dataset(where, data_set(name), dataset, datasets)


def _check_source(where: str, name: str, dataset: Dataset) -> None:
    """Refuse a source where the data are another file's or built in, and one that isn't pinned."""
    if dataset.source is None:
        if dataset.pinned is not None:
            raise ConfigError(f"{where}: pinned: needs a `source`, which is missing")
        return
    if data_set(name) in BUILT_IN:
        raise ConfigError(
            f"{where}: source: {data_set(name)} is built in; data of your own need another name"
        )
    if data_set(name) != name:
        raise ConfigError(
            f"{where}: source: belongs in {data_set(name)}.yaml, of which this file is a variant by"
            " its name; data of your own need a name without underscore"
        )
    if dataset.pinned is None:
        raise ConfigError(
            f"{where}: pinned: this key is missing; `lth data {name} --pin` looks at the data and"
            " writes it"
        )


def _check_dataset(
    where: str, found: str, dataset: Dataset, datasets: Mapping[str, Dataset]
) -> None:
    base = datasets.get(found)
    if base and base.source and base.pinned is None:
        return  # a mistake in that file, not in this one
    known = known_data(where, found, datasets)
    last, (_, height, width) = known.classes - 1, known.shape
    if dataset.classes and dataset.classes[-1] > last:
        raise ConfigError(
            f"{where}: classes: found {dataset.classes[-1]}, but {found} has labels 0 to {last}"
        )
    if height % dataset.blur or width % dataset.blur:
        raise ConfigError(
            f"{where}: blur: found {dataset.blur}, should divide {found}'s images of {height} x"
            f" {width} pixels"
        )
    _check_validation(where, dataset, known)
    if base and base.pinned:
        check_scaling(where, dataset, base.pinned.unfit)


def check_scaling(where: str, dataset: Dataset, unfit: Mapping[Any, str]) -> None:
    """Refuse a scaling that would divide by zero. unfit: as `Pinned` has it."""
    if dataset.scaling in unfit:
        fit = [one for one in ("unit", "standardise", "l2") if one not in unfit]
        raise ConfigError(
            f"{where}: scaling: found {dataset.scaling}, which would divide by"
            f" {unfit[dataset.scaling]}; should be {' or '.join(fit)}"
        )


def _check_validation(where: str, dataset: Dataset, known: Known) -> None:
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
    known = known_data(f"{where}.dataset", data_set(experiment.dataset), datasets)
    size = experiment.architecture.input
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
