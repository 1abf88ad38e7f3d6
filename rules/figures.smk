# Figures: notebooks over tables. Each leaves pictures, numbers, its runs and a manifest.
from lth_core.config.at_scale import experiments_at_scale, scale_note
from lth_core.figure_names import chapter, heading
from lth_core.runs.behind import jobs_behind, runs_shown

FIGURE = f"{RESULTS}/figures/{{figure}}"


def chapter_of_figure(wildcards):
    """The chapter of the paper, under which Snakemake's report lists the figure."""
    return chapter(wildcards.figure, PROJECT.figures[wildcards.figure].section)


def labels_of_figure(wildcards):
    """What Snakemake's report lists of a figure."""
    title = PROJECT.figures[wildcards.figure].title
    return {"figure": heading(wildcards.figure), "title": title, "scale": SCALE}


def caption_of_figure(wildcards):
    """The caption of a figure in Snakemake's report."""
    note = scale_note(PROJECT, wildcards.figure)
    scale = f"Scale {SCALE}: {note}." if note else f"Scale {SCALE}."
    return f"{PROJECT.figures[wildcards.figure].caption} {scale}"


def everything_of(figures):
    """The manifests of figures, and of the tables and training jobs that they rest on.

    Of what lies between, Snakemake makes again only what is a target itself.
    """

    def manifests(wildcards):
        runs = jobs_behind(PLAN, runs_shown(PLAN, figures))
        folders = {folder for figure in figures for folder in tables_of(figure).values()}
        return [
            *expand(f"{FIGURE}.manifest.json", figure=figures),
            *(f"{folder}/manifest.json" for folder in sorted(folders)),
            *(PLAN.manifest(job) for job in runs),
        ]

    return manifests


def tables_of(figure):
    """The folders of the tables that a figure reads, by experiment."""
    kind_ = "distributions" if PROJECT.figures[figure].notebook == "distributions" else "tables"
    names = experiments_at_scale(PROJECT, figure)
    return {name: f"{RESULTS}/{kind_}/{name}" for name in names}


rule figure:
    input:
        manifests=manifests_of("figure"),
        files=files_of("figure"),
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
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        job=told("figure"),
        code=code("figure"),
        out=subpath(output.manifest, parent=True),
        caption=caption_of_figure,
    message:
        "Drawing {wildcards.figure}"
    shell:
        do("figure")
