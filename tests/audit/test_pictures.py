"""Pictures are known by their content, whatever they are called."""

import struct
from pathlib import Path
from zlib import crc32

import pytest
from PIL import Image

from lth_core.audit.pictures import content_digest, embedded_provenance, suffix_of
from lth_core.figures import embed
from lth_core.files import sha256_file

PROVENANCE = {"figure": "fig04", "manifest": "0"}


def draw(path: Path) -> None:
    if path.suffix == ".png":
        Image.new("RGB", (2, 2)).save(path, dpi=(100, 100))
    elif path.suffix == ".svg":
        path.write_bytes(
            b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">\n</svg>\n'
        )
    else:
        path.write_bytes(b'{"cells": [], "metadata": {}}')
    embed.embed(path, PROVENANCE)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".ipynb"])
@pytest.mark.parametrize("name", ["FIG.PNG", "figure", "figure.txt"])
def test_its_name_says_nothing(tmp_path: Path, suffix: str, name: str) -> None:
    drawn = tmp_path / f"drawn{suffix}"
    draw(drawn)
    digest = embed.content_digest(drawn)
    sent = drawn.rename(tmp_path / name)
    assert suffix_of(sent) == suffix
    assert embedded_provenance(sent) == PROVENANCE
    assert content_digest(sent) == digest


def claiming(width: int, height: int) -> bytes:
    """Return a PNG that says it has so many pixels, and has none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc32(name + data))
        for name, data in chunks
    )


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\x89PNG\r\n", claiming(60_000, 60_000), claiming(2, 2), b"<svg", b"a,b\n1,2\n"),
        *(b'{"cells": []}', b'{"cells": [], "metadata": null}', b'{"cells": [], "metadata": []}'),
        *(b'{"cells": [], "metadata": {"provenance": 3}}', b'{"cells": [], "metadata": 3'),
    ],
)
def test_what_is_no_picture_or_a_broken_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(content)
    assert embedded_provenance(path) == {}
    if b"provenance" not in content:
        assert content_digest(path) == sha256_file(path)
