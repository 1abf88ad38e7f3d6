"""What a notebook is given: a figure's entry, its tables, the paper's curves."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lth_core.config import figures
from lth_core.figures import paper_curves

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
        number = int(self.figure.removeprefix("fig"))
        return (
            f"## Figure {number}. {self.spec.title}\n\n{self.spec.caption} "
            f"(Section {self.spec.section} of the paper.)"
        )

    def table(self, kind: str) -> pd.DataFrame:
        """Return the `kind` tables (summary, curves, distributions) of all its experiments.

        Raises ValueError naming the experiment that has none.
        """
        return pd.concat(
            [self._read(kind, experiment) for experiment in self.spec.experiments],
            ignore_index=True,
        )

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
