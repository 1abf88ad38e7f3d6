"""Running a recorded job once more, in a scratch folder that holds nothing but its inputs."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lth_core.audit.graph import File, Graph, Node
from lth_core.provenance import manifest
from lth_core.provenance.fingerprint import ROOT, fingerprint
from lth_core.training.engines import ENGINES

WEIGHTS = ("weights.safetensors", "masks.safetensors")
METRICS = ("metrics.parquet",)


class CannotRun(LookupError):
    """What a job needs is not there, or not what it was; says what."""


@dataclass(frozen=True)
class Program:
    """What made a job, as the rules call it.

    reads: the files that it needs of each job it was built on; of a data set, all. arguments:
    of its command line, but for --code.
    """

    module: str
    reads: tuple[str, ...]
    arguments: Callable[[Node, Graph], list[str]]

    def code(self, settings: Mapping[str, Any]) -> str:
        """Return the fingerprint of the code that would compute the job here."""
        engine = [ENGINES[settings["engine"]][0]] if "engine" in settings else []
        return fingerprint(self.module, *engine)


def program_of(node: Node) -> Program | None:
    """Return what made a training job or a table; None for other jobs."""
    if node.kind == "training":
        return _XOR_TRAINING if "units" in node.settings else _TRAINING
    if node.kind != "table":
        return None
    if "tie_margin" in node.settings:
        return _XOR_SUMMARY
    return _DISTRIBUTIONS if "network" in node.settings else _SUMMARY


def inputs(node: Node, graph: Graph) -> list[str]:
    """Return the files that a job needs to run again, relative to the graph's root.

    Raises CannotRun where one is not there or not what the job was built on. Nothing outside
    the root is ever named: a forged manifest must not lead anywhere.
    """
    program = program_of(node)
    if program is None:
        raise CannotRun(f"a {node.kind} is not replayed")
    parents = [graph.nodes[path] for path in node.parents]
    strangers = set(_folders(node.settings)) - {parent.folder for parent in parents}
    if strangers:
        raise CannotRun(f"its settings name {min(strangers)}, which is none of its inputs")
    files = []
    for parent in parents:
        if parent.found is None or parent.found != parent.recorded[node.path]:
            raise CannotRun(f"{parent.path} is not what it was")
        read = [f for f in parent.outputs if parent.kind == "data" or f.name in program.reads]
        files += [parent.path, *(_path(file) for file in read)]
    for path in (node.path, *files):
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise CannotRun(f"{path} lies outside the folder of the results")
    return files


def run(node: Node, graph: Graph, scratch: Path) -> dict[str, Any]:
    """Run a job in the folder `scratch`, from links to its inputs; return its new manifest.

    Raises CannotRun where an input is missing, RuntimeError with its last words where the
    job itself fails.
    """
    for path in inputs(node, graph):
        (scratch / path).parent.mkdir(parents=True, exist_ok=True)
        parent = graph.nodes.get(path)
        if parent and parent.archived and parent.manifest:  # it is no file of its own
            manifest.write(scratch / path, parent.manifest)
        else:
            (scratch / path).symlink_to((graph.root / path).resolve())
    program = program_of(node)
    assert program is not None and node.manifest is not None
    command = [sys.executable, "-m", program.module, *program.arguments(node, graph)]
    command += ["--code", program.code(node.settings)]
    environment = _environment(node.manifest["environment"])
    done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise RuntimeError(said[-1] if said else f"it ended with {done.returncode}")
    return manifest.read(scratch / node.path)


def _environment(recorded: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the rules: this package, one thread, no GPU for jobs that had none.

    Without the last, a job of a processor would run on a GPU, and no bit could be compared.
    """
    paths = [str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    found = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    found |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return found | ({"CUDA_VISIBLE_DEVICES": ""} if recorded.get("device") == "cpu" else {})


def _path(file: File) -> str:
    if not file.same:
        state = "gone" if file.found is None else "not what it was"
        raise CannotRun(f"{file.path} is {state}")
    return file.path


def _folders(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the folders of other jobs that the settings of a training job name."""
    for lane in settings.get("lanes", []):
        yield from (value["folder"] for value in lane.values() if isinstance(value, dict))
    if settings.get("parent"):
        yield settings["parent"]


def _training(node: Node, graph: Graph) -> list[str]:
    data = next(graph.nodes[path] for path in node.parents if graph.nodes[path].kind == "data")
    return [*_xor_training(node, graph), "--data", data.outputs[0].path]


def _xor_training(node: Node, graph: Graph) -> list[str]:
    return ["--job", json.dumps(node.settings), "--manifest", node.path]


def _table(node: Node, names: tuple[str, ...]) -> list[str]:
    given = [[f"--{name.replace('_', '-')}", str(node.settings[name])] for name in names]
    return [*(word for pair in given for word in pair), "--out-folder", node.folder]


def _summary(node: Node, graph: Graph) -> list[str]:
    names = ("experiment", "rounds", "trials", "replicates")
    return [*_table(node, names), "--metrics", *_metrics(node, graph)]


def _xor_summary(node: Node, graph: Graph) -> list[str]:
    names = ("experiment", "tie_margin", "zero_loss")
    return [*_table(node, names), "--metrics", *_metrics(node, graph)]


def _metrics(node: Node, graph: Graph) -> list[str]:
    return [f"{graph.nodes[path].folder}/{METRICS[0]}" for path in node.parents]


def _distributions(node: Node, graph: Graph) -> list[str]:
    parents = [graph.nodes[path] for path in node.parents]
    jobs = [f"{parent.settings['round']}={parent.folder}" for parent in parents]
    given = {key: node.settings[key] for key in ("network", "initialisation", "seed")}
    arguments = _table(node, ("experiment", "trials"))
    return [*arguments, "--settings", json.dumps(given), "--jobs", *jobs]


_TRAINING = Program("lth_core.training.job", WEIGHTS, _training)
_XOR_TRAINING = Program("lth_core.xor.job", WEIGHTS, _xor_training)
_SUMMARY = Program("lth_core.tables.build", METRICS, _summary)
_XOR_SUMMARY = Program("lth_core.xor.table", METRICS, _xor_summary)
_DISTRIBUTIONS = Program("lth_core.tables.build_distributions", WEIGHTS, _distributions)
