"""Winning tickets, counted by hand."""

import numpy as np
import pandas as pd

from lth_core.tables.winning import wins


def runs(*rows: tuple[int, int, int, float]) -> pd.DataFrame:
    columns = ["trial", "round", "early_stop_iteration", "test_accuracy_at_early_stop"]
    return pd.DataFrame(rows, columns=columns).assign(diverged=False)


def test_two_of_four_tickets_win() -> None:
    tickets = [(900, 0.971), (1000, 0.97), (1100, 0.98), (500, 0.969)]
    table = runs((0, 0, 1000, 0.97), *[(0, i, *one) for i, one in enumerate(tickets, start=1)])
    assert wins(table, table).tolist() == [1, 1, 1, 0, 0]


def test_against_the_dense_network_of_the_same_trial() -> None:
    tickets = runs((1, 1, 900, 0.95), (0, 1, 900, 0.95), (2, 1, 900, 0.95))
    dense = runs((0, 0, 1000, 0.94), (1, 0, 1000, 0.96), (1, 1, 1000, 0.1))
    np.testing.assert_array_equal(wins(tickets, dense), [0, 1, np.nan])


def test_nothing_is_known_of_tickets_whose_dense_network_diverged() -> None:
    table = runs((0, 0, 0, 0.1), (0, 1, 900, 0.98), (1, 0, 1000, 0.97), (1, 1, 900, 0.98))
    table.loc[0, "diverged"] = True
    np.testing.assert_array_equal(wins(table, table), [np.nan, np.nan, 1, 1])
