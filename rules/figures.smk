# Figures: notebooks over tables. Each leaves PNG, SVG, CSV, the notebook and a manifest.
include: "inputs/figures.smk"


rule figure:
    input:
        tables=table_manifests,
        paper=paper_curves,
        notebook=notebook_of,
        claims=claims_of_figures,
    output:
        png=report(
            "results/figures/{figure}.png",
            caption="report/figure.rst",
            category=chapter_of_figure,
            labels=labels_of_figure,
        ),
        svg="results/figures/{figure}.svg",
        csv="results/figures/{figure}.csv",
        notebook="results/figures/{figure}.ipynb",
        manifest="results/figures/{figure}.manifest.json",
    log:
        f"{LOGS}/figures/{{figure}}.log",
    benchmark:
        f"{LOGS}/figures/{{figure}}.jsonl"
    conda:
        "../environment.yml"
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        spec=specification_of_figure,
        scale=scale_of_figure,
        caption=caption_of_figure,
        tables=table_folders,
        paper=lambda wildcards, input: f"--paper {input.paper}" if input.paper else "",
        folder=subpath(output.manifest, parent=True),
        code=figure_code,
    message:
        "Drawing {wildcards.figure}"
    shell:
        "python -m lth_core.figures.build --figure {wildcards.figure} --spec {params.spec:q}"
        " --scale {params.scale:q} --tables {params.tables} {params.paper}"
        " --code {params.code} --out {params.folder} > {log} 2>&1"
