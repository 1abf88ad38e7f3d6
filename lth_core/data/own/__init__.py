"""Users' own data sets, with one file per type of source in config/datasets/.

Its function `read` takes where the data lie, and `Files` that know what was pinned.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from lth_core.data.dataset import Arrays
from lth_core.data.own.files import Files
from lth_core.data.own.whole import Facts, whole


class Found(NamedTuple):
    """What a source holds: the four arrays of `DataSet`, what they are, and its files' digests."""

    arrays: Arrays
    facts: Facts
    sha256: dict[str, str]


def find(
    type_: str, place: str, sha256: Mapping[str, str] | None, facts: Facts | None = None
) -> Found:
    """Read and check the data of a source.

    place: a file or folder, or the name of a class of torchvision. sha256, facts: what was pinned;
    None: whatever is there.

    Raises DataError, which names the file, where one is missing, malformed or not as pinned.
    """
    files = Files(sha256)
    pieces = import_module(module_of(type_)).read(Path(place), files)
    arrays, found = whole(pieces, facts)
    files.check_all_were_read()
    return Found(arrays, found, files.sha256)


def module_of(type_: str) -> str:
    """Return the module that reads a type of source."""
    return f"{__name__}.{type_}"
