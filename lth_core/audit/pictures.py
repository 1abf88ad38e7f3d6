"""Content and provenance of a picture or notebook, whatever its file is called."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from lth_core.figures import embed
from lth_core.files import sha256_file

PICTURES = (".png", ".svg", ".ipynb")  # what carries its provenance inside
_HEADS = dict(zip(PICTURES, (rb"\x89PNG", rb".*<svg", rb'\s*\{\s*"cells"'), strict=True))
# What is raised of a picture or notebook that is cut off, damaged or forged.
BROKEN = (
    *(ValueError, OSError, SyntaxError, KeyError, TypeError, AttributeError),
    Image.DecompressionBombError,
)


def embedded_provenance(file: Path) -> dict[str, Any]:
    """Return what a picture or notebook says of itself; nothing where that cannot be read."""
    try:
        with _named(file) as picture:
            return embed.read_metadata(picture)
    except BROKEN:
        return {}


def content_digest(file: Path) -> str:
    """Return the digest that a manifest would record of `file`: of a picture, what it shows."""
    try:
        with _named(file) as picture:
            return embed.content_digest(picture)
    except BROKEN:
        return sha256_file(file)


def suffix_of(file: Path) -> str:
    """Return the suffix of a picture or notebook by how its content begins; of others, their own.

    Raises OSError where there is no such file.
    """
    with file.open("rb") as opened:
        head = opened.read(4096)
    found = (suffix for suffix, begin in _HEADS.items() if re.match(begin, head, re.DOTALL))
    return next(found, file.suffix)


@contextmanager
def _named(file: Path) -> Iterator[Path]:
    """Yield a path of the picture `file` that ends as it should. Raises ValueError for others."""
    suffix = suffix_of(file)
    if suffix not in PICTURES:
        raise ValueError(f"{file} is not a picture")
    if suffix == file.suffix:
        yield file
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder, f"picture{suffix}")
        link.symlink_to(file.resolve())
        yield link
