# What the tables are made of.
from lth_core.provenance.manifest import canonical_json
from lth_core.runs.behind import distribution_rounds


def metrics_of(wildcards):
    """Metrics of all runs of an experiment, also of those that another experiment trained."""
    jobs = {PLAN.job(run).folder: None for run in PLAN.runs(wildcards.experiment)}
    return [f"{RUNS}/{folder}/metrics.parquet" for folder in jobs]


def experiment_value(key):
    """A value of the wildcard's experiment."""
    return lambda wildcards: getattr(PROJECT.experiments[wildcards.experiment], key)


def distribution_jobs(wildcards):
    """ROUND=FOLDER of each job whose weights and masks are looked at."""
    experiment = wildcards.experiment
    folders = {
        f"{round_}={RUNS}/{PLAN.job(run).folder}": None
        for round_ in distribution_rounds(PROJECT, experiment)
        for run in PLAN.runs(experiment, range(round_, round_ + 1))
    }
    return list(folders)


def distribution_checkpoints(wildcards):
    """Weights and masks of those jobs, which only have to be there: see rules/training.smk."""
    names = ("weights.safetensors", "masks.safetensors")
    jobs = distribution_jobs(wildcards)
    return [f"{job.split('=')[1]}/{name}" for job in jobs for name in names]


def distribution_manifests(wildcards):
    """Manifests of those jobs, which tell of changes."""
    return [
        f"{job.split('=')[1]}/manifest.json" for job in distribution_jobs(wildcards)
    ]


def initial_weights_settings(wildcards):
    """What the initial weights of an experiment are drawn from, as JSON."""
    settings = PLAN.settings(next(PLAN.runs(wildcards.experiment)))
    wanted = ("network", "initialisation", "seed")
    return canonical_json({key: settings[key] for key in wanted}).decode()
