"""Content of the page of all claims."""

from collections import Counter
from collections.abc import Collection, Iterable

import pandas as pd

from lth_core.claims.verdict import RULES, VERDICTS
from lth_core.pages import render


def page(table: pd.DataFrame, scale: str, pictures: Collection[str], note: str = "") -> bytes:
    """Return the page as HTML that needs nothing but the pictures.

    table: as from `evaluate`. pictures: names of the figures that have one in the folder figures/
    beside the page. note: what is to be said of the tables.
    """
    return render(
        "claims",
        rows=table.astype(object).where(table.notna(), None).to_dict("records"),
        figures=sorted({name for item in table["figures"] for name in item.split(";") if name}),
        verdicts=VERDICTS,
        rules=RULES,
        counts=counts(table["verdict"]),
        scale=scale,
        pictures=pictures,
        note=note,
    )


def counts(verdicts: Iterable[str]) -> str:
    """Return e.g. "335 claims: 47 reproduced, 18 inconclusive, 266 not run, 4 not reproduced"."""
    found = Counter(verdicts)
    by_verdict = ", ".join(f"{found[verdict]} {verdict}" for verdict in VERDICTS)
    return f"{found.total()} claims: {by_verdict}"
