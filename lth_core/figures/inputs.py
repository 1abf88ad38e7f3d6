"""What a notebook is given: a figure's entry, its tables, the paper's curves."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lth_core.config import figures
from lth_core.config.figure import is_own
from lth_core.figures import paper_curves
from lth_core.figures.measured import measured_at

# Either one folder that holds a folder for each experiment, or a folder by experiment.
Tables = str | dict[str, str]


@dataclass(frozen=True)
class Inputs:
    """A figure to draw; `spec` is its entry in figures.yaml."""

    figure: str
    spec: Any
    paper: pd.DataFrame
    _tables: Tables

    @property
    def caption(self) -> str:
        """Heading and caption, in Markdown."""
        spec = self.spec
        source = f"Section {spec.section} of the paper"
        if is_own(self.figure):
            source = f"Not a figure of the paper; about its Section {spec.section}"
        elif self.figure.startswith("v1_"):
            source = f"{spec.section}; numbering ours, in slide order; slides only"
        return f"## {heading(self.figure)}. {spec.title}\n\n{spec.caption} ({source}.)"

    def table(self, kind: str) -> pd.DataFrame:
        """Return the `kind` tables (summary, curves, distributions) of all its experiments.

        Raises ValueError naming the experiment that has none.
        """
        return pd.concat(
            [self._read(kind, experiment) for experiment in self.spec.experiments],
            ignore_index=True,
        )

    def runs(self) -> pd.DataFrame:
        """Return the summaries of all runs, and what panels read at fixed iterations."""
        iterations = {panel.at for panel in self.spec.panels if panel.at is not None}
        summary = self.table("summary")
        if not iterations:
            return summary
        return measured_at(summary, self.table("curves"), iterations)

    def _read(self, kind: str, experiment: str) -> pd.DataFrame:
        if isinstance(self._tables, str):
            folder = Path(self._tables) / experiment
        else:
            folder = Path(self._tables[experiment])
        path = folder / f"{kind}.parquet"
        if not path.is_file():
            raise ValueError(f"{self.figure}: no {kind} of experiment {experiment}: {path}")
        return pd.read_parquet(path)


def open_figure(
    figure: str, spec: str | dict[str, Any], tables: Tables, paper: str | None
) -> Inputs:
    """Check and collect what the notebook was given.

    spec: the figure's entry, or the path of figures.yaml. paper: file of the paper's curves.
    """
    if isinstance(spec, str):
        checked = figures.load(Path(spec)).figures[figure]
    else:
        checked = figures.SPEC.validate_python(spec)
    return Inputs(figure, checked, paper_curves.read(Path(paper) if paper else None), tables)


def heading(figure: str) -> str:
    """Return fig04 as "Figure 4", v1_tab1 as "Version 1, Table 1"; of ours it says so."""
    version = "Version 1, " if figure.startswith("v1_") else ""
    name = figure.removeprefix("v1_")
    own = " (not in the paper)" if is_own(figure) else ""
    return f"{version}{'Table' if name[:3] == 'tab' else 'Figure'} {int(name[3:])}{own}"
