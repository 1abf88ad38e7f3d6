"""A folder of four IDX files, named as those of MNIST; each may be gzipped."""

from pathlib import Path

from lth_core.data.formats.idx import FILES, parse_idx
from lth_core.data.own.files import Files
from lth_core.data.own.whole import Piece, Pieces


def read(folder: Path, files: Files) -> Pieces:
    """Read the four files of `folder`. Raises DataError where one is missing or malformed."""
    paths = {name: folder / file for name, file in FILES.items()}
    return {
        name: Piece(str(path), parse_idx(files.unpacked(path), str(path)))
        for name, path in paths.items()
    }
