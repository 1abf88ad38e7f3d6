"""Content of the page of all claims."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from lth_core.claims.verdict import RULES, VERDICTS
from lth_core.pages import render
from lth_core.partial import PARTIAL, whole


def page(table: pd.DataFrame, scale: str, pictures: Mapping[str, str], note: str = "") -> bytes:
    """Return the page as HTML that needs nothing but the pictures.

    table: as from `evaluate`. pictures: by figure, the name of its picture in the folder
    figures/ beside the page. note: what is to be said of the tables.
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


def by_figure(pictures: Iterable[str]) -> dict[str, str]:
    """Return the names of pictures by figure; one drawn in part stands in where there is no other.

    {"fig04": "fig04_partial", "fig09": "fig09"}, say.
    """
    in_part_first = sorted(pictures, key=lambda name: not name.endswith(PARTIAL))
    return {whole(name): name for name in in_part_first}


def counts(verdicts: Iterable[str]) -> str:
    """Return e.g. "335 claims: 47 reproduced, 18 inconclusive, 266 not run, 4 not reproduced"."""
    found = Counter(verdicts)
    by_verdict = ", ".join(f"{found[verdict]} {verdict}" for verdict in VERDICTS)
    return f"{found.total()} claims: {by_verdict}"
