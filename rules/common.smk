# Shared by the rule files: the checked config, the plan of all jobs, and what rules ask of a kind
# of job (lth_core/jobs/): the files that it reads, its settings, its code.
import gc
import os
import re
import sys
from os.path import dirname
from pathlib import Path
from shlex import quote

from snakemake.exceptions import WorkflowError

sys.path.insert(0, workflow.basedir)
from lth_core.config.errors import ConfigError
from lth_core.config.load import load
from lth_core.data import root as data_root
from lth_core.errors import Failure, NotPlanned
from lth_core.files import sha256_bytes, write_bytes
from lth_core.jobs.inputs import files_read
from lth_core.jobs.kind import code_of, kind
from lth_core.jobs.staleness import Staleness
from lth_core.provenance.fingerprint import bytes_digest
from lth_core.provenance.manifest import canonical_json
from lth_core.runs.finished import finished_below
from lth_core.runs.plan import Plan

# A DAG is thousands of objects that all stay: looking for garbage less often saves a tenth.
gc.set_threshold(500_000, 50, 50)

# Jobs run the Python that runs Snakemake, also where no environment is active, and no variable of
# the user's (PYTHONPATH, PYTHONWARNINGS) or locale changes what it does. This replaces Snakemake's
# own prefix, by which a job fails where any of its commands does. Schedulers send SIGTERM to all
# processes of a job: the shell stays while training saves itself; other jobs just end.
# One core is all that a job has: numpy's library would start a thread for each, and let them spin.
_PREFIX = (
    f"set -euo pipefail; trap : TERM; export PATH={quote(dirname(sys.executable))}:$PATH; "
    "unset ${!PYTHON@}; export PYTHONUTF8=1; "
    "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1; "
)
shell.prefix(_PREFIX.replace("{", "{{").replace("}", "}}"))

try:
    PROJECT = load(Path("config"), config)
except ConfigError as error:
    raise WorkflowError(f"The config is wrong; nothing was run.\n{error}")

data_root.tell(PROJECT.config.data_root)

SCALE = PROJECT.config.scale
RESULTS = f"results/{SCALE}"
LOGS = f"logs/{SCALE}"
PLAN = Plan(PROJECT, finished_below(Path(RESULTS, "runs")))
STALENESS = Staleness(PLAN)
_JOBS = {}


def job_of(name, wildcards):
    """Return the job of a kind that these wildcards stand for.

    Pages, which have none, are made of what is there when they are asked for.
    """
    place = {"results": RESULTS, **wildcards}
    key = name, *place.values()
    if key not in _JOBS or not wildcards:
        try:
            _JOBS[key] = kind(name).job(PLAN, place)
        except (NotPlanned, Failure) as error:
            raise WorkflowError(str(error))
    return _JOBS[key]


def manifest_of(name, wildcards):
    """Return the path of the manifest that a job leaves."""
    return kind(name).MANIFEST.format(results=RESULTS, **wildcards)


def reads(name):
    """Input function: the files that a job reads, and what it only rests on.

    Of a job that is current, as its manifest tells, they only have to be there.
    """

    def inputs(wildcards):
        job = job_of(name, wildcards)
        alone = [path for path, beside in job["reads"].items() if not beside]
        files = [*files_read(job), *alone]
        current = STALENESS.is_current(manifest_of(name, wildcards))
        return ancient(files) if current else files

    return inputs


def told(kind_of):
    """Params function: the job, in a file since some are long, and what its code is.

    Other calls may plan other jobs meanwhile (a summary, after an edit): the file's name tells its
    content, and the code is told on the command line.

    kind_of: the kind's name, or a function of the wildcards that returns it.
    Snakemake asks for parameters only of jobs that it is going to run, or to list.
    """

    def arguments(wildcards):
        name = kind_of(wildcards) if callable(kind_of) else kind_of
        job = job_of(name, wildcards)
        content = canonical_json(job)
        path = Path(".snakemake", "jobs", manifest_of(name, wildcards))
        path = path.with_suffix(f".{sha256_bytes(content)[:8]}.json")
        if not workflow.output_settings.dryrun and os.access(".snakemake", os.W_OK):
            write_bytes(path, content)
        return f"--job {quote(str(path))} --code {code_of(name, job)} --bytes {bytes_digest()}"

    return arguments


def do(name):
    """The command of a kind of job."""
    return (
        f"python -m lth_core.jobs {name} {{params.told}}"
        ' --out "$(dirname {output.manifest:q})" > {log:q} 2>&1'
    )
