"""A figure's provenance, carried in its own PNG, SVG or notebook file."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from PIL import Image, PngImagePlugin

from lth_core.files import sha256_bytes

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
        notebook = json.loads(path.read_text())
        notebook["metadata"].pop(KEY, None)
        return sha256_bytes(json.dumps(notebook, sort_keys=True).encode())
    return sha256_bytes(_without_provenance(path.read_text()).encode())


def embed(path: Path, provenance: dict[str, Any]) -> None:
    """Write `provenance` into the file at `path` (.png: tEXt; .svg: metadata; .ipynb)."""
    text = json.dumps(provenance, sort_keys=True)
    if path.suffix == ".png":
        information = PngImagePlugin.PngInfo()
        information.add_text(KEY, text)
        with Image.open(path) as image:
            image.load()
            image.save(path, pnginfo=information, dpi=image.info["dpi"])
    elif path.suffix == ".svg":
        head, end, tail = _without_provenance(path.read_text()).rpartition("</svg>")
        path.write_text(f"{head}{_element(text)}{end}{tail}")
    else:
        notebook = json.loads(path.read_text())
        notebook["metadata"][KEY] = provenance
        path.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


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
        text = json.dumps(json.loads(path.read_text())["metadata"].get(KEY))
    provenance = json.loads(text or "null")
    if provenance is None:
        raise ValueError(f"{path}: no {KEY} is embedded; is it a figure of this project?")
    return dict(provenance)


def _element(text: str) -> str:
    return f'<metadata id="{KEY}">{escape(text)}</metadata>\n'


def _without_provenance(svg: str) -> str:
    start = svg.find(f'<metadata id="{KEY}">')
    if start < 0:
        return svg
    end = svg.index("</metadata>\n", start) + len("</metadata>\n")
    return svg[:start] + svg[end:]
