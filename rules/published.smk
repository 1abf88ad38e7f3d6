# Published figures: drawn again from the published tables; nothing is trained.
#
#   snakemake --cores 2 published
#
# They are no outputs: Snakemake would remove the files in git before each drawing, and with
# them the record that decides whether anything has changed.
include: "inputs/published.smk"


rule published_figure:
    output:
        temp(touch(DRAWN_AGAIN)),
    log:
        "logs/published/{scale}/{figure}.log",
    benchmark:
        "logs/published/{scale}/{figure}.jsonl"
    conda:
        "../environment.yml"
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        manifest=f"{PUBLISHED}.manifest.json",
    message:
        "Drawing {wildcards.figure} at scale {wildcards.scale} from what is published"
    shell:
        "python -m lth_core.published.figure {params.manifest} 2>&1 | tee {log}"


rule published:
    input:
        published_figures,
    localrule: True
    message:
        "All published figures are drawn again; git status tells whether any changed"
