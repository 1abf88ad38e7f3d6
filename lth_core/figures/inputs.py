"""Inputs of a notebook: a figure's entry, its tables, the paper's curves."""

from dataclasses import dataclass
from typing import Any, get_args

import pandas as pd

from lth_core.config.errors import ConfigError
from lth_core.config.figure import Figure, is_own
from lth_core.config.figure_files import figure_of
from lth_core.config.files import read_mapping
from lth_core.figure_names import heading
from lth_core.figures import paper_curves
from lth_core.figures.measured import measured_at, with_patience
from lth_core.files import nearby
from lth_core.provenance.manifest import is_manifest

# Either one folder that holds a folder for each experiment, or a folder by experiment, of which a
# figure that is drawn in part has only some.
Tables = str | dict[str, str]


@dataclass(frozen=True)
class Inputs:
    """A figure to draw; `spec` is its entry in config/figures/, as its family's model."""

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
        """Return the `kind` tables (summary, curves, distributions) of the experiments it draws.

        Raises ValueError naming the experiment that has none.
        """
        told = self._tables
        drawn = [e for e in self.spec.experiments if isinstance(told, str) or e in told]
        return pd.concat([self._read(kind, experiment) for experiment in drawn], ignore_index=True)

    def runs(self) -> pd.DataFrame:
        """Return the summaries of all runs, and what panels read from learning curves."""
        iterations = {panel.at for panel in self.spec.panels if panel.at is not None}
        patience = self.spec.patience
        runs = self.table("summary")
        if iterations:
            runs = measured_at(runs, self.table("curves"), iterations)
        if patience is not None:
            runs = with_patience(runs, self.table("curves"), patience)
        return runs

    def _read(self, kind: str, experiment: str) -> pd.DataFrame:
        if isinstance(self._tables, str):
            folder = f"{self._tables}/{experiment}"
        else:
            folder = self._tables[experiment]
        path = nearby(f"{folder}/{kind}.parquet")
        if not path.is_file():
            raise ValueError(
                f"{self.figure}: no {kind} of experiment {experiment}: {path}; to make it:"
                f" snakemake --cores 2 -- {self.figure}"
            )
        return pd.read_parquet(path)


def open_figure(
    family: type[Figure],
    figure: str,
    spec: str | dict[str, Any],
    tables: Tables,
    paper: str | None,
) -> Inputs:
    """Check and collect what the notebook of a family was given.

    spec: the figure's entry, or the path of config/ or of the manifest of that figure. paper: file
    of the paper's curves. Paths are those of `nearby`.

    Raises ConfigError where another notebook draws the figure.
    """
    if isinstance(spec, str):
        path = nearby(spec)
        if is_manifest(spec):
            spec = dict(read_mapping(path)["settings"]["spec"])  # JSON is YAML
        else:
            spec = figure_of(path, figure)
    if spec["notebook"] not in get_args(family.model_fields["notebook"].annotation):
        raise ConfigError(f"{figure} is drawn by another notebook: {spec['notebook']}.ipynb")
    checked = family.model_validate(spec)
    return Inputs(figure, checked, paper_curves.read(nearby(paper) if paper else None), tables)
