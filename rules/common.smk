# What more than one rule file uses: the checked config, the plan of all jobs, and paths.
import gc
import re
import sys
from os.path import dirname
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, workflow.basedir)
from lth_core.config.errors import ConfigError
from lth_core.config.load import load
from lth_core.provenance.fingerprint import fingerprint
from lth_core.runs.plan import Plan

# A DAG is thousands of objects that all stay: looking for garbage less often saves a tenth.
gc.set_threshold(500_000, 50, 50)

# Jobs run the Python that runs Snakemake, also where no environment is active. This replaces
# Snakemake's own prefix, by which a job fails where any of its commands does. Schedulers send
# SIGTERM to all processes of a job: the shell and `tee` stay while training saves itself.
shell.prefix(
    f"set -euo pipefail; trap '' TERM; export PATH={dirname(sys.executable)}:$PATH; "
)

try:
    PROJECT = load(Path("config"), config)
except ConfigError as error:
    raise WorkflowError(f"The config is wrong; nothing was run.\n{error}")

PLAN = Plan(PROJECT)
SCALE = PROJECT.config.scale
RUNS = f"results/{SCALE}/runs"
TABLES = f"results/{SCALE}/tables"
DISTRIBUTIONS = f"results/{SCALE}/distributions"
LOGS = f"logs/{SCALE}"
JOB = f"{RUNS}/{{experiment}}/round_{{round}}/{{lanes}}"
# Figures of all scales share one folder: each says its scale on its face.
FIGURE = "results/figures/{figure}.manifest.json"
