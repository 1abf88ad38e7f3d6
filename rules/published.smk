# What is published, figures and claims, made again from the published tables; nothing is trained.
#
#   snakemake --cores 2 published
#
# They are no outputs: Snakemake would remove the files in git before they are made, and with
# them the records that tell whether anything changed.
rule published:
    log:
        "logs/published.txt",
    localrule: True
    threads: lambda wildcards: workflow.cores
    message:
        "Drawing all published figures and judging the claims again"
    shell:
        "python -m lth_core.publish.redraw --jobs {threads} 2>&1 | tee {log}"
