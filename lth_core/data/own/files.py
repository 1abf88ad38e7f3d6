"""The files of a source, each identified by its sha256."""

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from pathlib import Path

from lth_core.data.errors import DataError


class Files:
    """Reads files, and refuses those that are not as pinned.

    pinned: the sha256 of each, by name; None: any will do. sha256: of those that were read.
    """

    def __init__(self, pinned: Mapping[str, str] | None) -> None:
        self._pinned = pinned
        self.sha256: dict[str, str] = {}

    def read(self, path: Path) -> bytes:
        """Return the bytes of a file, whose name is that in `pinned`. Raises DataError."""
        if not path.is_file():
            raise DataError(f"{path}: there is no such file")
        raw = path.read_bytes()
        self.note(path, hashlib.sha256(raw).hexdigest())
        return raw

    def unpacked(self, path: Path) -> bytes:
        """Return the bytes of a file, which may be gzipped, with .gz at its name."""
        packed = path.with_name(f"{path.name}.gz")
        if not packed.is_file():
            return self.read(path)
        try:
            return gzip.decompress(self.read(packed))
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{packed}: damaged gzip file: {error}") from error

    def note(self, path: Path, digest: str) -> None:
        """Take note of what was read. Raises DataError where it is not as pinned."""
        if self._pinned is not None and digest != self._pinned.get(path.name):
            expected = self._pinned.get(path.name, "none, as no file of that name is pinned")
            raise DataError(
                f"{path}: expected sha256 {expected}, found {digest}; if it was changed on"
                " purpose, `lth data NAME --pin`"
            )
        self.sha256[path.name] = digest

    def check_all_were_read(self) -> None:
        """Refuse names that are pinned, but were not read. Raises DataError."""
        for name in self._pinned or ():
            if name not in self.sha256:
                raise DataError(f"pinned.sha256.{name}: no such file was read")
