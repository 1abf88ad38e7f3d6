# Tables: the metrics of an experiment's runs, tidied and summed up.
TABLE = f"{RESULTS}/tables/{{experiment}}"
TABLE_LOG = f"{LOGS}/tables/{{experiment}}"
DISTRIBUTIONS = f"{RESULTS}/distributions/{{experiment}}"


def pattern_of(names):
    """Pattern of experiments' names; may match nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


rule summary:
    input:
        manifests=manifests_of("summary"),
        files=files_of("summary"),
    output:
        summary=f"{TABLE}/summary.parquet",
        curves=f"{TABLE}/curves.parquet",
        manifest=f"{TABLE}/manifest.json",
    log:
        f"{TABLE_LOG}.log",
    benchmark:
        f"{TABLE_LOG}.jsonl"
    wildcard_constraints:
        experiment=pattern_of(PROJECT.experiments),
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        job=told("summary"),
        code=code("summary"),
        out=subpath(output.manifest, parent=True),
    message:
        "Summing up {wildcards.experiment}"
    shell:
        do("summary")


rule summary_xor:
    input:
        manifests=manifests_of("summary_xor"),
        files=files_of("summary_xor"),
    output:
        summary=f"{TABLE}/summary.parquet",
        manifest=f"{TABLE}/manifest.json",
    log:
        f"{TABLE_LOG}.log",
    benchmark:
        f"{TABLE_LOG}.jsonl"
    wildcard_constraints:
        experiment=pattern_of(PROJECT.xor.experiments),
    resources:
        mem_mb=1000,
        runtime=15,
    params:
        job=told("summary_xor"),
        code=code("summary_xor"),
        out=subpath(output.manifest, parent=True),
    message:
        "Summing up {wildcards.experiment}"
    shell:
        do("summary_xor")


rule distributions:
    input:
        manifests=manifests_of("distributions"),
        files=files_of("distributions"),
    output:
        table=f"{DISTRIBUTIONS}/distributions.parquet",
        by_trial=f"{DISTRIBUTIONS}/by_trial.parquet",
        manifest=f"{DISTRIBUTIONS}/manifest.json",
    log:
        f"{LOGS}/distributions/{{experiment}}.log",
    benchmark:
        f"{LOGS}/distributions/{{experiment}}.jsonl"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        job=told("distributions"),
        code=code("distributions"),
        out=subpath(output.manifest, parent=True),
    message:
        "Binning the weights of {wildcards.experiment}"
    shell:
        do("distributions")
