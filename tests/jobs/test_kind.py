"""Planning: which job leaves a manifest, without what only doing it needs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PLANNING = """
import sys
from pathlib import Path
from lth_core.config.load import load
from lth_core.jobs.kind import code_of, planned
from lth_core.runs.plan import Plan
plan = Plan(load(Path("config"), {"scale": "smoke"}))
run = "results/smoke/runs/lenet_imp/round_01/trial_0/manifest.json"
for path in (run, "results/smoke/figures/fig03.manifest.json"):
    code_of(*planned(plan, path))
print(*sys.modules)
"""


def test_figures_are_planned_without_heavy_libraries() -> None:
    """Every start of Snakemake does this; PyTorch alone would double its time."""
    command = [sys.executable, "-c", PLANNING]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", cwd=ROOT)
    assert not {"pandas", "torch", "pyarrow", "scipy", "matplotlib"} & set(done.stdout.split())
