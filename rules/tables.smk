# Tables: the metrics of an experiment's runs, tidied and summed up.
include: "inputs/tables.smk"


rule summary:
    input:
        metrics=metrics_of,
    output:
        summary=f"{TABLES}/{{experiment}}/summary.parquet",
        curves=f"{TABLES}/{{experiment}}/curves.parquet",
        manifest=f"{TABLES}/{{experiment}}/manifest.json",
    log:
        f"{LOGS}/tables/{{experiment}}.log",
    benchmark:
        f"{LOGS}/tables/{{experiment}}.jsonl"
    conda:
        "../environment.yml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        rounds=experiment_value("rounds"),
        trials=experiment_value("trials"),
        replicates=experiment_value("replicates"),
        folder=subpath(output.manifest, parent=True),
        code=fingerprint("lth_core.tables.build"),
    message:
        "Summing up {wildcards.experiment}"
    shell:
        "python -m lth_core.tables.build --experiment {wildcards.experiment}"
        " --metrics {input.metrics} --rounds {params.rounds} --trials {params.trials}"
        " --replicates {params.replicates} --code {params.code}"
        " --out-folder {params.folder} > {log} 2>&1"


rule distributions:
    input:
        checkpoints=ancient(distribution_checkpoints),
        manifests=distribution_manifests,
    output:
        table=f"{DISTRIBUTIONS}/{{experiment}}/distributions.parquet",
        by_trial=f"{DISTRIBUTIONS}/{{experiment}}/by_trial.parquet",
        manifest=f"{DISTRIBUTIONS}/{{experiment}}/manifest.json",
    log:
        f"{LOGS}/distributions/{{experiment}}.log",
    benchmark:
        f"{LOGS}/distributions/{{experiment}}.jsonl"
    conda:
        "../environment.yml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        settings=initial_weights_settings,
        trials=experiment_value("trials"),
        jobs=distribution_jobs,
        folder=subpath(output.manifest, parent=True),
        code=fingerprint("lth_core.tables.build_distributions"),
    message:
        "Binning the weights of {wildcards.experiment}"
    shell:
        "python -m lth_core.tables.build_distributions --experiment {wildcards.experiment}"
        " --settings {params.settings:q} --trials {params.trials} --jobs {params.jobs}"
        " --code {params.code} --out-folder {params.folder} > {log} 2>&1"
