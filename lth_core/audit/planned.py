"""What this checkout would make at the place of a job: its settings, code and inputs.

These are the parameters that the rules of `rules/` pass on; a job whose record differs from
them is one that Snakemake would run again.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from lth_core.audit.graph import Graph, Node
from lth_core.config.at_scale import figure_at_scale, scale_note
from lth_core.config.errors import ConfigError
from lth_core.config.files import read_mapping
from lth_core.config.load import Project, load
from lth_core.config.models import Config
from lth_core.provenance.fingerprint import fingerprint, notebook_modules
from lth_core.published.archive import PUBLISHED
from lth_core.runs.behind import distribution_rounds
from lth_core.runs.kept import REMOVED
from lth_core.runs.plan import Plan
from lth_core.training.engines import ENGINES
from lth_core.xor.plan import XorPlan

_PLACE = re.compile(
    r"results/(?P<scale>[^/]+)/(?P<kind>runs|tables|distributions)/(?P<experiment>[^/]+)"
    r"(?:/(?P<round>round_\d+)/(?P<lanes>[^/]+))?/manifest\.json"
)


@dataclass(frozen=True)
class Planned:
    """What a job would be told. settings: those that matter. inputs: None where not compared."""

    settings: dict[str, Any]
    code: str
    inputs: frozenset[str] | None = None


class NotPlanned(LookupError):
    """The config has no such job; says what it lacks."""


class Checkout:
    """The config and code of the folder `root`, at the scales of a graph's jobs."""

    def __init__(self, root: Path, graph: Graph) -> None:
        self.root = root
        self._packing = _packing(graph)
        self._at = cache(self._load)

    @cached_property
    def problem(self) -> str | None:
        """Why nothing can be compared with the config, or None."""
        try:
            load(self.root / "config", self._settings())
        except ConfigError as error:
            return str(error)
        return None

    @cached_property
    def removed(self) -> tuple[str, ...]:
        """The files of finished runs that `keep_checkpoints` has removed; none without a config."""
        if self.problem:
            return ()
        return REMOVED[Config.model_validate(self._settings()).keep_checkpoints]

    def planned(self, node: Node) -> Planned | None:
        """Return what the job of `node` would be told here; None where its kind is unknown.

        Raises NotPlanned where the config has no such job.
        """
        if node.kind == "data":
            return Planned(
                {"dataset": node.settings["dataset"]}, fingerprint("lth_core.data.prepare")
            )
        if node.kind == "figure":
            return _figure(self._project(node.settings["scale"]["name"]), node, self.root)
        if node.kind == "claims":
            published = node.path.startswith(PUBLISHED.as_posix())
            module = "lth_core.published.claims" if published else "lth_core.claims.evaluate"
            return Planned({}, fingerprint(module))
        place = _PLACE.fullmatch(node.path)
        if place is None:
            return None
        at = self._project(place["scale"])
        return _PLANNERS[place["kind"]](at, place)

    def _project(self, scale: str) -> "_AtScale":
        try:
            return self._at(scale)
        except ConfigError as error:
            raise NotPlanned(str(error)) from None

    def _load(self, scale: str) -> "_AtScale":
        project = load(self.root / "config", {**self._settings(), "scale": scale})
        return _AtScale(project, Plan(project), XorPlan(project.xor))

    def _settings(self) -> dict[str, Any]:
        path = self.root / "config" / "config.yaml"
        return read_mapping(path) | {"trials_per_job": self._packing}


@dataclass(frozen=True)
class _AtScale:
    project: Project
    plan: Plan
    xor: XorPlan

    @property
    def results(self) -> str:
        return f"results/{self.project.config.scale}"

    @property
    def runs(self) -> str:
        return f"{self.results}/runs"


def _training(at: _AtScale, place: re.Match[str]) -> Planned:
    folder = PurePosixPath(place["experiment"], place["round"], place["lanes"])
    if folder in at.xor.jobs:
        text = at.xor.specification(at.xor.jobs[folder], at.runs)
        return Planned(json.loads(text), fingerprint("lth_core.xor.job"))
    if folder not in at.plan.jobs:
        raise NotPlanned(f"no job {folder} at scale {at.project.config.scale}")
    job = at.plan.jobs[folder]
    engine, _ = ENGINES[at.plan.engine(job)]
    code = fingerprint("lth_core.training.job", engine)
    return Planned(json.loads(at.plan.specification(job, at.runs)), code)


def _table(at: _AtScale, place: re.Match[str]) -> Planned:
    name = place["experiment"]
    if name in at.project.xor.experiments:
        xor = at.project.xor
        settings: dict[str, Any] = {
            "experiment": name,
            "trials": xor.trials,
            "tie_margin": xor.tie_margin,
            "zero_loss": xor.zero_loss,
        }
        folders = {at.xor.folder(job) for job in at.xor.rounds(name)}
        return Planned(settings, fingerprint("lth_core.xor.table"), _manifests(at, folders))
    experiment = at.project.experiments.get(name)
    if experiment is None:
        raise NotPlanned(f"no experiment {name} at scale {at.project.config.scale}")
    settings = {key: getattr(experiment, key) for key in ("rounds", "trials", "replicates")}
    settings["rounds"] = str(settings["rounds"])
    folders = {at.plan.job(run).folder for run in at.plan.runs(name)}
    code = fingerprint("lth_core.tables.build")
    return Planned({"experiment": name, **settings}, code, _manifests(at, folders))


def _distributions(at: _AtScale, place: re.Match[str]) -> Planned:
    name = place["experiment"]
    if name not in at.project.experiments:
        raise NotPlanned(f"no experiment {name} at scale {at.project.config.scale}")
    run = next(at.plan.runs(name))
    drawn = {key: at.plan.settings(run)[key] for key in ("network", "initialisation", "seed")}
    rounds = distribution_rounds(at.project, name)
    folders = {at.plan.job(run).folder for run in at.plan.runs(name, rounds)}
    trials = at.project.experiments[name].trials
    return Planned(
        {**drawn, "experiment": name, "trials": trials, "rounds": rounds},
        fingerprint("lth_core.tables.build_distributions"),
        _manifests(at, folders),
    )


def _figure(at: _AtScale, node: Node, root: Path) -> Planned:
    name, project = node.settings["figure"], at.project
    if name not in project.figures:
        raise NotPlanned(f"no figure {name}")
    notebook = root / "notebooks" / f"{project.figures[name].notebook}.ipynb"
    code = fingerprint("lth_core.figures.build", *notebook_modules(notebook))
    scale = {"name": project.config.scale, "note": scale_note(project, name)}
    spec = figure_at_scale(project, name)
    return Planned({"figure": name, "spec": spec, "scale": scale}, code)


_PLANNERS: dict[str, Callable[[_AtScale, re.Match[str]], Planned]] = {
    "runs": _training,
    "tables": _table,
    "distributions": _distributions,
}


def _manifests(at: _AtScale, folders: set[PurePosixPath]) -> frozenset[str]:
    return frozenset(f"{at.runs}/{folder}/manifest.json" for folder in folders)


def _packing(graph: Graph) -> int:
    """Return how many trials a job of the graph holds at most: their names say it.

    XOR networks, of which a job always has all trials, don't count.
    """
    blocks = [
        [int(trial) for trial in match.groups()]
        for path, node in graph.nodes.items()
        if "dataset" in node.settings
        and (match := re.search(r"/trials_(\d+)-(\d+)/manifest", path))
    ]
    return max((last - first + 1 for first, last in blocks), default=1)
