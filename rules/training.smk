# Training: one job for each round of an experiment and each block of its trials.
#
# Data and checkpoints only have to be there (`ancient`): whether they changed is what their
# manifests tell, small files that are compared by content.
include: "inputs/training.smk"


# On one core, with the sparse kernel.
rule train:
    input:
        data=ancient(data_of),
        checkpoints=ancient(parent_checkpoints),
        manifests=input_manifests,
    output:
        weights=kept(f"{JOB}/weights.safetensors"),
        masks=kept(f"{JOB}/masks.safetensors"),
        metrics=f"{JOB}/metrics.parquet",
        manifest=f"{JOB}/manifest.json",
    log:
        f"{LOGS}/runs/{{experiment}}/round_{{round}}/{{lanes}}.log",
    benchmark:
        f"{LOGS}/runs/{{experiment}}/round_{{round}}/{{lanes}}.jsonl"
    wildcard_constraints:
        experiment=trained_with("sparse"),
    conda:
        "../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=minutes_of,
    params:
        job=specification,
        code=training_code,
        within="",
    message:
        "Training {wildcards.experiment}, round {wildcards.round}, {wildcards.lanes}"
    shell:
        "{params.within}python -m lth_core.training.job --job {params.job:q}"
        " --code {params.code} --data {input.data} --manifest {output.manifest} 2>&1 | tee {log}"


# With PyTorch: on a GPU of its own, or on one core where the machine has none.
use rule train as train_torch with:
    wildcard_constraints:
        experiment=trained_with("torch"),
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=minutes_of,
        gpu=1,
    params:
        job=specification,
        code=training_code,
        within="python -m lth_core.devices.lease -- ",
