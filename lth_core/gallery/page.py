"""The gallery as one HTML page: no scripts, nothing from elsewhere, opens from a disk."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from lth_core.gallery.cards import Built, Card, Claim
from lth_core.gallery.style import STYLE

VERDICTS = ("reproduced", "not reproduced", "inconclusive", "not run")


def page(cards: Sequence[Card], figures: str) -> str:
    """Return the page. figures: path from the page to the folder of the pictures."""
    by_chapter: dict[str, list[Card]] = {}
    for card in cards:
        by_chapter.setdefault(card.chapter, []).append(card)
    chapters = list(by_chapter.items())
    contents = "".join(
        f'<li><a href="#chapter-{number}">{escape(name)}</a> ({len(group)})</li>\n'
        for number, (name, group) in enumerate(chapters)
    )
    sections = "".join(
        f'<section aria-labelledby="chapter-{number}">\n'
        f'<h2 id="chapter-{number}" tabindex="-1">{escape(name)}</h2>\n<div class="cards">\n'
        f"{''.join(_card(card, figures) for card in group)}</div>\n</section>\n"
        for number, (name, group) in enumerate(chapters)
    )
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The Lottery Ticket Hypothesis: every figure</title>
<link rel="icon" href="data:,">
<style>
{STYLE}</style>
</head>
<body>
<a class="skip" href="#figures">Skip to the figures</a>
<header>
<h1>The Lottery Ticket Hypothesis: every figure</h1>
<p>{_summary(cards)}</p>
<nav aria-label="Chapters">
<ul>
{contents}</ul>
</nav>
</header>
<main id="figures" tabindex="-1">
{sections}</main>
</body>
</html>
"""


def _summary(cards: Sequence[Card]) -> str:
    drawn = [card.built for card in cards if card.built]
    scales = Counter(built.scale for built in drawn)
    text = f"{len(drawn)} of {len(cards)} figures are built"
    if scales:
        text += " (" + ", ".join(f"{n} at scale {escape(s)}" for s, n in scales.items()) + ")"
    claims = {claim.id: claim for card in cards for claim in card.claims}
    if claims:
        text += f". Of the {len(claims)} statements about them: {_counts(list(claims.values()))}"
        text += ' (<a href="claims.html">all claims, and the rules</a>)'
    return f"{text}. Curves in pale colours are the paper's own."


def _card(card: Card, figures: str) -> str:
    title = f"{escape(card.heading)}. {escape(card.title)}"
    if card.built:
        body = _drawn(card, card.built, figures)
    else:
        body = '<p class="missing">Not built yet.</p>\n'
        body += f"<p>{escape(card.caption)}</p>\n"
        body += f"<p><code>snakemake --cores 2 -- {escape(card.name)}</code> builds it.</p>\n"
    return (
        f'<article id="{escape(card.name)}" aria-labelledby="{escape(card.name)}-title">\n'
        f'<h3 id="{escape(card.name)}-title">{title}</h3>\n{body}{_claims(card)}</article>\n'
    )


def _drawn(card: Card, built: Built, figures: str) -> str:
    links = {label: f"{figures}/{quote(name)}" for label, name in built.files.items()}
    width, height = built.size
    alt = f"{card.heading} at scale {built.scale}: {card.title}. {card.caption}"
    note = f": {escape(built.note)}" if built.note else ""
    items = "".join(f'<li><a href="{url}">{label}</a></li>\n' for label, url in links.items())
    return (
        f'<a class="picture" href="{links["PNG"]}"><img src="{links["PNG"]}" width="{width}"'
        f' height="{height}" loading="lazy" alt="{escape(alt)}"></a>\n'
        f"<p>{escape(card.caption)}</p>\n"
        f'<p class="scale">Scale <strong>{escape(built.scale)}</strong>{note}</p>\n'
        f'<ul class="links" aria-label="Files of {escape(card.heading)}">\n{items}</ul>\n'
        f'<p class="digest">Manifest <code>{built.digest[:16]}</code></p>\n'
    )


def _claims(card: Card) -> str:
    if not card.claims:
        return ""
    rows = "".join(_row(claim) for claim in card.claims)
    many = "claim" if len(card.claims) == 1 else "claims"
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Claim", "Paper", "Observed", "Verdict")
    )
    return (
        f"<details>\n<summary>{len(card.claims)} {many}: {_counts(card.claims)}</summary>\n"
        f'<div class="wide" role="region" tabindex="0" aria-label="Claims of'
        f' {escape(card.heading)}">\n<table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n</details>\n"
    )


def _row(claim: Claim) -> str:
    trials = f"n = {claim.n:.0f}" if claim.n else ""
    where = escape(", ".join(text for text in (trials, claim.scale) if text))
    style = claim.verdict.replace(" ", "-")
    return (
        f"<tr><td>{escape(claim.statement)} <small>{escape(claim.id)}</small></td>"
        f"<td>{escape(claim.paper)} <small>{escape(claim.unit)}</small></td>"
        f"<td>{_observed(claim)} <small>{where}</small></td>"
        f'<td><strong class="{escape(style)}">{escape(claim.verdict)}</strong>'
        f" <small>{escape(claim.reason)}</small></td></tr>\n"
    )


def _observed(claim: Claim) -> str:
    if claim.observed is None:
        return "none"
    interval = ""
    if claim.low is not None and claim.high is not None:
        interval = f" ({claim.low:.4g} to {claim.high:.4g})"
    return f"{claim.observed:.4g}{interval}"


def _counts(claims: Sequence[Claim]) -> str:
    counts = Counter(claim.verdict for claim in claims)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
