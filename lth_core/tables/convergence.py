"""The convergence criterion of the 2018 version's MNIST figures ("iterations to converge").

The slides name no criterion; this one is ours: the first iteration after which a moving average
of test accuracy changes by less than 0.002 for 1,000 iterations.
"""

import numpy as np

WINDOW = 500  # iterations that the moving average covers, up to and with the present one
HORIZON = 1000  # iterations for which it may not change
CHANGE = 0.002  # of accuracy (0 to 1): largest value less smallest


def convergence_iteration(iterations: np.ndarray, accuracies: np.ndarray) -> int:
    """Return the first iteration after which the moving average stands still.

    iterations: where accuracy was measured, increasing (n,). accuracies: 0 to 1 (n,). The end
    of training where that never happens, or where fewer than HORIZON iterations follow.
    """
    averages = moving_average(iterations, accuracies)
    last = int(iterations[-1])
    for iteration in iterations[iterations <= last - HORIZON]:
        ahead = averages[(iterations >= iteration) & (iterations <= iteration + HORIZON)]
        if ahead.max() - ahead.min() < CHANGE:
            return int(iteration)
    return last


def moving_average(iterations: np.ndarray, accuracies: np.ndarray) -> np.ndarray:
    """Return at each iteration the mean accuracy of the last WINDOW iterations (n,)."""
    first = np.searchsorted(iterations, iterations - WINDOW, side="right")
    sums = np.concatenate(([0.0], np.cumsum(accuracies, dtype=float)))
    last = np.arange(1, len(iterations) + 1)
    return np.asarray((sums[last] - sums[first]) / (last - first))
