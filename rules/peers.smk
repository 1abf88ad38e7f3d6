# Claims of other lottery-ticket systems, judged on the tables that exist at this scale.
#
#   snakemake --cores 1 peers
#
# It asks for no runs of its own, as `claims` does.
rule peers:
    input:
        reads("peers"),
    output:
        table=f"{RESULTS}/peers.csv",
        manifest=f"{RESULTS}/peers.manifest.json",
    log:
        f"{LOGS}/peers.log",
    benchmark:
        f"{LOGS}/peers.jsonl"
    params:
        told=told("peers"),
    message:
        "Judging what other systems claim on what was run at scale {SCALE}"
    shell:
        do("peers")
