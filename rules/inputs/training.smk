# What training jobs read and are told.
from lth_core.training.engines import ENGINES


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
    dataset = PROJECT.experiments[wildcards.experiment].dataset
    return f"results/data/{dataset}.safetensors"


def parent_manifests(wildcards):
    """Manifests of the jobs that this one starts from.

    A manifest is written last and holds the digests of the other files, so it stands for
    them; the job checks them against it.
    """
    parents = PLAN.parent_jobs(job_of(wildcards))
    return [f"{RUNS}/{parent.folder}/manifest.json" for parent in parents]


def specification(wildcards):
    """All that the job needs to know, as JSON: also what makes it stale."""
    return PLAN.specification(job_of(wildcards), RUNS)


def training_code(wildcards):
    """Fingerprint of the training code with the one engine that the job uses."""
    engine, _ = ENGINES[PLAN.engine(job_of(wildcards))]
    return fingerprint("lth_core.training.job", engine)
