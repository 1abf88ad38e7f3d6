# Claims: the statements of the paper and of other systems, judged on the tables that exist at this
# scale.
#
#   snakemake --cores 1 claims
#
# It asks for no runs of its own. Tables that exist but are out of date are made again first.
checkpoint claims:
    input:
        reads("claims"),
    output:
        table=f"{RESULTS}/claims.csv",
        peers=f"{RESULTS}/peers.csv",
        page=report(f"{RESULTS}/claims.html", category="Claims"),
        manifest=f"{RESULTS}/claims.manifest.json",
    log:
        f"{LOGS}/claims.log",
    benchmark:
        f"{LOGS}/claims.jsonl"
    params:
        told=told("claims"),
    message:
        "Judging the claims on what was run at scale {SCALE}"
    shell:
        do("claims")
