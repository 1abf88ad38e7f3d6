"""What the gallery says of each figure, gathered from its entry, its manifest and the claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
from PIL import Image

from lth_core.config.figure import Figure
from lth_core.files import sha256_file
from lth_core.gallery.chapters import chapter, heading, place
from lth_core.provenance import manifest


@dataclass(frozen=True)
class Built:
    """A figure that has been drawn: its scale, what that leaves out, its files' names."""

    scale: str
    note: str
    digest: str
    size: tuple[int, int]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Claim:
    """One statement of the paper, and what was found: a row of results/claims.parquet."""

    id: str
    statement: str
    paper: str
    unit: str
    observed: float | None
    low: float | None
    high: float | None
    n: float | None
    scale: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class Card:
    """One figure; built is None where it has not been drawn."""

    name: str
    heading: str
    chapter: str
    title: str
    caption: str
    built: Built | None
    claims: tuple[Claim, ...]


def cards(
    figures: Mapping[str, Figure], folder: Path, claims: Mapping[str, Sequence[Claim]]
) -> list[Card]:
    """Return a card for each of `figures`, in the order of the paper.

    folder: where the drawn figures lie. claims: by figure.
    """
    return [
        Card(
            name,
            heading=heading(name),
            chapter=chapter(name, figures[name].section),
            title=figures[name].title,
            caption=figures[name].caption,
            built=built(folder, name),
            claims=tuple(claims.get(name, ())),
        )
        for name in sorted(figures, key=place)
    ]


def built(folder: Path, name: str) -> Built | None:
    """Return what was drawn of figure `name` in `folder`; its manifest is written last."""
    path = folder / f"{name}.manifest.json"
    if not path.is_file():
        return None
    scale = manifest.read(path)["settings"]["scale"]
    suffixes = {"PNG": "png", "SVG": "svg", "numbers (CSV)": "csv", "notebook": "ipynb"}
    files = {label: f"{name}.{suffix}" for label, suffix in suffixes.items()}
    with Image.open(folder / files["PNG"]) as image:
        size = image.size
    return Built(
        scale["name"], scale["note"], sha256_file(path), size, {**files, "manifest": path.name}
    )


def read_claims(path: Path) -> dict[str, list[Claim]]:
    """Return the claims of results/claims.parquet by figure."""
    found: dict[str, list[Claim]] = {}
    for row in parquet.read_table(path).to_pylist():
        claim = Claim(**{name: _plain(row[name]) for name in Claim.__dataclass_fields__})
        for figure in row["figures"].split(";"):
            found.setdefault(figure, []).append(claim)
    return found


def _plain(value: Any) -> Any:
    """Return None for NaN, by which tables say that there is no number."""
    return None if value != value else value
