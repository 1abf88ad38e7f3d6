"""`lth gallery`: the page of all figures, from what is built already."""

from pathlib import Path

from lth_core.gallery.build import build
from lth_core.provenance.fingerprint import fingerprint

RESULTS = Path("results")
SPEC = Path("config/figures.yaml")


def gallery() -> None:
    """Write results/gallery.html of the figures that are built (the rule builds them all)."""
    page, code = RESULTS / "gallery.html", fingerprint("lth_core.gallery.build")
    cards = build(SPEC, RESULTS / "figures", RESULTS / "claims.parquet", code, page)
    print(f"{page}: {sum(card.built is not None for card in cards)} of {len(cards)} figures")
