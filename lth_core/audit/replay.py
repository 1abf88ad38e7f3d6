"""Replays jobs of a graph and compares the results with the record."""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from lth_core.arms.loops import MASKS_FIRST
from lth_core.audit.agreement import disagreements, tolerance
from lth_core.audit.differences import Difference, differences
from lth_core.audit.graph import Graph, Node
from lth_core.audit.rerun import REPLAYED, CannotRun, check_inputs, rerun
from lth_core.jobs.kind import code_of


class Outcome(StrEnum):
    """What came of a replay.

    identical: all files bit for bit. agrees: other bits, by what is known of other machines
    and versions, within the tolerance. differs: neither. failed: it could not be compared.
    """

    IDENTICAL = "identical"
    AGREES = "agrees"
    DIFFERS = "differs"
    FAILED = "failed"

    @property
    def exit_code(self) -> int:
        """As an audit's: 0 proven, 1 with reservations, 2 contradicted."""
        return {"differs": 2, "failed": 1}.get(self, 0)


@dataclass(frozen=True)
class Replay:
    """One job that was run again.

    manifest: its path. files: those whose bits differ. texts: what more there is to say of the
    outcome. environment: how this machine differs from the recorded one. code: fingerprints
    "recorded", and "here".
    """

    manifest: str
    outcome: Outcome
    files: tuple[str, ...]
    texts: tuple[str, ...]
    environment: tuple[Difference, ...]
    code: dict[str, str]


class Sample(NamedTuple):
    """The jobs to replay, parents first, drawn by `seed` from the `possible` jobs.

    impossible: why of each other training job or table.
    """

    nodes: list[Node]
    seed: int
    possible: int
    impossible: dict[str, str]


def sample(graph: Graph, number: int, seed: int) -> Sample:
    """Return `number` training jobs and tables, or all, whose inputs are there and verified."""
    possible, impossible = {}, {}
    for node in graph.nodes.values():
        if node.kind not in REPLAYED:
            continue
        try:
            check_inputs(node, graph)
            possible[node.path] = node
        except CannotRun as error:
            impossible[node.path] = str(error)
    # Of sorted paths: the sample depends on the graph and the seed alone.
    drawn = random.Random(seed).sample(sorted(possible), min(number, len(possible)))
    nodes = [node for path, node in possible.items() if path in drawn]
    return Sample(nodes, seed, len(possible), impossible)


def replay(nodes: list[Node], graph: Graph) -> Iterator[Replay]:
    """Run each job once more, in a temporary folder of its own, and yield what came of it."""
    for node in nodes:
        with tempfile.TemporaryDirectory(prefix="lth-replay-") as folder:
            scratch = Path(folder)
            try:
                found = _compared(node, graph, *rerun(node, graph, scratch), scratch)
            except (CannotRun, OSError) as error:
                found = Replay(node.path, Outcome.FAILED, (), (str(error),), (), _codes(node))
            yield found


def _compared(
    node: Node, graph: Graph, written: dict[str, Any], here: dict[str, Any], scratch: Path
) -> Replay:
    recorded = {file.name: file.recorded for file in node.outputs}
    names = sorted(recorded.keys() | written["outputs"].keys())
    files = [name for name in names if recorded.get(name) != written["outputs"].get(name)]
    environment = differences(node.environment, here)
    outcome, texts = Outcome.IDENTICAL, list[str]()
    if files:
        outcome, texts = _judged(node, graph, scratch, files, bool(environment))
    return Replay(node.path, outcome, tuple(files), tuple(texts), tuple(environment), _codes(node))


def _judged(
    node: Node, graph: Graph, scratch: Path, files: list[str], elsewhere: bool
) -> tuple[Outcome, list[str]]:
    """Return the outcome where bits differ; elsewhere: this is not the recorded machine."""
    tables = [file for file in node.outputs if file.name.endswith(".parquet")]
    lost = [file.path for file in tables if not file.same]
    if lost:
        outcome = Outcome.FAILED if elsewhere else Outcome.DIFFERS
        return outcome, [f"{', '.join(lost)} is not what was recorded: numbers not compared"]
    before, after = (
        {file.name: pd.read_parquet(root / file.path) for file in tables}
        for root in (graph.root, scratch)
    )
    texts = disagreements(node.kind, node.settings, before, after)
    # Which weights stay is decided by comparing those of the parents: that rounds nowhere.
    if node.kind in MASKS_FIRST and "masks.safetensors" in files:
        texts = ["other masks", *texts]
    allowed = tolerance(node.kind, node.settings)
    if elsewhere and not texts:
        return Outcome.AGREES, [f"numbers agree: {allowed}"]
    return Outcome.DIFFERS, texts or [f"numbers agree, but only roughly: {allowed}"]


def _codes(node: Node) -> dict[str, str]:
    assert node.manifest is not None
    return {"recorded": node.manifest["code"], "here": code_of(node.kind, node.settings)}
