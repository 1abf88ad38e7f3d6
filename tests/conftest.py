"""Fixtures shared by all tests."""

from pathlib import Path

import pytest

from lth_core.data.prepare import prepare

CACHE = Path(__file__).parent.parent / ".cache" / "data"


@pytest.fixture(scope="session")
def mnist_file() -> Path:
    """The real MNIST as one prepared file, fetched by the first test run and kept."""
    return _prepared("mnist")


@pytest.fixture(scope="session")
def cifar10_file() -> Path:
    """The real CIFAR-10, likewise."""
    return _prepared("cifar10")


def _prepared(dataset: str) -> Path:
    path = CACHE / f"{dataset}.safetensors"
    if not path.exists():
        prepare(dataset, path)
    return path
