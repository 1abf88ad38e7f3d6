# Tables: the metrics of an experiment's runs, tidied and summed up.
def metrics_of(wildcards):
    """Metrics of all runs of an experiment, also of those that another experiment trained."""
    jobs = {PLAN.job(run).folder: None for run in PLAN.runs(wildcards.experiment)}
    return [f"{RUNS}/{folder}/metrics.parquet" for folder in jobs]


def experiment_value(key):
    """A value of the wildcard's experiment."""
    return lambda wildcards: getattr(PROJECT.experiments[wildcards.experiment], key)


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
