"""The verdicts on the claims of one figure, for its notebook."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from lth_core.claims.results import evaluate
from lth_core.claims.tables import Tables
from lth_core.config.claims import load_claims, matching

PAPER = Path(__file__).resolve().parents[2] / "config" / "paper"


def claims_of_figure(figure: str, tables: str | Mapping[str, str]) -> pd.DataFrame:
    """Return the evaluated claims that name the figure and rest on its tables alone.

    tables: as a notebook gets them: a folder that holds one for each experiment, or a folder
    by experiment. Claims that need other experiments are on the page of all claims.
    """
    if isinstance(tables, str):
        tables = {folder.name: str(folder) for folder in sorted(Path(tables).iterdir())}
    folders = {name: Path(folder) for name, folder in tables.items()}
    names = list(folders)
    shown = [
        claim
        for claim in load_claims(PAPER).values()
        if figure in claim.figures
        and claim.experiments
        and all(matching([wanted], names) for wanted in claim.experiments)
    ]
    return evaluate(shown, Tables(folders, folders, names), {})


def verdicts(figure: str, tables: str | Mapping[str, str], scale: Mapping[str, str]) -> str:
    """Return the claims of a figure as an HTML table: claim, paper, ours, verdict, scale.

    scale: name, and a note of what is less than published, as on the figure's face.
    """
    rows = claims_of_figure(figure, tables).to_dict("records")
    table = pd.DataFrame(
        {
            "claim": [f"{row['id']}: {row['statement']}" for row in rows],
            "paper": [f"{row['paper']} {row['unit']}".strip() for row in rows],
            "ours": [row["ours"] for row in rows],
            "verdict": [row["verdict"] for row in rows],
            "reason": [row["reason"] for row in rows],
            "scale": ": ".join(part for part in (scale["name"], scale["note"]) if part),
        }
    )
    with pd.option_context("display.max_colwidth", None):
        return str(table.to_html(index=False))
