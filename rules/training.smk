# Training: one job for each round of an experiment and each block of its trials.
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


def parent_files(wildcards):
    """Files of the jobs that this one starts from."""
    names = ("weights.safetensors", "masks.safetensors", "manifest.json")
    parents = PLAN.parent_jobs(job_of(wildcards))
    return [f"{RUNS}/{parent.folder}/{name}" for parent in parents for name in names]


def specification(wildcards):
    """All that the job needs to know, as JSON: also what makes it stale."""
    return PLAN.specification(job_of(wildcards), RUNS)


def training_code(wildcards):
    """Fingerprint of the training code with the one engine that the job uses."""
    engine, _ = ENGINES[PLAN.engine(job_of(wildcards))]
    return fingerprint("lth_core.training.job", engine)


rule train:
    input:
        data=data_of,
        parents=parent_files,
    output:
        weights=f"{JOB}/weights.safetensors",
        masks=f"{JOB}/masks.safetensors",
        metrics=f"{JOB}/metrics.parquet",
        manifest=f"{JOB}/manifest.json",
    log:
        f"{LOGS}/runs/{{experiment}}/round_{{round}}/{{lanes}}.log",
    benchmark:
        f"{LOGS}/runs/{{experiment}}/round_{{round}}/{{lanes}}.jsonl"
    conda:
        "../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=120,
    params:
        job=specification,
        code=training_code,
        folder=subpath(output.manifest, parent=True),
        # Not an output: Snakemake deletes those of a job that fails.
        resume=f"results/{SCALE}/resume/{{experiment}}/round_{{round}}/{{lanes}}.safetensors",
    message:
        "Training {wildcards.experiment}, round {wildcards.round}, {wildcards.lanes}"
    shell:
        "python -m lth_core.training.job --job {params.job:q} --code {params.code}"
        " --data {input.data} --resume {params.resume} --out {params.folder} > {log} 2>&1"
