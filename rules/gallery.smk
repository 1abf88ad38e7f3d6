# The gallery: one page with every figure, its claims and what made it.
include: "inputs/gallery.smk"


checkpoint drawn:
    input:
        everything_of(PROJECT.figures),
    output:
        touch(f"results/{SCALE}/all_figures"),
    localrule: True
    message:
        "All figures are there, at scale {SCALE}"


rule gallery:
    input:
        figures=expand(FIGURE, figure=PROJECT.figures),
        claims=claims_on_all_tables,
        spec="config/figures.yaml",
    output:
        page="results/gallery.html",
        manifest="results/gallery.manifest.json",
    log:
        f"{LOGS}/gallery.log",
    benchmark:
        f"{LOGS}/gallery.jsonl"
    conda:
        "../environment.yml"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        folder=folder_of_figures,
        code=fingerprint("lth_core.gallery.build"),
    message:
        "Writing the gallery of all figures"
    shell:
        "python -m lth_core.gallery.build --spec {input.spec} --figures {params.folder}"
        " --claims {input.claims} --code {params.code} --out {output.page} > {log} 2>&1"
