"""A figure's provenance, carried in its own PNG, SVG or notebook file."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from PIL import Image, PngImagePlugin

from lth_core.files import atomic_path, sha256_bytes, write_bytes

KEY = "provenance"
_SVG = "{http://www.w3.org/2000/svg}"


def content_digest(path: Path) -> str:
    """Return the sha256 of what a picture shows, whatever is embedded in it.

    PNG: of the RGBA pixels, row by row. SVG: of the text without the embedded element.
    Notebook: of its JSON, likewise.
    """
    if path.suffix == ".png":
        with Image.open(path) as image:
            return sha256_bytes(image.convert("RGBA").tobytes())
    if path.suffix == ".ipynb":
        notebook = json.loads(_text(path))
        notebook["metadata"].pop(KEY, None)
        return sha256_bytes(json.dumps(notebook, sort_keys=True).encode())
    return sha256_bytes(_without_provenance(_text(path)).encode())


def embed(path: Path, provenance: dict[str, Any]) -> None:
    """Write `provenance` atomically into the file at `path` (.png, .svg or .ipynb)."""
    text = json.dumps(provenance, sort_keys=True)
    if path.suffix == ".png":
        information = PngImagePlugin.PngInfo()
        information.add_text(KEY, text)
        with Image.open(path) as image, atomic_path(path) as temporary:
            image.save(temporary, "PNG", pnginfo=information, dpi=image.info["dpi"], optimize=True)
    elif path.suffix == ".svg":
        head, end, tail = _without_provenance(_text(path)).rpartition("</svg>")
        element = f'<metadata id="{KEY}">{escape(text)}</metadata>\n'
        write_bytes(path, f"{head}{element}{end}{tail}".encode())
    else:
        notebook = json.loads(_text(path))
        notebook["metadata"][KEY] = provenance
        write_notebook(path, notebook)


def write_notebook(path: Path, notebook: Mapping[str, Any]) -> None:
    """Write a notebook, so that the same one gives the same bytes."""
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    write_bytes(path, f"{text}\n".encode())


def read_metadata(path: Path) -> dict[str, Any]:
    """Return the provenance embedded in a .png, .svg or .ipynb file.

    Raises ValueError naming the file where there is none.
    """
    text: str | None = None
    if path.suffix == ".png":
        with Image.open(path) as image:
            text = getattr(image, "text", {}).get(KEY)
    elif path.suffix == ".svg":
        text = ElementTree.parse(path).findtext(f"{_SVG}metadata[@id='{KEY}']")
    else:
        text = json.dumps(json.loads(_text(path))["metadata"].get(KEY))
    provenance = json.loads(text or "null")
    if provenance is None:
        raise ValueError(f"{path}: no {KEY} is embedded; is it a figure of this project?")
    return dict(provenance)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _without_provenance(svg: str) -> str:
    return re.sub(f'<metadata id="{KEY}">[^<]*</metadata>\n', "", svg, count=1)
