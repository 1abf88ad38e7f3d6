# Claims: the paper's statements, judged on the tables that exist at this scale.
#
#   snakemake --cores 1 claims
#
# It asks for no runs of its own. Tables that exist but are out of date are made again first.
rule claims:
    input:
        manifests=manifests_of("claims"),
        files=files_of("claims"),
    output:
        table=f"{RESULTS}/claims.csv",
        page=report(f"{RESULTS}/claims.html", category="Claims"),
        manifest=f"{RESULTS}/claims.manifest.json",
    log:
        f"{LOGS}/claims.log",
    benchmark:
        f"{LOGS}/claims.jsonl"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        job=told("claims"),
        code=code("claims"),
        out=subpath(output.manifest, parent=True),
    message:
        "Judging the paper's claims on what was run at scale {SCALE}"
    shell:
        do("claims")
