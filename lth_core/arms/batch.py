"""The few examples at which sources look that prune before training."""

import numpy as np


def balanced_rows(labels: np.ndarray, per_class: int, generator: np.random.Generator) -> np.ndarray:
    """Return rows of `per_class` random examples of every class; all of one that has fewer.

    labels: (N,) of the training set. Classes follow each other in rising order.
    """
    order = generator.permutation(len(labels))
    return np.concatenate(
        [order[labels[order] == label][:per_class] for label in np.unique(labels)]
    )
