"""Bin the weights of an experiment's tickets (Figures 15, 16 and 19 to 24).

Leaves distributions.parquet, with trials pooled, and by_trial.parquet for the claims, whose
intervals are over trials.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.errors import NotPlanned
from lth_core.jobs.kind import Job, Place, Written

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/distributions/{experiment}/manifest.json"
WEIGHTS, MASKS = "weights.safetensors", "masks.safetensors"


def job(plan: "Plan", place: Place) -> Job:
    """Return the histograms of an experiment. Raises NotPlanned.

    Of the dense runs weights and masks are read, of the others the masks.
    """
    from lth_core.runs.behind import distribution_rounds

    name, project = place["experiment"], plan.project
    if place["results"] != plan.results or name not in project.experiments:
        raise NotPlanned(f"no experiment {name} in {place['results']}")
    rounds = distribution_rounds(project, name)
    runs = list(plan.runs(name, rounds))
    settings = plan.settings(runs[0])
    architecture = project.experiments[name].architecture
    folders: dict[str, list[str]] = {str(round_): [] for round_ in rounds}
    reads: dict[str, list[str]] = {}
    for run in runs:
        manifest = plan.manifest(plan.job(run))
        folder = manifest.rpartition("/")[0]
        if folder not in folders[str(run.round)]:
            folders[str(run.round)].append(folder)
        reads[manifest] = [MASKS] if run.round else [WEIGHTS, MASKS]
    return {
        "experiment": name,
        # Without defaults, so that a key of networks that is added later makes nothing stale.
        "network": architecture.model_dump(exclude_defaults=True),
        **{key: settings[key] for key in ("initialisation", "seed")},
        "trials": project.experiments[name].trials,
        "folders": folders,
        "reads": reads,
    }


def run(job: Job, out: Path) -> Written:
    """Write both tables."""
    import pandas as pd

    from lth_core.networks.initial import initial_weights
    from lth_core.networks.shapes import weight_layers
    from lth_core.tables.distributions import distributions, load_trials
    from lth_core.tables.parquet import environment, write_table

    layers = weight_layers(job["network"])
    trials = range(job["trials"])
    initial = [initial_weights(layers, job["initialisation"], job["seed"], t) for t in trials]
    folders = {int(number): list(map(Path, names)) for number, names in job["folders"].items()}
    dense = load_trials(folders[0], WEIGHTS, len(trials), layers)
    masks = {n: load_trials(folders[n], MASKS, len(trials), layers) for n in sorted(folders)}
    by_trial = [
        distributions([initial[t]], [dense[t]], {r: [m[t]] for r, m in masks.items()}).assign(
            trial=t
        )
        for t in trials
    ]
    tables = {
        "distributions.parquet": distributions(initial, dense, masks),
        "by_trial.parquet": pd.concat(by_trial, ignore_index=True),
    }
    for table in tables.values():
        table.insert(0, "experiment", job["experiment"])
    digests = {name: write_table(table, out / name) for name, table in tables.items()}
    return Written(digests, environment())
