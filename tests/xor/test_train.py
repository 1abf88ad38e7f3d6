"""Training many XOR networks at once: against autograd, and alone or in company."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from lth_core.networks.shapes import Weights
from lth_core.xor.points import POINTS, TARGETS, losses
from lth_core.xor.train import Networks, train

Draw = Callable[[int, int], Weights]


@pytest.mark.parametrize("units", [2, 7])
def test_steps_follow_the_gradient_of_autograd(random_weights: Draw, units: int) -> None:
    start = random_weights(1, units)
    names = ("fc1.weight", "fc1.bias", "output.weight", "output.bias")
    parameters = [torch.tensor(start[name][0], requires_grad=True) for name in names]
    optimiser = torch.optim.SGD(parameters, lr=0.5)
    points, targets = torch.tensor(POINTS), torch.tensor(TARGETS)
    for _ in range(3):
        optimiser.zero_grad()
        w, b, v, c = parameters
        logits = torch.relu(points @ w.T + b) @ v.T + c
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, 0], targets)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    found = train(start, 3, 0.5).weights
    for name, parameter in zip(names, parameters, strict=True):
        np.testing.assert_allclose(found[name][0], parameter.detach(), rtol=2e-5, atol=2e-6)


def test_the_loss_is_that_of_torch() -> None:
    logits = np.array([[-3, 0.5, 2, -1], [90, -90, -90, 90], [0, 0, 0, 0]], dtype=np.float32)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor(logits), torch.tensor(TARGETS).expand(3, 4), reduction="none"
    ).mean(dim=1)
    np.testing.assert_allclose(losses(logits), expected, rtol=1e-6)


@pytest.mark.parametrize("units", [2, 10])
def test_the_bits_of_a_network_do_not_depend_on_its_company(
    random_weights: Draw, units: int
) -> None:
    start = random_weights(37, units)
    together = train(start, 50, 0.5)
    for lanes in (slice(0, 1), slice(20, 21), slice(3, 36)):
        alone = train({name: array[lanes] for name, array in start.items()}, 50, 0.5)
        for name, array in together.weights.items():
            assert array[lanes].tobytes() == alone.weights[name].tobytes()
        assert together.logits()[lanes].tobytes() == alone.logits().tobytes()


def test_weights_come_out_as_they_went_in(random_weights: Draw) -> None:
    start = random_weights(3, 4)
    for name, array in Networks(start).weights.items():
        np.testing.assert_array_equal(array, start[name])
