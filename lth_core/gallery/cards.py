"""What the gallery says of each figure, gathered from its entry, its manifest and the claims."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
from PIL import Image

from lth_core.config.figures import Figure
from lth_core.files import sha256_file
from lth_core.provenance import manifest

# The paper's own headings.
_CHAPTERS = {
    "1": "1. Introduction",
    "2": "2. Winning Tickets in Fully-Connected Networks",
    "3": "3. Winning Tickets in Convolutional Networks",
    "4": "4. VGG and Resnet for CIFAR10",
    "B": "Appendix B. Iterative Pruning Strategies",
    "C": "Appendix C. Early Stopping Criterion",
    "D": "Appendix D. Training Accuracy for Lottery Tickets",
    "E": "Appendix E. Comparing Random Reinitialization and Random Sparsity",
    "F": "Appendix F. Examining Winning Tickets",
    "G": "Appendix G. Hyperparameter Exploration for Fully-Connected Networks",
    "H": "Appendix H. Hyperparameter Exploration for Convolutional Networks",
    "I": "Appendix I. Hyperparameter Exploration for VGG-19 and Resnet-18 on CIFAR10",
}
_V1 = "The first version (March 2018)"
_OWN = "Figures of this project"


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
    """One statement of the paper, and what was found."""

    id: str
    statement: str
    paper: str
    observed: float | None
    low: float | None
    high: float | None
    n: int | None
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
        for name in sorted(figures, key=_place)
    ]


def heading(name: str) -> str:
    """Return what a figure is called: `v1_tab2` is "First version, Table 2"."""
    version, kind, number = _parts(name)
    word = "Table" if kind == "tab" else "Figure"
    return f"{'First version, ' if version else ''}{word} {number}"


def chapter(name: str, section: str) -> str:
    """Return the chapter of a figure, from its section such as `G.3.1`."""
    if _parts(name)[0]:
        return _V1
    return _CHAPTERS.get(re.split(r"\W", section, maxsplit=1)[0], _OWN)


def _place(name: str) -> tuple[str, str, int]:
    version, kind, number = _parts(name)
    # The slides' tables (XOR) come before their figures.
    return version, "" if kind == "tab" else kind, number


def _parts(name: str) -> tuple[str, str, int]:
    match = re.fullmatch(r"(v1_)?(fig|tab)(\d+)", name)
    if match is None:
        raise ValueError(f"{name!r} is no name of a figure; it should be like fig04 or v1_tab1")
    return match[1] or "", match[2], int(match[3])


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
