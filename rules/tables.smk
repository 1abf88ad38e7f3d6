# Tables: the metrics of an experiment's runs, tidied and summed up.
TABLE = f"{RESULTS}/tables/{{experiment}}"
TABLE_LOG = f"{LOGS}/tables/{{experiment}}"
PIXELS = f"{RESULTS}/pixels/{{experiment}}"
DISTRIBUTIONS = f"{RESULTS}/distributions/{{experiment}}"
STRUCTURE = f"{RESULTS}/structure/{{experiment}}"
DISTANCES = f"{RESULTS}/distances/{{experiment}}"


def pattern_of(names):
    """Pattern of experiments' names; may match nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


rule summary:
    input:
        reads("summary"),
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
    params:
        told=told("summary"),
    message:
        "Summing up {wildcards.experiment}"
    shell:
        do("summary")


rule summary_xor:
    input:
        reads("summary_xor"),
    output:
        summary=f"{TABLE}/summary.parquet",
        manifest=f"{TABLE}/manifest.json",
    log:
        f"{TABLE_LOG}.log",
    benchmark:
        f"{TABLE_LOG}.jsonl"
    wildcard_constraints:
        experiment=pattern_of(PROJECT.xor.experiments),
    params:
        told=told("summary_xor"),
    message:
        "Summing up {wildcards.experiment}"
    shell:
        do("summary_xor")


rule distributions:
    input:
        reads("distributions"),
    output:
        table=f"{DISTRIBUTIONS}/distributions.parquet",
        by_trial=f"{DISTRIBUTIONS}/by_trial.parquet",
        manifest=f"{DISTRIBUTIONS}/manifest.json",
    log:
        f"{LOGS}/distributions/{{experiment}}.log",
    benchmark:
        f"{LOGS}/distributions/{{experiment}}.jsonl"
    params:
        told=told("distributions"),
    message:
        "Binning the weights of {wildcards.experiment}"
    shell:
        do("distributions")


rule pixels:
    input:
        reads("pixels"),
    output:
        table=f"{PIXELS}/pixels.parquet",
        manifest=f"{PIXELS}/manifest.json",
    log:
        f"{LOGS}/pixels/{{experiment}}.log",
    benchmark:
        f"{LOGS}/pixels/{{experiment}}.jsonl"
    params:
        told=told("pixels"),
    message:
        "Counting the weights that each pixel keeps in {wildcards.experiment}"
    shell:
        do("pixels")


rule structure:
    input:
        reads("structure"),
    output:
        table=f"{STRUCTURE}/structure.parquet",
        displacements=f"{STRUCTURE}/displacements.parquet",
        manifest=f"{STRUCTURE}/manifest.json",
    log:
        f"{LOGS}/structure/{{experiment}}.log",
    benchmark:
        f"{LOGS}/structure/{{experiment}}.jsonl"
    params:
        told=told("structure"),
    message:
        "Measuring the structure of the masks of {wildcards.experiment}"
    shell:
        do("structure")


rule distances:
    input:
        reads("distances"),
    output:
        table=f"{DISTANCES}/distances.parquet",
        manifest=f"{DISTANCES}/manifest.json",
    log:
        f"{LOGS}/distances/{{experiment}}.log",
    benchmark:
        f"{LOGS}/distances/{{experiment}}.jsonl"
    params:
        told=told("distances"),
    message:
        "Comparing the masks of {wildcards.experiment}"
    shell:
        do("distances")
