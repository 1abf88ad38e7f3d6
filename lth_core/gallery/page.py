"""Content of the gallery: cards by chapter, and their number."""

from collections.abc import Sequence

from lth_core.gallery.cards import Card, counts
from lth_core.pages import render


def page(cards: Sequence[Card], scale: str) -> bytes:
    """Return the page as HTML. Files are in the folder figures/ beside it, as is claims.html."""
    chapters: dict[str, list[Card]] = {}
    for card in cards:
        chapters.setdefault(card.chapter, []).append(card)
    claims = {claim["id"]: claim for card in cards for claim in card.claims}
    return render(
        "gallery",
        scale=scale,
        chapters=chapters,
        built=sum(card.built is not None for card in cards),
        total=len(cards),
        statements=len(claims),
        counts=counts(claims.values()),
    )
