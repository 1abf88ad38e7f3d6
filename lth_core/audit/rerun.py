"""Reruns a recorded job in a scratch folder that holds only its inputs."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lth_core.audit.graph import TRAINING, Graph, Node
from lth_core.audit.manifests import is_outside
from lth_core.jobs.inputs import files_read
from lth_core.jobs.kind import code_of
from lth_core.provenance import context, manifest
from lth_core.provenance.fingerprint import ROOT

REPLAYED = (
    *(*TRAINING, "summary", "summary_xor"),
    *("distributions", "pixels", "structure", "distances"),
)


class CannotRun(LookupError):
    """What a job needs is not there, or not what it was; says what."""


def check_inputs(node: Node, graph: Graph) -> None:
    """Raise CannotRun where what a job read is not there, or not what the job was built on.

    Nothing outside the root is ever named: a forged manifest must not lead anywhere.
    """
    for text in (node.path, *_texts(node.settings)):
        if is_outside(text):
            raise CannotRun(f"{text} lies outside the folder of the results")
    reads = node.settings["reads"]
    strangers = set(reads) - set(node.parents)
    if strangers:
        raise CannotRun(f"its settings name {min(strangers)}, which is not among its inputs")
    for path, names in reads.items():
        parent = graph.nodes[path]
        if parent.found is None or parent.found != parent.recorded[node.path]:
            raise CannotRun(f"{path} is not what it was")
        outputs = {file.name: file for file in parent.outputs}
        for name in names:
            file = outputs.get(name)
            if file is None or not file.same:
                state = "not what it was" if file and file.found else "gone"
                raise CannotRun(f"{parent.folder}/{name} is {state}")


def rerun(node: Node, graph: Graph, scratch: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Do a job again in the folder `scratch`, from links to its inputs.

    Returns its new manifest and environment. Raises CannotRun where an input is missing, or
    with the last words of the job where it fails.
    """
    check_inputs(node, graph)
    for path in node.settings["reads"]:
        content = graph.nodes[path].manifest
        assert content is not None
        manifest.write(scratch / path, content)  # an archived one is no file of its own
    for path in files_read(node.settings):
        (scratch / path).symlink_to((graph.root / path).resolve())
    job, done = scratch / "job.json", scratch / node.path
    job.write_bytes(manifest.canonical_json(node.settings))
    command = [sys.executable, "-m", "lth_core.jobs", node.kind, "--job", str(job)]
    command += ["--code", code_of(node.kind, node.settings), "--out", node.folder]
    _run(command, scratch, _environment(node.environment))
    made_by = context.read(done)
    return manifest.read(done), made_by["environment"] if made_by else {}


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise CannotRun(said[-1] if said else f"it ended with {done.returncode}")


def _environment(recorded: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of the rules: this package, one thread, no GPU for jobs that had none.

    Without the last, a job of a processor would run on a GPU, and no bit could be compared.
    """
    found = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    found |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    found |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return found | ({"CUDA_VISIBLE_DEVICES": ""} if recorded.get("device") == "cpu" else {})


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in nested settings, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (key, *_texts(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
