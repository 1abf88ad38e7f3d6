"""How long `lth audit` takes for Figure 4 at paper scale: python benchmarks/audit.py

Nothing is trained: the files have random bytes and the sizes of real ones, the manifests the
real settings, so that everything is hashed and compared as for a real figure.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from lth_core.config.at_scale import experiments_at_scale, figure_at_scale, scale_note
from lth_core.config.files import read_mapping
from lth_core.config.load import load
from lth_core.figures import embed
from lth_core.files import sha256_file
from lth_core.provenance import manifest
from lth_core.provenance.fingerprint import fingerprint, notebook_modules
from lth_core.runs.behind import jobs_behind, runs_shown
from lth_core.runs.plan import Plan
from lth_core.training.engines import ENGINES

FIGURE, SCALE = "fig04", "paper"
SIZES = {"weights.safetensors": 1_067_000, "masks.safetensors": 266_500, "metrics.parquet": 60_000}
RUNS, TABLES = f"results/{SCALE}/runs", f"results/{SCALE}/tables"
DATA = "results/data/mnist.manifest.json"
ROOT = Path(__file__).resolve().parents[1]


def job(folder: Path, kind: str, settings: object, code: str, inputs: list[str], size: int) -> str:
    """Write the files of one job, and return its manifest."""
    folder.mkdir(parents=True)
    outputs = {}
    for name, bytes_ in SIZES.items():
        (folder / name).write_bytes(os.urandom(bytes_ * size))
        outputs[name] = sha256_file(folder / name)
    content = manifest.build(kind, dict(settings), code, map(Path, inputs), outputs, {})
    manifest.write(folder / manifest.NAME, content)
    return str(folder / manifest.NAME)


def make() -> int:
    """Write the results behind the figure to the current folder; return the number of jobs."""
    project = load(ROOT / "config", read_mapping(ROOT / "config/config.yaml") | {"scale": SCALE})
    plan = Plan(project)
    jobs = jobs_behind(plan, runs_shown(plan, [FIGURE]))
    for planned in sorted(jobs, key=lambda planned: len(_ancestors(plan, planned))):
        text = plan.specification(planned, RUNS)
        parents = [f"{RUNS}/{p.folder}/manifest.json" for p in plan.parent_jobs(planned)]
        code = fingerprint("lth_core.training.job", ENGINES[plan.engine(planned)][0])
        place = Path(RUNS, planned.folder)
        job(place, "training", json.loads(text), code, [DATA, *parents], len(planned.runs))
    tables = []
    for name in experiments_at_scale(project, FIGURE):
        spec = project.experiments[name]
        settings = {"experiment": name, "rounds": str(spec.rounds)}
        settings |= {"trials": spec.trials, "replicates": spec.replicates}
        inputs = {f"{RUNS}/{plan.job(run).folder}/manifest.json" for run in plan.runs(name)}
        code = fingerprint("lth_core.tables.build")
        tables.append(job(Path(TABLES, name), "table", settings, code, sorted(inputs), 1))
    Path("results/figures").mkdir()
    picture = Path(f"results/figures/{FIGURE}.png")
    Image.new("RGBA", (3000, 2000)).save(picture, dpi=(200, 200))
    notebook = Path(f"notebooks/{project.figures[FIGURE].notebook}.ipynb")
    settings = {
        "figure": FIGURE,
        "spec": figure_at_scale(project, FIGURE),
        "scale": {"name": SCALE, "note": scale_note(project, FIGURE)},
    }
    outputs = {f"{picture.name}:pixels": embed.content_digest(picture)}
    code = fingerprint("lth_core.figures.build", *notebook_modules(notebook))
    inputs = [Path(path) for path in (*tables, str(notebook))]
    content = manifest.build("figure", settings, code, inputs, outputs, {})
    digest = manifest.write(picture.with_suffix(".manifest.json"), content)
    trials = {
        name: project.experiments[name].trials for name in project.figures[FIGURE].experiments
    }
    about = {"figure": FIGURE, "scale": SCALE, "trials": trials, "manifest": digest}
    about |= {"commit": content["source"]["commit"], "config": manifest.digest(settings)}
    embed.embed(picture, about)
    return len(jobs)


def _ancestors(plan: Plan, planned: object) -> list[object]:
    return [a for p in plan.parent_jobs(planned) for a in (p, *_ancestors(plan, p))]


def main() -> None:
    """Make the results, audit them three times, and print what that took."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in ("config", "notebooks", "requirements.txt", ".git"):
            Path(name).symlink_to(ROOT / name)
        Path("results").mkdir()
        Path("results/data").symlink_to(ROOT / "results/data")
        print(f"{make()} training jobs")
        for _ in range(3):
            start, cpu = time.monotonic(), _cpu()
            command = [sys.executable, "-c", "from lth_core.cli import app; app()"]
            subprocess.run([*command, "audit", f"results/figures/{FIGURE}.png"])
            print(f"{time.monotonic() - start:.1f} s, {_cpu() - cpu:.1f} s of a core\n")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
