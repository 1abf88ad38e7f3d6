"""Tells jobs which folder already holds the data."""

import os
from pathlib import Path

VARIABLE = "LTH_DATA"


def tell(data_root: str | None) -> None:
    """Let jobs of this process, and of those that it starts, read data from `data_root`.

    It is no part of what a job is told, as the bytes are the same. None: what the user's own
    variable says, if it is set.
    """
    if data_root:
        os.environ[VARIABLE] = data_root


def told() -> Path | None:
    """Return the folder; None where data are downloaded."""
    found = os.environ.get(VARIABLE)
    return Path(found) if found else None
