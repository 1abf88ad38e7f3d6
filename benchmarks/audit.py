"""How long `lth audit` takes for Figure 4 at paper scale: python benchmarks/audit.py

Nothing is trained: the files have random bytes and the sizes of real ones, the manifests the
real settings, so that everything is hashed and compared as for a real figure.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from lth_core.config.files import read_mapping
from lth_core.config.load import load
from lth_core.figures import embed
from lth_core.files import sha256_file
from lth_core.jobs.kind import Job, code_of, kind
from lth_core.provenance import context, manifest
from lth_core.runs.behind import jobs_behind, runs_shown
from lth_core.runs.plan import Plan, TrainingJob

FIGURE, SCALE = "fig04", "paper"
SIZES = {"weights.safetensors": 1_067_000, "masks.safetensors": 266_500, "metrics.parquet": 60_000}
TABLES = {"summary.parquet": 60_000, "curves.parquet": 1_000_000}
ROOT = Path(__file__).resolve().parents[1]


def leave(name: str, told: Job, path: Path, sizes: dict[str, int]) -> None:
    """Write the files of one job, with its manifest at `path`."""
    path.parent.mkdir(parents=True)
    outputs = {}
    for file, size in sizes.items():
        path.with_name(file).write_bytes(os.urandom(size))
        outputs[file] = sha256_file(path.with_name(file))
    write(name, told, path, outputs)


def write(name: str, told: Job, path: Path, outputs: dict[str, str]) -> str:
    """Write manifest and context of a job; return the manifest's digest."""
    inputs = {file: sha256_file(Path(file)) for file in told["reads"]}
    content = manifest.build(name, told, code_of(name, told), inputs, outputs)
    digest = manifest.write(path, content)
    context.write(path, digest, {}, {"commit": None, "why": "a benchmark"})
    return digest


def make() -> int:
    """Write the results behind the figure to the current folder; return the number of jobs."""
    project = load(ROOT / "config", read_mapping(ROOT / "config/config.yaml") | {"scale": SCALE})
    plan = Plan(project)
    jobs = jobs_behind(plan, runs_shown(plan, [FIGURE]))
    for planned in sorted(jobs, key=lambda planned: len(_ancestors(plan, planned))):
        sizes = {name: size * len(planned.runs) for name, size in SIZES.items()}
        leave("train", plan.specification(planned), Path(plan.manifest(planned)), sizes)
    figure = kind("figure").job(plan, {"results": plan.results, "figure": FIGURE})
    for name, folder in figure["tables"].items():
        told = kind("summary").job(plan, {"results": plan.results, "experiment": name})
        leave("summary", told, Path(folder, manifest.NAME), TABLES)
    picture = Path(plan.results, "figures", f"{FIGURE}.png")
    picture.parent.mkdir()
    Image.new("RGBA", (3000, 2000)).save(picture, dpi=(200, 200))
    outputs = {f"{picture.name}:pixels": embed.content_digest(picture)}
    digest = write("figure", figure, picture.with_suffix(".manifest.json"), outputs)
    embed.embed(picture, {"figure": FIGURE, "scale": SCALE, "manifest": digest})
    return len(jobs)


def _ancestors(plan: Plan, planned: TrainingJob) -> list[TrainingJob]:
    return [a for p in plan.parent_jobs(planned) for a in (p, *_ancestors(plan, p))]


def main() -> None:
    """Make the results, audit them three times, and print what that took."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in ("config", "notebooks", "lth_core", "requirements.txt", ".git"):
            Path(name).symlink_to(ROOT / name)
        Path("results").mkdir()
        Path("results/data").symlink_to(ROOT / "results/data")
        print(f"{make()} training jobs")
        for _ in range(3):
            start, cpu = time.monotonic(), _cpu()
            command = [sys.executable, "-c", "from lth_core.cli import app; app()"]
            subprocess.run([*command, "audit", f"results/{SCALE}/figures/{FIGURE}.png"])
            print(f"{time.monotonic() - start:.1f} s, {_cpu() - cpu:.1f} s of a core\n")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
