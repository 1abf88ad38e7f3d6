"""The keys of config/datasets/: what is refused, and by which words."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lth_core.config.checks import check_datasets
from lth_core.config.errors import ConfigError
from lth_core.config.models import Dataset


def dataset(**keys: Any) -> Dataset:
    return Dataset.model_validate({"validation": 5000, "scaling": "unit", **keys})


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
        check_datasets(Path("datasets"), {name: dataset(**keys)})


def test_variants_that_they_allow() -> None:
    allowed = {"mnist_a": dataset(blur=7, classes=[0, 9]), "cifar10_b": dataset(blur=8)}
    check_datasets(Path("datasets"), allowed)
