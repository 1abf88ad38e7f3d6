"""A few networks and jobs of v1's XOR experiments."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lth_core.config.load import load
from lth_core.config.xor import Xor
from lth_core.networks.shapes import Weights
from lth_core.xor.job import run
from lth_core.xor.plan import XorPlan

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="session")
def xor() -> Xor:
    """The experiments as published."""
    return load(CONFIG, {"scale": "paper"}).xor


@pytest.fixture(scope="session")
def small(xor: Xor) -> Xor:
    """The same experiments with 30 trials of 400 iterations."""
    training = xor.training.model_copy(update={"iterations": 400})
    return xor.model_copy(update={"training": training, "trials": 30})


@pytest.fixture
def random_weights() -> Callable[[int, int], Weights]:
    """A function that draws weights of so many lanes and units, far from small."""

    def draw(lanes: int, units: int) -> Weights:
        generator = np.random.default_rng(5)
        shapes = {
            "fc1.weight": (lanes, units, 2),
            "fc1.bias": (lanes, units),
            "output.weight": (lanes, 1, units),
            "output.bias": (lanes, 1),
        }
        return {
            name: generator.standard_normal(shape).astype(np.float32)
            for name, shape in shapes.items()
        }

    return draw


@pytest.fixture(scope="session")
def trained(small: Xor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all jobs of v1_xor_iter_product and v1_xor_oneshot_product, trained."""
    folder = tmp_path_factory.mktemp("xor")
    plan = XorPlan(small)
    for experiment in ("v1_xor_iter_product", "v1_xor_oneshot_product"):
        for job in plan.rounds(experiment):
            told = json.loads(plan.specification(job, str(folder)))
            run(told, "code", folder / plan.folder(job))
    return folder
