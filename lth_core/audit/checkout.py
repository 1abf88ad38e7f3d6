"""The jobs of a graph as this checkout would plan them, for comparison."""

import contextlib
import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from lth_core.audit.graph import Graph, Node
from lth_core.config.config import Config
from lth_core.config.errors import ConfigError
from lth_core.config.files import read_mapping
from lth_core.config.load import Project, load
from lth_core.errors import NotPlanned
from lth_core.jobs.kind import Job, code_of, planned
from lth_core.runs.finished import finished_of
from lth_core.runs.kept import REMOVED
from lth_core.runs.plan import Plan

_SCALE = re.compile(r"results/(?:published/)?([^/]+)/(?:runs/(.+)/[^/]+$)?")


class Checkout:
    """The config and code of the folder `root`, at the scales of a graph's jobs.

    Packing and place of runs follow the graph: what is finished stays where it is.
    """

    def __init__(self, root: Path, graph: Graph) -> None:
        self.root = root
        self._graph = graph
        self._project = cache(self._load)
        self._plan = cache(self._planned)

    @cached_property
    def problem(self) -> str | None:
        """Why nothing can be compared with the config, or None."""
        try:
            self._project(self._scale)
        except ConfigError as error:
            return str(error)
        return None

    @property
    def is_broken(self) -> bool:
        """Whether there is a config, which has a mistake."""
        return self.problem is not None and (self.root / "config").is_dir()

    @cached_property
    def removed(self) -> tuple[str, ...]:
        """The files of finished runs that `keep_checkpoints` has removed; none without a config."""
        if self.problem:
            return ()
        return REMOVED[self._project(self._scale).config.keep_checkpoints]

    def planned(self, node: Node) -> tuple[str, Job, str] | None:
        """Return kind, job and code of `node` as they would be here.

        None where no kind leaves its files. Raises NotPlanned where the config has no such job.
        """
        place = _SCALE.match(node.path)
        try:
            plan = self._plan(place[1] if place and place[1] != "data" else self._scale)
            with contextlib.chdir(self.root):  # what jobs read is named from there
                found = planned(plan, node.path)
                return found and (*found, code_of(*found))
        except (ConfigError, OSError) as error:
            raise NotPlanned(str(error)) from None

    def _planned(self, scale: str) -> Plan:
        return Plan(self._project(scale), finished_of(self._trained(scale)))

    def _load(self, scale: str) -> Project:
        return load(self.root / "config", self._settings | {"scale": scale})

    def _trained(self, scale: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the graph's training jobs at a scale, with their folders below all runs."""
        for node in self._graph.nodes.values():
            place = _SCALE.match(node.path)
            if node.manifest and place and place[1] == scale and place[2]:
                yield place[2], dict(node.manifest)

    @cached_property
    def _settings(self) -> dict[str, Any]:
        return read_mapping(self.root / "config" / "config.yaml")

    @property
    def _scale(self) -> str:
        """The scale of config.yaml; any is as good for what has none, such as data."""
        return str(self._settings.get("scale", Config.model_fields["scale"].default))
