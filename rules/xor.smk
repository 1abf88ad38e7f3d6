# v1's XOR experiments: one job for each round trains all trials side by side.
include: "inputs/xor.smk"


rule train_xor:
    input:
        parent=xor_parent,
    output:
        weights=f"{XOR_JOB}/weights.safetensors",
        masks=f"{XOR_JOB}/masks.safetensors",
        metrics=f"{XOR_JOB}/metrics.parquet",
        manifest=f"{XOR_JOB}/manifest.json",
    log:
        f"{LOGS}/runs/{{xor}}/round_{{round}}/{{lanes}}.log",
    benchmark:
        f"{LOGS}/runs/{{xor}}/round_{{round}}/{{lanes}}.jsonl"
    wildcard_constraints:
        xor=XOR_NAMES,
    conda:
        "../environment.yml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=15,
    params:
        job=xor_specification,
        code=fingerprint("lth_core.xor.job"),
    message:
        "Training {wildcards.xor}, round {wildcards.round}, {wildcards.lanes}"
    shell:
        "python -m lth_core.xor.job --job {params.job:q} --code {params.code}"
        " --manifest {output.manifest} 2>&1 | tee {log}"


rule summary_xor:
    input:
        metrics=xor_metrics,
    output:
        summary=f"{TABLES}/{{xor}}/summary.parquet",
        manifest=f"{TABLES}/{{xor}}/manifest.json",
    log:
        f"{LOGS}/tables/{{xor}}.log",
    benchmark:
        f"{LOGS}/tables/{{xor}}.jsonl"
    wildcard_constraints:
        xor=XOR_NAMES,
    conda:
        "../environment.yml"
    resources:
        mem_mb=1000,
        runtime=15,
    params:
        tie_margin=PROJECT.xor.tie_margin,
        zero_loss=PROJECT.xor.zero_loss,
        folder=subpath(output.manifest, parent=True),
        code=fingerprint("lth_core.xor.table"),
    message:
        "Summing up {wildcards.xor}"
    shell:
        "python -m lth_core.xor.table --experiment {wildcards.xor} --metrics {input.metrics}"
        " --tie-margin {params.tie_margin} --zero-loss {params.zero_loss}"
        " --code {params.code} --out-folder {params.folder} > {log} 2>&1"
