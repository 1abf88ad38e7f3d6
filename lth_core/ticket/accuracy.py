"""Accuracy of a ticket, and of the others of its round."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lth_core.files import sha256_file
from lth_core.provenance import manifest
from lth_core.tables.summary import summarise
from lth_core.ticket.find import behind, folder_of
from lth_core.ticket.stores import Published, Results
from lth_core.ticket.value import Ticket

METRICS = "metrics.parquet"


class Accuracy(NamedTuple):
    """Test accuracies (0 to 1): of the ticket, and of all trials of its round.

    trials has one value a trial, the mean over replicates.
    """

    own: float
    trials: list[float]


def accuracy_of(ticket: Ticket, root: Path, column: str) -> Accuracy | None:
    """Return a column of the experiment's summary (tables/summary.py) for a loaded ticket.

    The table has to be whole and to rest on the very run. Without one the run's own metrics are
    read; None where they are not kept either.
    """
    table = _summary(ticket, root)
    if table is None:
        return None
    table = table[table["round"] == ticket.round]
    own = table[(table["trial"] == ticket.trial) & (table["replicate"] == ticket.replicate)]
    return Accuracy(float(own[column].iloc[0]), list(table.groupby("trial")[column].mean()))


def _summary(ticket: Ticket, root: Path) -> pd.DataFrame | None:
    results = Results(root, ticket.scale)
    for store in (results, Published(root, ticket.scale)):
        path = store.tables / ticket.experiment / manifest.NAME
        if ticket.provenance in behind(store, path).values():
            table = _read(path.with_name("summary.parquet"), path)
            if table is not None:
                return table
    run = (ticket.round, ticket.trial, ticket.replicate)
    found = folder_of(results, ticket.experiment, run)
    if found is None:
        return None
    metrics, path = root / found / METRICS, root / found / manifest.NAME
    if not metrics.is_file() or sha256_file(path) != ticket.provenance:
        return None
    rows = _read(metrics, path)
    return None if rows is None else summarise(rows, ticket.experiment)


def _read(table: Path, record: Path) -> pd.DataFrame | None:
    """Return a table if it is what its manifest, `record`, says."""
    if sha256_file(table) != manifest.read(record)["outputs"][table.name]:
        return None
    return pd.read_parquet(table)
