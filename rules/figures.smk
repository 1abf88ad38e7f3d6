# Figures: notebooks over tables. Each leaves pictures, numbers, its runs and a manifest.
from lth_core.partial import PARTIAL, whole
from lth_core.config.in_part import has_parts
from lth_core.figure_names import chapter, heading, remarks

FIGURE = f"{RESULTS}/figures/{{figure}}"


def chapter_of_figure(wildcards):
    """The chapter of the paper, under which Snakemake's report lists the figure."""
    return chapter(wildcards.figure, PROJECT.figures[whole(wildcards.figure)].section)


def labels_of_figure(wildcards):
    """What Snakemake's report lists of a figure."""
    title = PROJECT.figures[whole(wildcards.figure)].title
    return {"figure": heading(wildcards.figure), "title": title, "scale": SCALE}


def caption_of_figure(wildcards):
    """The caption of a figure in Snakemake's report."""
    said = "; ".join(remarks(job_of("figure", wildcards)["scale"]))
    scale = f"Scale {SCALE}: {said}." if said else f"Scale {SCALE}."
    return f"{PROJECT.figures[whole(wildcards.figure)].caption} {scale}"


rule figure:
    input:
        reads("figure"),
    output:
        png=report(
            f"{FIGURE}.png",
            caption="report/figure.rst",
            category=chapter_of_figure,
            labels=labels_of_figure,
        ),
        svg=f"{FIGURE}.svg",
        csv=f"{FIGURE}.csv",
        runs=f"{FIGURE}.runs.parquet",
        notebook=f"{FIGURE}.ipynb",
        manifest=f"{FIGURE}.manifest.json",
    log:
        f"{LOGS}/figures/{{figure}}.log",
    benchmark:
        f"{LOGS}/figures/{{figure}}.jsonl"
    params:
        told=told("figure"),
        caption=caption_of_figure,
    message:
        "Drawing {wildcards.figure}"
    shell:
        do("figure")
