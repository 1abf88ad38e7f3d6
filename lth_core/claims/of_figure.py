"""The verdicts on the claims of one figure, for its notebook."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lth_core.claims.results import evaluate
from lth_core.claims.tables import Tables
from lth_core.config.claim_files import figure_claims
from lth_core.config.claims import Claim
from lth_core.config.estimators import OF_CONFIG, parts_of
from lth_core.files import nearby

# As a notebook is given them: the tables' folders by experiment, or the folder that holds them;
# the claims as `figure_claims` returns them, or the folder config/paper.
Folders = str | Mapping[str, str]
Given = str | Sequence[Mapping[str, Any]]


def claims_of_figure(
    figure: str, tables: Folders, claims: Given, scale: str, seeds: Mapping[str, int]
) -> pd.DataFrame:
    """Return those claims of a figure, evaluated, that rest on its tables alone.

    Claims that need other experiments, or are counted in the config, are on the page of all
    claims, and so, where a folder of claims is given, are those about patterns of experiments: the
    config says which these are.
    """
    if isinstance(tables, str):
        tables = {folder.name: str(folder) for folder in nearby(tables).iterdir()}
    if isinstance(claims, str):
        claims = figure_claims(figure, nearby(claims), [])
    folders = {name: nearby(folder) for name, folder in tables.items()}
    shown = [
        claim
        for claim in map(Claim.model_validate, claims)
        if _is_of_runs(claim) and set(claim.experiments) <= folders.keys()
    ]
    masks = {"structure": folders, "distances": folders}
    read = Tables(folders, folders, [], masks=masks, shortened=scale != "paper", seeds=seeds)
    return evaluate(shown, read, {})


def _is_of_runs(claim: Claim) -> bool:
    """Return whether nothing of the claim is counted in the config."""
    parts = [part for check in claim.entry.checks for part in parts_of(check.statistic)]
    return bool(claim.experiments) and not any(isinstance(part, OF_CONFIG) for part in parts)


def verdicts(
    figure: str,
    tables: Folders,
    scale: Mapping[str, str],
    claims: Given,
    seeds: Mapping[str, int],
) -> str:
    """Return the claims of a figure as an HTML table: claim, paper, ours, verdict, scale.

    scale: name, and a note of what is less than published, as on the figure's face. seeds: of
    the experiments, since those of one seed share trials.
    """
    found = claims_of_figure(figure, tables, claims, scale["name"], seeds)
    table = pd.DataFrame(
        {
            "claim": found["id"] + ": " + found["statement"],
            "paper": (found["paper"] + " " + found["unit"]).str.strip(),
            **found[["ours", "verdict", "reason"]],
            "scale": ": ".join(part for part in (scale["name"], scale["note"]) if part),
        }
    )
    with pd.option_context("display.max_colwidth", None):
        return str(table.to_html(index=False))
