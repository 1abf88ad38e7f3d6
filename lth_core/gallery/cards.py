"""Cards of the gallery, from the figures' entries, their manifests and the claims."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from lth_core.claims.verdict import VERDICTS
from lth_core.figure_names import chapter, heading, place, remarks
from lth_core.files import sha256_file
from lth_core.provenance import manifest

# A statement of the paper or of another system, and what was found: a row of claims.csv.
Claim = Mapping[str, str]


@dataclass(frozen=True)
class Built:
    """A figure that has been drawn: its name (fig04_partial where only in part), what it leaves
    out, its digest, its size in pixels."""

    name: str
    note: str
    digest: str
    size: tuple[int, int]


@dataclass(frozen=True)
class Card:
    """One figure; built is None where it has not been drawn."""

    name: str
    heading: str
    chapter: str
    title: str
    caption: str
    built: Built | None
    claims: Sequence[Claim]

    @property
    def counts(self) -> str:
        """The verdicts on its claims, counted."""
        return counts(self.claims)


def cards(
    figures: Mapping[str, Mapping[str, str]],
    manifests: Mapping[str, Path],
    claims: Mapping[str, Sequence[Claim]],
) -> list[Card]:
    """Return a card for each of `figures`, in the order of the paper.

    figures: section, title and caption of each. manifests: of those that are drawn, in part or as
    a whole. claims: by figure.
    """
    return [
        Card(
            name,
            heading=heading(built.name if built else name),
            chapter=chapter(name, figures[name]["section"]),
            title=figures[name]["title"],
            caption=figures[name]["caption"],
            built=built,
            claims=claims.get(name, ()),
        )
        for name in sorted(figures, key=place)
        for built in [_built(manifests[name]) if name in manifests else None]
    ]


def read_claims(paths: Iterable[Path]) -> dict[str, list[Claim]]:
    """Return the rows of tables of verdicts, such as claims.csv, by figure."""
    found: dict[str, list[Claim]] = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for figure in row["figures"].split(";"):
                    found.setdefault(figure, []).append(row)
    return found


def counts(claims: Iterable[Claim]) -> str:
    """Return e.g. "2 reproduced, 1 not run"."""
    found = Counter(claim["verdict"] for claim in claims)
    return ", ".join(f"{found[verdict]} {verdict}" for verdict in VERDICTS if found[verdict])


def _built(path: Path) -> Built:
    settings = manifest.read(path)["settings"]
    name, note = settings["figure"], "; ".join(remarks(settings["scale"]))
    with Image.open(path.with_name(f"{name}.png")) as image:
        size = image.size
    return Built(name, note, sha256_file(path), size)
