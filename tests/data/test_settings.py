"""The keys of config/datasets/: what is refused, and by which words."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lth_core.config.checks import check_datasets
from lth_core.config.dataset import Dataset
from lth_core.config.errors import ConfigError, Errors


def dataset(**keys: Any) -> Dataset:
    return Dataset.model_validate({"validation": 5000, "scaling": "unit", **keys})


def check(datasets: dict[str, Dataset]) -> None:
    errors = Errors()
    check_datasets(Path("datasets"), datasets, errors)
    errors.raise_found()


@pytest.mark.parametrize(
    "keys",
    [
        {"share": 0},
        {"share": 1.5},
        {"classes": [1]},
        {"classes": [2, 1]},
        {"classes": [1, 1]},
        {"classes": [-1, 1]},
        {"blur": 0},
        {"labels": "shuffled"},
        {"pixels": "random"},
    ],
)
def test_wrong_values_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        dataset(**keys)


@pytest.mark.parametrize(
    ("name", "keys", "words"),
    [
        ("mnist_few", {"classes": [1, 10]}, "mnist_few.yaml: classes: found 10, but mnist has"),
        ("mnist_blurred", {"blur": 3}, "blur: found 3, should divide mnist's images of 28 x 28"),
        ("minst_blurred", {"blur": 2}, "no data set is called 'minst'; did you mean 'mnist'"),
    ],
)
def test_variants_that_the_data_do_not_allow(name: str, keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        check({name: dataset(**keys)})


def test_variants_that_they_allow() -> None:
    allowed = {"mnist_a": dataset(blur=7, classes=[0, 9]), "cifar10_b": dataset(blur=8)}
    check(allowed)


SOURCE = {"type": "npz", "path": "own.npz"}
PINNED = {
    "images": [3, 20, 20],
    "classes": 20,
    "train": 900,
    "test": 100,
    "sha256": {"own.npz": "0" * 64},
}


def own(**keys: Any) -> Dataset:
    return dataset(**{"source": SOURCE, "pinned": PINNED, "validation": 100, **keys})


@pytest.mark.parametrize(
    "keys",
    [
        {"source": {"type": "csv", "path": "a"}},
        {"source": {"type": "npz"}},
        {"source": {"type": "npz", "path": ""}},
        {"source": {"type": "torchvision", "name": "SVHN"}},
        {"source": {"type": "torchvision", "path": "own"}},
        {"pinned": {**PINNED, "images": [20, 20]}},
        {"pinned": {**PINNED, "classes": 1}},
        {"pinned": {**PINNED, "classes": 257}},
        {"pinned": {**PINNED, "sha256": {}}},
        {"pinned": {**PINNED, "sha256": {"own.npz": "0" * 63}}},
        {"pinned": {**PINNED, "sha256": {"own.npz": "G" * 64}}},
    ],
)
def test_wrong_sources_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        own(**keys)


@pytest.mark.parametrize(
    ("name", "found", "words"),
    [
        ("mnist", own(), "mnist.yaml: source: mnist is built in; data of your own"),
        ("mnist_own", own(), "mnist_own.yaml: source: mnist is built in; data of your own"),
        ("my_own", own(), "my_own.yaml: source: belongs in my.yaml, of which this file"),
        ("own", own(pinned=None), "own.yaml: pinned: this key is missing; `lth data own --pin`"),
        ("own", own(source=None), "own.yaml: pinned: needs a `source`"),
        ("own", own(validation=900), "own.yaml: validation: found 900, should be from 1 to 899"),
        ("own", own(classes=[3, 20]), "own.yaml: classes: found 20, but own has labels 0 to 19"),
        ("own", own(blur=3), "own.yaml: blur: found 3, should divide own's images of 20 x 20"),
    ],
)
def test_sources_that_do_not_fit(name: str, found: Dataset, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        check({name: found})
    assert str(raised.value).startswith(f"datasets/{words}")


def test_a_variant_of_data_of_ones_own() -> None:
    check({"own": own(), "own_blurred": dataset(blur=4, validation=5)})
    with pytest.raises(ConfigError, match="own_blurred.yaml: blur: found 3, should divide own's"):
        check({"own": own(), "own_blurred": dataset(blur=3)})
    with pytest.raises(ConfigError) as raised:  # told once, of the file with the mistake
        check({"own": own(pinned=None), "own_blurred": dataset(blur=3)})
    assert "own_blurred" not in str(raised.value)


def test_runs_are_not_told_where_data_come_from() -> None:
    assert own().model_dump(exclude_defaults=True) == {"validation": 100, "scaling": "unit"}
