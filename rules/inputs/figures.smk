# What figures are made of.
from lth_core.config.at_scale import experiments_at_scale, figure_at_scale, scale_note
from lth_core.gallery.chapters import chapter, heading
from lth_core.provenance.fingerprint import notebook_modules
from lth_core.provenance.manifest import canonical_json
from lth_core.runs.behind import jobs_behind, runs_shown


def kind_of_table(figure):
    """Figures of the family `distributions` read their own tables, all others the summaries."""
    distributions = PROJECT.figures[figure].notebook == "distributions"
    return DISTRIBUTIONS if distributions else TABLES


def table_folders(wildcards):
    """The folders of the tables that a figure reads, as EXPERIMENT=FOLDER."""
    folder = kind_of_table(wildcards.figure)
    experiments = experiments_at_scale(PROJECT, wildcards.figure)
    return [f"{name}={folder}/{name}" for name in experiments]


def table_manifests(wildcards):
    """The manifests of the tables that a figure reads."""
    return [f"{item.split('=')[1]}/manifest.json" for item in table_folders(wildcards)]


def paper_curves(wildcards):
    """The paper's own curves, where the figure has any."""
    path = Path("config/paper/curves", f"{wildcards.figure}.csv")
    return [str(path)] if path.exists() else []


def claims_of_figures(wildcards):
    """The claims, whose verdicts each notebook shows for its figure."""
    return [
        "config/paper/claims.csv",
        *map(str, sorted(Path("config/paper/claims").glob("*.yaml"))),
    ]


def notebook_of(wildcards):
    """The notebook of the figure's family."""
    return f"notebooks/{PROJECT.figures[wildcards.figure].notebook}.ipynb"


def specification_of_figure(wildcards):
    """The figure's entry in figures.yaml, at this scale, as JSON."""
    return canonical_json(figure_at_scale(PROJECT, wildcards.figure)).decode()


def scale_of_figure(wildcards):
    """Name of the scale, and what is less than published, as JSON."""
    note = scale_note(PROJECT, wildcards.figure)
    return canonical_json({"name": SCALE, "note": note}).decode()


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


def figure_code(wildcards):
    """Fingerprint of the code that draws: what the builder and the notebook import."""
    modules = notebook_modules(Path(notebook_of(wildcards)))
    return fingerprint("lth_core.figures.build", *modules)


def everything_of(figures):
    """The manifests of figures, and of the tables and training jobs that they rest on.

    Of what lies between, Snakemake makes again only what is a target itself.
    """

    def manifests(wildcards):
        tables = {
            f"{kind_of_table(figure)}/{name}/manifest.json": None
            for figure in figures
            for name in experiments_at_scale(PROJECT, figure)
        }
        jobs_shown = jobs_behind(PLAN, runs_shown(PLAN, figures))
        folders = [*(job.folder for job in jobs_shown), *xor_jobs_behind(figures)]
        jobs = [f"{RUNS}/{folder}/manifest.json" for folder in folders]
        return [*expand(FIGURE, figure=figures), *tables, *jobs]

    return manifests
