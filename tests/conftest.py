"""Fixtures shared by all tests."""

from pathlib import Path

import pytest

from lth_core.data.prepare import prepare

CACHE = Path(__file__).parent.parent / ".cache" / "tests"


@pytest.fixture(scope="session")
def mnist_file() -> Path:
    """The real MNIST as one prepared file, fetched by the first test run and kept."""
    path = CACHE / "mnist.safetensors"
    if not path.exists():
        prepare("mnist", path)
    return path
