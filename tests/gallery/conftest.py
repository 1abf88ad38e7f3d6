"""A gallery of the published figures of scale quick, with some claims about them."""

import contextlib
import csv
import shutil
from pathlib import Path

import pytest

from lth_core.files import sha256_file
from lth_core.jobs import gallery
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.provenance import manifest
from tests.projects import plan_at, project_at

ROOT = Path(__file__).parents[2]
FIGURES = project_at("quick").figures

CLAIMS = [
    {
        "id": "c001", "statement": "Tickets learn faster & <better>.", "paper": "38 % earlier",
        "unit": "iterations", "observed": "0.3512345", "low": "0.3", "high": "0.4", "n": "5",
        "ours": "0.3512 [0.3, 0.4]", "scale": "", "verdict": "reproduced",
        "reason": "all of it is allowed", "figures": "fig03;fig04",
    },
    {
        "id": "c002", "statement": "Reinitialised, they learn slower.", "paper": "slower",
        "unit": "", "observed": "", "low": "", "high": "", "n": "",
        "ours": "", "scale": "", "verdict": "not run", "reason": "no tables of lenet_imp_reinit",
        "figures": "fig04",
    },
]  # fmt: skip
PEERS = [
    CLAIMS[0] | {
        "id": "p001", "statement": "Half of it is kept.", "paper": "266000", "unit": "weights",
        "observed": "266200", "ours": "266,200", "low": "", "high": "", "n": "",
        "figures": "fig111",
    },
]  # fmt: skip


def build(checkout: Path) -> Path:
    """Write the gallery of what there is in the folder `checkout`; return its folder."""
    for name in ("config", "lth_core"):
        if not (checkout / name).exists():
            (checkout / name).symlink_to(ROOT / name)
    plan = plan_at("quick")
    with contextlib.chdir(checkout):
        job = gallery.job(plan, {"results": plan.results})
        run("gallery", job, code_of("gallery", job), Path(plan.results))
    return checkout / plan.results


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder results/quick with the figures that are published, and the gallery of them."""
    checkout = tmp_path_factory.mktemp("gallery")
    folder = checkout / "results/quick"
    shutil.copytree(ROOT / "results/published/quick/figures", folder / "figures")
    for path in (folder / "figures").glob("*.png"):
        path.with_suffix(".ipynb").write_text("{}")  # not published, but a figure has it
    outputs = {}
    for name, rows in (("claims.csv", CLAIMS), ("peers.csv", PEERS)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        outputs[name] = sha256_file(folder / name)
    judged = manifest.build("claims", {}, "code", {}, outputs)
    manifest.write(folder / "claims.manifest.json", judged)
    (folder / "claims.html").write_text("<!DOCTYPE html><title>Claims</title>")
    return build(checkout)
