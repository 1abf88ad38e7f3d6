"""The table of verdicts."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from lth_core.claims.estimate import Estimate
from lth_core.claims.tables import Tables
from lth_core.claims.verdict import NOT_RUN, Outcome, judge
from lth_core.config.claims import Claim

COLUMNS = [
    *("id", "section", "statement", "quantity", "paper", "unit", "observed", "low", "high", "n"),
    *("ours", "scale", "verdict", "reason", "checks", "note", "figures", "experiments"),
]


def evaluate(claims: Iterable[Claim], tables: Tables, scale: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per claim, in the order of claims.csv.

    scale: by claim id, the scale and what it leaves out. Of a claim with several checks,
    `observed`, `low`, `high` and `n` are those of the check that decides, the first of the worst.
    """
    rows = [_row(claim, judge(claim, tables), scale.get(claim.id, "")) for claim in claims]
    numbers: dict[Any, Any] = {"observed": float, "low": float, "high": float, "n": "Int64"}
    return pd.DataFrame(rows, columns=COLUMNS).astype(numbers)


def as_csv(table: pd.DataFrame) -> bytes:
    """Return the verdicts as text with a line for each claim; the page has the single checks."""
    rows = table.drop(columns="checks")
    return rows.to_csv(index=False, float_format="%.10g", lineterminator="\n").encode()


def _row(claim: Claim, outcomes: list[Outcome], scale: str) -> dict[str, object]:
    worst = outcomes[0]
    found = worst.estimate
    decided = [o for o in outcomes if o.verdict == worst.verdict]
    share = f"{len(decided)} of {len(outcomes)} checks: " if len(outcomes) > 1 else ""
    return {
        "id": claim.id,
        "section": claim.section,
        "statement": claim.statement,
        "quantity": claim.quantity,
        "paper": claim.value,
        "unit": claim.unit,
        "observed": found.value if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "n": found.n if found else None,
        "ours": shown(found),
        "scale": "" if worst.verdict == NOT_RUN or (found and found.n is None) else scale,
        "verdict": worst.verdict,
        "reason": f"{share}{worst.reason}",
        "checks": "\n".join(_line(outcome) for outcome in outcomes),
        "note": claim.entry.note,
        "figures": ";".join(claim.figures),
        "experiments": ";".join(claim.experiments),
    }


def _line(outcome: Outcome) -> str:
    """Return a check, what it found and what came of it, in one line."""
    found = shown(outcome.estimate)
    said = [outcome.what, f"ours {found}" if found else "", outcome.reason]
    return f"{'; '.join(part for part in said if part)}: {outcome.verdict}"


def shown(found: Estimate | None) -> str:
    """Return e.g. "2.31 [1.9, 2.8]", or nothing."""
    if found is None:
        return ""
    if found.low is None or found.high is None:
        return _digits(found.value)
    return f"{_digits(found.value)} [{_digits(found.low)}, {_digits(found.high)}]"


def _digits(number: float) -> str:
    """Return a number with four digits, or all of a large one."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
