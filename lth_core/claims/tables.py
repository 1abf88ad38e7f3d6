"""The tables that exist on disk, and a view of them with resampled trials."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from lth_core.claims.curve import ByTrial, Curve, Histogram, Missing
from lth_core.claims.measures import curve, histogram, needs_curves
from lth_core.config.claims import is_pattern, matching
from lth_core.config.histogram_estimators import OfHistogram
from lth_core.config.measured import Measured
from lth_core.tables.columns import MEASURES

if TYPE_CHECKING:
    from lth_core.config.load import Project

Seen = TypeVar("Seen", bound=ByTrial)


class Trials(NamedTuple):
    """Trials that experiments share, as a control does its ticket's: those of one seed."""

    seed: int
    n: int


# By the folders of tables.
_MISSING = {"tables": "runs", "distributions": "histograms"}


class Tables:
    """Tables of experiments, read once each.

    folders: of summary.parquet and curves.parquet, by experiment. distributions: of
    by_trial.parquet. names: all experiments of the scale, in the config's order, which patterns
    are matched with. thinned: experiments whose learning curves lack rows that claims read.
    masks: of structure.parquet and of distances.parquet, by what they are called. shortened:
    whether the runs are shorter than the paper's. seeds: by experiment; one that is left out has 0.
    """

    def __init__(
        self,
        folders: Mapping[str, Path],
        distributions: Mapping[str, Path],
        names: Sequence[str],
        project: "Project | None" = None,
        thinned: Collection[str] = (),
        masks: Mapping[str, Mapping[str, Path]] | None = None,
        shortened: bool = False,
        seeds: Mapping[str, int] | None = None,
    ) -> None:
        self.project = project
        self.shortened = shortened
        self.seeds = seeds or {}
        self._thinned = thinned
        self._folders = {"distributions": distributions, "tables": folders, **(masks or {})}
        self._names = names
        self._frames: dict[Path, pd.DataFrame] = {}
        self._curves: dict[tuple[object, ...], Curve] = {}
        self._histograms: dict[tuple[object, ...], Histogram] = {}

    def trials(self, experiment: str, found: ByTrial) -> Trials:
        """Return which trials an experiment has, that `found` is of."""
        return Trials(self.seeds.get(experiment, 0), len(found.values))

    def names(self, patterns: Sequence[str]) -> list[str]:
        """Return the experiments that names and patterns stand for, each once."""
        found: list[str] = []
        for pattern in patterns:
            found += matching([pattern], self._names) if is_pattern(pattern) else [pattern]
        return list(dict.fromkeys(found))

    def curve(self, experiment: str, measure: Measured) -> Curve:
        """Return a measure of an experiment. Raises Missing where its rows are not there."""
        own = (measure.at, measure.of, measure.patience, measure.reference)
        key = (experiment, measure.y, measure.x, *own)
        if key not in self._curves:
            table = MEASURES[measure.y].table
            folder = "tables" if table == "summary" else table
            summary = self._read(folder, experiment, table)
            learning = pd.DataFrame()
            if needs_curves(measure):
                if experiment in self._thinned:
                    raise Missing(f"the learning curves of {experiment} are thinned too far")
                learning = self._read("tables", experiment, "curves")
            dense = summary
            if table == "distances":
                summary = summary[summary["reference"] == measure.reference]
                if summary.empty:
                    raise Missing(f"{experiment} is not compared with {measure.reference}")
            elif measure.reference is not None:
                dense = self._read("tables", measure.reference, "summary")
            self._curves[key] = curve(experiment, summary, learning, measure, dense)
        return self._curves[key]

    def histogram(self, wanted: OfHistogram) -> Histogram:
        """Return a histogram by trial. Raises Missing where its table is not there."""
        key = (wanted.experiment, wanted.quantity, wanted.layer, wanted.group, wanted.round)
        if key not in self._histograms:
            table = self._read("distributions", wanted.experiment, "by_trial")
            self._histograms[key] = histogram(table, wanted)
        return self._histograms[key]

    def _read(self, kind: str, experiment: str, table: str) -> pd.DataFrame:
        if experiment not in self._folders.get(kind, {}):
            what = _MISSING.get(kind, "measures of masks")
            raise Missing(f"no {what} of {experiment} at this scale")
        path = self._folders[kind][experiment] / f"{table}.parquet"
        if not path.is_file():
            raise Missing(f"no table {table} of {experiment}")
        if path not in self._frames:
            self._frames[path] = pd.read_parquet(path)
        return self._frames[path]


class View:
    """What an estimator sees: the tables, or the same with trials drawn again.

    rows: of trials that experiments share, those drawn. later: as if runs that are cut off had gone
    on, in this one of many ways. `trials` collects those that were met.
    """

    def __init__(
        self,
        tables: Tables,
        rows: Mapping[Trials, np.ndarray] | None = None,
        later: int | None = None,
    ) -> None:
        self.tables = tables
        self.trials: set[Trials] = set()
        self._rows = rows
        self._later = later

    def names(self, patterns: Sequence[str]) -> list[str]:
        """Return the experiments that names and patterns stand for. Raises Missing if none."""
        names = self.tables.names(patterns)
        if not names:
            raise Missing(f"no experiment {', '.join(patterns)} at this scale")
        return names

    def curve(self, experiment: str, measure: Measured) -> Curve:
        """Return a measure of an experiment."""
        found = self._drawn(experiment, self.tables.curve(experiment, measure))
        return found if self._later is None else found.later(self._later)

    def histogram(self, wanted: OfHistogram) -> Histogram:
        """Return a histogram."""
        return self._drawn(wanted.experiment, self.tables.histogram(wanted))

    def _drawn(self, experiment: str, found: Seen) -> Seen:
        trials = self.tables.trials(experiment, found)
        self.trials.add(trials)
        return found if self._rows is None else found.take(self._rows[trials])

    @property
    def project(self) -> "Project":
        """The config. Raises Missing where only tables are given."""
        if self.tables.project is None:
            raise Missing("the config is missing")
        return self.tables.project
