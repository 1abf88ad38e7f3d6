"""When accuracy stands still, on curves that one checks by eye."""

import numpy as np
import pytest

from lth_core.tables.convergence import convergence_iteration, moving_average

ITERATIONS = np.arange(0, 5001, 100)


def test_the_average_is_of_the_last_500_iterations():
    averages = moving_average(np.arange(0, 701, 100), np.array([0, 1, 2, 3, 4, 5, 6, 7]) / 10)
    assert averages == pytest.approx([0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])


def test_a_step_is_over_when_the_window_has_passed_it():
    accuracies = np.where(ITERATIONS < 2000, 0.5, 0.9)
    assert convergence_iteration(ITERATIONS, accuracies) == 0, "flat for the first 1,000 already"
    accuracies[0] = 0.1
    assert convergence_iteration(ITERATIONS, accuracies) == 500, "until 0 has left the window"


def test_a_ramp_is_over_once_it_rises_by_less_than_the_change_allowed():
    accuracies = np.minimum(0.5 + ITERATIONS / 10000, 0.7)  # flat from 2,000 on
    # The average of the iterations up to 2,300 is 0.7 - 0.01 / 5, of those up to 2,400 it is 0.7.
    assert convergence_iteration(ITERATIONS, accuracies) == 2400


def test_wobbles_below_the_threshold_are_no_change():
    wobbling = 0.9 + 0.003 * (-1) ** np.arange(len(ITERATIONS))
    # The averages are 0.903, 0.900, 0.901, 0.900, and from then on 0.9006 or 0.8994.
    assert convergence_iteration(ITERATIONS, wobbling) == 100
    steady_rise = ITERATIONS * 1.9e-6
    assert convergence_iteration(ITERATIONS, steady_rise) == 0


def test_without_convergence_it_is_the_end_of_training():
    assert convergence_iteration(ITERATIONS, ITERATIONS / 10000) == 5000
    short = np.arange(0, 901, 100)
    assert convergence_iteration(short, np.full(10, 0.9)) == 900
