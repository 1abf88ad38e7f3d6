# Claims: the paper's statements, judged on the tables that exist at this scale.
#
#   snakemake --cores 1 claims
#
# It asks for no runs of its own. Tables that exist but are out of date are made again first.
include: "inputs/claims.smk"


rule claims:
    input:
        manifests=existing_tables,
        config=claims_config,
    output:
        table="results/claims.parquet",
        page=report("results/claims.html", category="Claims"),
        manifest="results/claims.manifest.json",
    log:
        f"{LOGS}/claims.log",
    benchmark:
        f"{LOGS}/claims.jsonl"
    conda:
        "../environment.yml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        scale=SCALE,
        pictures=existing_pictures,
        folder=subpath(output.manifest, parent=True),
        code=fingerprint("lth_core.claims.evaluate"),
    message:
        "Judging the paper's claims on what was run at scale {SCALE}"
    shell:
        "python -m lth_core.claims.evaluate --scale {params.scale}"
        " --manifests {input.manifests} --inputs {input.config} --pictures {params.pictures}"
        " --code {params.code} --out {params.folder} > {log} 2>&1"
