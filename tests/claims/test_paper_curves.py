"""Checks of claims, held against the curves of the paper itself, as read off its figures."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from lth_core.claims.curve import Curve, Missing
from lth_core.claims.tables import Tables
from lth_core.claims.verdict import NOT_REPRODUCED, REPRODUCED, judge
from lth_core.config.check_claims import checked_claims
from lth_core.config.measured import Measured
from lth_core.config.pruning_figures import PruningCurves
from lth_core.figures import paper_curves
from lth_core.tables.columns import MEASURES
from tests.projects import CONFIG, project_at

PAGE = Path(__file__).parents[2] / "docs" / "claims.md"
# Estimators that count runs or sizes, of which the figures show only some.
COUNTING = ("failing", "share of sizes")


# As many as give an interval of no width a verdict.
TRIALS = 3


class PaperTables(Tables):
    """The paper's lines, as trials that all agree, in place of tables of ours."""

    def curve(self, experiment: str, measure: Measured) -> Curve:
        drawn = _lines().get((experiment, measure.y, measure.at))
        if drawn is None or measure.x not in ("percent", "weights"):
            raise Missing(f"no figure shows {measure.y} of {experiment}")
        rounds = np.arange(len(drawn)) + (drawn["percent"].iloc[0] < 99.9)
        values = np.tile(drawn["y"] * MEASURES[measure.y].factor, (TRIALS, 1))
        sizes = drawn[measure.x].to_numpy()
        return Curve(experiment, values, measure.x, rounds, sizes, np.zeros_like(values, bool))


@cache
def _lines() -> dict[tuple[str, str, int | None], pd.DataFrame]:
    """Return the paper's lines: percent, weights and y, from the dense network on."""
    project = project_at("paper")
    points = []
    for name, figure in project.figures.items():
        path = CONFIG / "paper" / "curves" / f"{name}.csv"
        if not isinstance(figure, PruningCurves) or not path.is_file():
            continue
        curves = paper_curves.read(path)
        for panel in figure.panels:
            own = curves[curves["panel"] == panel.name]
            points.append(own.assign(measure=panel.y, at=panel.at or -1))
    table = pd.concat(points)
    found = {}
    for (experiment, measure, at), line in table.groupby(["series", "measure", "at"]):
        layers = project.experiments[experiment].architecture.weight_layers
        weights = sum(layer.size for layer in layers)
        # Figures 31 and 37 have thousands of weights on their axes.
        in_thousands = line["x"].max() > 100.1
        if in_thousands and line["panel"].str.startswith("conv").any():
            continue  # the other figures show these in percent, but with other readings
        percent = line["x"] * (1000 / weights * 100 if in_thousands else 1)
        line = line.assign(percent=percent.round(2), weights=percent / 100 * weights)
        line = line.sort_values("uncertain").drop_duplicates("percent")
        line = line.sort_values("percent", ascending=False)
        found[experiment, measure, None if at == -1 else at] = line
    return found


def test_the_page_names_the_claims_that_the_papers_own_curves_miss() -> None:
    project = project_at("paper")
    tables = PaperTables({}, {}, list(project.experiments), project)
    claims = {
        name: claim
        for file in checked_claims(CONFIG, project).values()
        for name, claim in file.items()
    }
    outcomes = [
        (name, outcome) for name, claim in claims.items() for outcome in judge(claim, tables)
    ]
    answered = [
        (name, outcome.verdict)
        for name, outcome in outcomes
        if outcome.estimate is not None
        and outcome.estimate.n is not None
        and not outcome.what.startswith(COUNTING)
    ]
    missed = sorted({name for name, verdict in answered if verdict == NOT_REPRODUCED})
    held = sum(verdict == REPRODUCED for _, verdict in answered)
    section = PAGE.read_text().split("## The paper's own curves")[1].split("\n## ")[0]
    assert re.findall(r"c\d{3}", section) == missed
    assert f"{held} of {len(answered)} checks" in " ".join(section.split())
