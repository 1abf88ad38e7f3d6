# What training jobs read and are told, and what they need.
from functools import cache

from lth_core.config.references import data_set
from lth_core.costs.run import cost_of_run
from lth_core.runs.kept import REMOVED
from lth_core.runs.plan import Job
from lth_core.runs.run import Run
from lth_core.training.engines import ENGINES

# What a job is given time for: minutes to start, and FLOPs a second of the dense network that any
# machine should reach. A job that needs longer saves itself, and its next attempt is given more.
START_MINUTES = {"sparse": 3, "torch": 10}
FLOPS_PER_SECOND = {"sparse": 8e10, "torch": 1e12}


def trained_with(engine):
    """Pattern of the names of the experiments that an engine trains; may match nothing."""
    names = [
        name for name in PROJECT.experiments if PLAN.engine(Job(name, 0, ())) == engine
    ]
    return "|".join(map(re.escape, names)) or "(?!)"


def job_of(wildcards):
    """The planned job that leaves these files."""
    folder = Path(wildcards.experiment, f"round_{wildcards.round}", wildcards.lanes)
    if folder not in PLAN.jobs:
        raise WorkflowError(
            f"{RUNS}/{folder} is no job at scale {SCALE}: its rounds, trials or packing differ,"
            " or another experiment with the same settings trains these runs."
        )
    return PLAN.jobs[folder]


def data_of(wildcards):
    """The prepared data set of a job."""
    dataset = data_set(PROJECT.experiments[wildcards.experiment].dataset)
    return f"results/data/{dataset}.safetensors"


def input_manifests(wildcards):
    """Manifests of the data set and of the jobs that this one starts from.

    A manifest is written last and holds the digests of the other files; the job checks them
    against it.
    """
    parents = PLAN.parent_jobs(job_of(wildcards))
    data = data_of(wildcards).replace(".safetensors", ".manifest.json")
    return [data, *(f"{RUNS}/{parent.folder}/manifest.json" for parent in parents)]


def parent_checkpoints(wildcards):
    """Weights and masks of those jobs.

    With them as inputs Snakemake knows how long they are needed, and makes again what
    `keep_checkpoints` had removed.
    """
    parents = PLAN.parent_jobs(job_of(wildcards))
    names = ("weights.safetensors", "masks.safetensors")
    return [f"{RUNS}/{parent.folder}/{name}" for parent in parents for name in names]


def kept(path):
    """The output, temporary if `keep_checkpoints` is not to keep it."""
    gone = Path(path).name in REMOVED[PROJECT.config.keep_checkpoints]
    return temp(path) if gone else path


def specification(wildcards):
    """All that the job needs to know, as JSON: also what makes it stale."""
    return PLAN.specification(job_of(wildcards), RUNS)


def training_code(wildcards):
    """Fingerprint of the training code with the one engine that the job uses."""
    engine, _ = ENGINES[PLAN.engine(job_of(wildcards))]
    return fingerprint("lth_core.training.job", engine)


@cache
def flops_of(run):
    """FLOPs of a run, which are those of any other trial of its round."""
    cost = cost_of_run(PLAN.settings(run))
    return cost.training_flops + cost.evaluation_flops


def minutes_of(wildcards, attempt):
    """Minutes that a job is given: by its FLOPs, and more at each attempt."""
    job = job_of(wildcards)
    engine = PLAN.engine(job)
    first = Run(job.experiment, job.round, 0, 0)
    seconds = len(job.runs) * flops_of(first) / FLOPS_PER_SECOND[engine]
    return attempt * (START_MINUTES[engine] + round(seconds / 60))
