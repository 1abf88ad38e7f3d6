"""Fixtures shared by all tests, and by the processes in which they run (`pytest -n`)."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from lth_core.data.prepare import prepare

# A busy machine is slow: no example fails for the time that it takes.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

CACHE = Path(__file__).parent.parent / ".cache" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of whole workflows, the slowest, begin first, so that no core waits for one at the end.

    `pytest -n` keeps this order with --no-loadscope-reorder.
    """
    items.sort(key=lambda item: item.path.parent.name != "workflow")


@pytest.fixture(scope="session")
def mnist_file() -> Path:
    """The real MNIST as one prepared file, fetched by the first test run and kept."""
    return _prepared("mnist")


@pytest.fixture(scope="session")
def cifar10_file() -> Path:
    """The real CIFAR-10, likewise."""
    return _prepared("cifar10")


@pytest.fixture(scope="session")
def once(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, Callable[[Path], object]], Path]:
    """Return a function that has a folder made by one process for all, and returns it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        path, made = root / name, root / f"{name}.made"
        with _locked(root / f"{name}.lock"):
            if not made.exists():
                make(path)
                made.touch()
        return path

    return folder


def _prepared(dataset: str) -> Path:
    path = CACHE / f"{dataset}.safetensors"
    CACHE.mkdir(parents=True, exist_ok=True)
    with _locked(CACHE / f"{dataset}.lock"):
        if not path.exists():
            prepare(dataset, path)
    return path


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
