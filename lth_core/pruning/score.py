"""Scores: how much each weight deserves to stay. Higher stays."""

import numpy as np


def magnitude(weight: np.ndarray) -> np.ndarray:
    """Return |weight|, flat; NaN, left by a diverged run, scores below everything."""
    score = np.abs(weight).ravel()
    return np.where(np.isnan(score), -1.0, score)


def random(weight: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return one independent uniform score for each entry of `weight`, flat."""
    return generator.random(weight.size)
