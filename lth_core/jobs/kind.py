"""Kinds of jobs: modules of this folder, named after their rules.

Rules, audits, replays and crates know of a kind only what stands here. A kind's `run` and what it
imports make the job's fingerprint; `job` and `modules` plan, and compute nothing.
"""

import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from lth_core.arms.loops import KINDS, training_kind
from lth_core.errors import NotPlanned
from lth_core.provenance.fingerprint import fingerprint, vouch

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

# What a job is told, JSON: its settings, and under "reads" the files that it reads, by the manifest
# that vouches for them: {"results/data/mnist.manifest.json": ["mnist.safetensors"]}. A file of the
# checkout, which has no manifest, stands there with an empty list.
Job = dict[str, Any]
# The wildcards of a manifest's path, such as {"results": "results/quick", "figure": "fig04"}.
Place = Mapping[str, str]

# Folders of tables, each with one for every experiment.
TABLES = ("tables", "distributions", "pixels", "structure", "distances")
_OTHERS = ("__main__", "inputs", "kind", "own_loop", "process", "run", "staleness")
# results/SCALE, or results/published/SCALE; names have no slashes.
_WILDCARDS = {
    "results": r"results/(?:published/)?[^/]+",
    "table": "|".join(TABLES),
    "round": r"\d+",
}


@dataclass(frozen=True)
class Written:
    """What a job has written.

    outputs: digests by name; `fig04.png:pixels` is what fig04.png shows. environment: versions and
    device, for the context. details: what else the manifest says.
    """

    outputs: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


class Kind(Protocol):
    """The module of a kind.

    MANIFEST: path of its manifests, with wildcards; {results} is the folder of a scale. One whose
    jobs name modules of their own has the function `modules`, too: see `named_modules`.
    """

    MANIFEST: str

    def job(self, plan: "Plan", place: Place) -> Job:
        """Return the job that leaves its manifest at `place`. Raises NotPlanned."""

    def run(self, job: Job, out: Path) -> Written:
        """Do the job and leave its files in the folder `out`; inputs are checked already."""


def kinds() -> list[str]:
    """Return the names of all kinds."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    return [module.name for module in modules if module.name not in _OTHERS]


def kind(name: str) -> Kind:
    """Return the kind called `name`."""
    return cast(Kind, import_module(f"lth_core.jobs.{name}"))


def place_of(manifest: str) -> tuple[str, dict[str, str]] | None:
    """Return kind and place of the job that leaves a manifest at this path; None if none does.

    Where several kinds leave theirs in one place (those that train), the plan knows which it is:
    see `planned`.
    """
    found = _places(manifest)
    return found[0] if found else None


def planned(plan: "Plan", manifest: str) -> tuple[str, Job] | None:
    """Return kind and job of a manifest's path; None where no kind leaves any there.

    Raises NotPlanned where the config has no such job.
    """
    reasons = []
    for name, place in reversed(_places(manifest)):
        try:
            job = kind(name).job(plan, place)
        except NotPlanned as error:
            reasons.append(str(error))
        else:
            return (training_kind(job) if name == "train" else name), job
    if reasons:
        raise NotPlanned(reasons[-1])
    return None


def code_of(name: str, job: Job) -> str:
    """Return the fingerprint of the code that does `job`."""
    return fingerprint(*_modules(name, job))


def vouch_for(name: str, job: Job, code: str) -> None:
    """Take `code`, worked out from the same bytes, as the fingerprint of what does `job`."""
    vouch(code, *_modules(name, job))


def named_modules(name: str, job: Job) -> tuple[str, ...]:
    """Return the modules that `job` names (its engine, its sources), beyond its kind's own."""
    named: Callable[[Job], tuple[str, ...]] | None = getattr(kind(name), "modules", None)
    return named(job) if named else ()


def _modules(name: str, job: Job) -> tuple[str, ...]:
    return f"lth_core.jobs.{name}", *named_modules(name, job)


def manifest_name(name: str, job: Job) -> str:
    """Return the file name of a job's manifest: manifest.json, or fig04.manifest.json."""
    return kind(name).MANIFEST.rpartition("/")[2].format(**job)


def _places(manifest: str) -> list[tuple[str, dict[str, str]]]:
    matches = ((name, pattern.fullmatch(manifest)) for name, pattern in _patterns().items())
    return [(name, match.groupdict()) for name, match in matches if match]


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    found = {}
    for name in kinds():
        if name in KINDS and name != "train":
            continue  # its manifests lie where those of `train` do, and it may import PyTorch
        parts = re.split(r"\{(\w+)\}", kind(name).MANIFEST)
        parts[::2] = map(re.escape, parts[::2])
        parts[1::2] = [f"(?P<{key}>{_WILDCARDS.get(key, '[^/]+')})" for key in parts[1::2]]
        found[name] = re.compile("".join(parts))
    return found
