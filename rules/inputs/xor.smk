# What the jobs of v1's XOR experiments read and are told.
from lth_core.xor.plan import XorPlan

XOR_PLAN = XorPlan(PROJECT.xor)
XOR_JOB = f"{RUNS}/{{xor}}/round_{{round}}/{{lanes}}"
XOR_NAMES = "|".join(map(re.escape, PROJECT.xor.experiments))


def xor_job_of(wildcards):
    """The planned job that leaves these files."""
    folder = Path(wildcards.xor, f"round_{wildcards.round}", wildcards.lanes)
    if folder not in XOR_PLAN.jobs:
        raise WorkflowError(
            f"{RUNS}/{folder} is no job at scale {SCALE}: its rounds or trials differ,"
            " or another experiment with the same settings trains these runs."
        )
    return XOR_PLAN.jobs[folder]


def xor_parent(wildcards):
    """The manifest of the job whose networks this one prunes, if any.

    A manifest is written last and holds the digests of the other files, so it stands for
    them; the job checks them against it.
    """
    parent = XOR_PLAN.parent(xor_job_of(wildcards))
    return [f"{RUNS}/{XOR_PLAN.folder(parent)}/manifest.json"] if parent else []


def xor_specification(wildcards):
    """All that the job needs to know, as JSON: also what makes it stale."""
    return XOR_PLAN.specification(xor_job_of(wildcards), RUNS)


def xor_metrics(wildcards):
    """Metrics of all rounds of an experiment, also of those that another experiment trained."""
    jobs = XOR_PLAN.rounds(wildcards.xor)
    return [f"{RUNS}/{XOR_PLAN.folder(job)}/metrics.parquet" for job in jobs]


def xor_jobs_behind(figures):
    """The folders of all XOR jobs that figures rest on: every round of what they show."""
    jobs = {
        job
        for figure in figures
        for experiment in PROJECT.figures[figure].experiments
        if experiment in PROJECT.xor.experiments
        for job in XOR_PLAN.rounds(experiment)
    }
    return sorted(XOR_PLAN.folder(job) for job in jobs)
