"""What Snakemake itself costs with this project: python benchmarks/workflow.py

Parsing the Snakefile, dry-runs, and an execution of at least 5,000 training jobs, in a copy of
this checkout where a training job trains nothing: it writes files of the size that a real one
leaves, without content, and their manifest.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from chain import CHECKOUT, DATA, copy_checkout

from lth_core.config.files import read_mapping
from lth_core.config.load import load
from lth_core.costs.run import cost_of_run
from lth_core.runs.plan import Plan
from lth_core.runs.run import Run

# The paper's figures that rest on Lenet alone: 5,143 training jobs at its scale.
FIGURES = ["fig03", "fig04", "fig09", "fig11", "fig12", *(f"fig{n}" for n in range(15, 32))]
IMPORT = (sys.executable, "-c", "import snakemake.cli")
SNAKEMAKE = (sys.executable, "-m", "snakemake", "--cores", "2")
LIST_RULES = (sys.executable, "-m", "snakemake", "--list-rules")
# `--until train` would do, but Snakemake 9.27 then stops after the first of several rounds.
TRAINING_ONLY = ("--omit-from", "summary", "distributions")
MIB = 2**20

# Takes the place of lth_core/jobs/train.py. It imports little, so that it starts at once.
STAND_IN = '''\
"""Writes what a training job leaves, without content."""

import json
from pathlib import Path

from lth_core.errors import NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs.kind import Written

MANIFEST = "{results}/runs/{experiment}/round_{round}/{lanes}/manifest.json"


def job(plan, place):
    found = plan.job_at(place)
    if plan.is_xor(found.runs[0].experiment):
        raise NotPlanned("a job of XOR networks")
    return plan.specification(found)


def modules(job):
    return ()


def run(job, out):
    sizes = json.loads(Path("sizes.json").read_bytes())[out.parents[1].name]
    for name, size in sizes.items():
        with (out / name).open("wb") as file:
            file.truncate(size * len(job["lanes"]))  # sparse: it takes no room
    return Written({name: sha256_file(out / name) for name in sizes}, details={"diverged": []})
'''


@dataclass(frozen=True)
class Call:
    """What a command took; cores' seconds and memory (bytes) with those of its own processes."""

    seconds: float
    core_seconds: float
    memory: int
    output: str

    @property
    def jobs(self) -> int:
        """Jobs that a dry-run says are to do."""
        total = re.search(r"^total +(\d+)$", self.output, re.MULTILINE)
        return int(total[1]) if total else 0

    def row(self, what: str, jobs: int | None = None) -> str:
        """Return a row of the table."""
        count = "" if jobs is None else f"{jobs:,}"
        memory = f"{self.memory / MIB:,.0f} MiB"
        return f"| {what} | {count} | {self.seconds:.1f} | {self.core_seconds:.1f} | {memory} |"


def main() -> None:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", default="paper")
    parser.add_argument("--figures", nargs="+", default=FIGURES, help="whose training is executed")
    arguments = parser.parse_args()
    missing = [name for name in DATA if not (CHECKOUT / "results/data" / name).is_file()]
    if missing:
        sys.exit(f"{missing} missing: run `snakemake --cores 1 results/data/mnist.safetensors`")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        make_copy(copy, arguments.scale)
        print("| | jobs | seconds | seconds of a core | peak memory |\n|---|---|---|---|---|")
        measure_parsing(copy)
        measure_dry_runs(copy, arguments.scale)
        measure_execution(copy, arguments.scale, arguments.figures)


def make_copy(folder: Path, scale: str) -> None:
    """Copy the checkout, with the stand-in and the sizes of what it writes, by experiment."""
    copy_checkout(folder)
    shutil.copytree(CHECKOUT / "profiles", folder / "profiles")
    (folder / "lth_core/jobs/train.py").write_text(STAND_IN)
    values = read_mapping(folder / "config/config.yaml") | {"scale": scale}
    plan = Plan(load(folder / "config", values))
    sizes = {}
    for name in plan.project.experiments:
        cost = cost_of_run(plan.settings(Run(name, 0, 0, 0)), plan.project.datasets)
        files = {"weights.safetensors": cost.weights, "masks.safetensors": cost.masks}
        sizes[name] = files | {"metrics.parquet": cost.records}
    (folder / "sizes.json").write_text(json.dumps(sizes))


def measure_parsing(folder: Path) -> None:
    """Print what parsing takes, beside importing Snakemake, each the fastest of three."""
    for what, command in (("importing Snakemake", IMPORT), ("`--list-rules`", LIST_RULES)):
        calls = [call(folder, *command) for _ in range(3)]
        print(min(calls, key=lambda done: done.seconds).row(what), flush=True)
    traced = call(folder, sys.executable, "-X", "importtime", *LIST_RULES[1:])
    if re.search(r"\| +torch$", traced.output, re.MULTILINE):
        sys.exit("parsing the Snakefile imports torch")


def measure_dry_runs(folder: Path, scale: str) -> None:
    """Print what dry-runs of a figure and of everything take, with nothing there but data."""
    for target in ("fig04", "all_figures"):
        done = call(
            folder, *SNAKEMAKE, "-n", "--quiet", "rules", "--config", f"scale={scale}", "--", target
        )
        print(done.row(f"`-n -- {target}`", done.jobs), flush=True)


def measure_execution(folder: Path, scale: str, figures: list[str]) -> None:
    """Print what executing the training jobs behind `figures` takes, and what it leaves.

    Exits where a job is missing afterwards, or another call would still do something.
    """
    command = (*SNAKEMAKE, "--quiet", "rules", "--config", f"scale={scale}", *TRAINING_ONLY)
    planned = call(folder, *command, "-n", "--", *figures)
    print(planned.row("`-n` of the training jobs below", planned.jobs), flush=True)
    done = call(folder, *command, "--", *figures)
    jobs = len(list((folder / "results" / scale / "runs").glob("*/*/*/manifest.json")))
    print(done.row("executing them, without training", jobs), flush=True)
    if jobs != planned.jobs:
        sys.exit(f"{planned.jobs:,} jobs were to do, and {jobs:,} left a manifest")
    again = call(folder, *command, "-n", "--", *figures)
    print(again.row("`-n` of the same afterwards", again.jobs))
    if again.jobs:
        sys.exit(f"a second call would still do something:\n{again.output[-5000:]}")
    results, records = size_of(folder / "results" / scale), size_of(folder / ".snakemake")
    print(f"\n{jobs / done.seconds:.1f} jobs a second. Files as long as {results / 1e9:.2f} GB,")
    print(f"without content; Snakemake's own records of them: {records / 1e6:.1f} MB.")


def call(folder: Path, *command: str) -> Call:
    """Run `command` in the copy and return what it took; exits where it fails."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)  # of this command alone
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{text[-5000:]}")
    return Call(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, text)


def size_of(folder: Path) -> int:
    """Return the bytes of all files below `folder`, as long as they are."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
