"""Build the histograms of one experiment's tickets (Figures 15, 16 and 19 to 24).

python -m lth_core.tables.build_distributions --experiment lenet_imp --trials 5 \
    --settings '{"network": {...}, "initialisation": {...}, "seed": 1}' \
    --jobs 0=runs/a 4=runs/b 8=runs/c 12=runs/d --out-folder results/quick/distributions/lenet_imp

Several jobs may share the trials of a round.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load_file

from lth_core.arms.weights import initial_weights
from lth_core.networks.shapes import Layer, Masks, Weights, weight_layers
from lth_core.provenance import manifest
from lth_core.tables.distributions import (
    Sample,
    connections_left,
    histograms,
    initial_weights_of_tickets,
    percent_remaining,
    weight_changes,
)
from lth_core.tables.parquet import environment, write_table

Jobs = Sequence[tuple[int, Path]]


def distributions(
    initial: Sequence[Weights], dense: Sequence[Weights], masks: Mapping[int, Sequence[Masks]]
) -> pd.DataFrame:
    """Return the histograms of every round in `masks`, trials pooled.

    initial, dense: weights of the dense network before and after training, one a trial.
    """
    tables = []
    for number, tickets in sorted(masks.items()):
        quantities: dict[str, list[Sample]] = {
            "initial_weight": initial_weights_of_tickets(initial, tickets),
            **weight_changes(initial, dense, tickets),
            **connections_left(tickets),
        }
        percent = float(np.mean([percent_remaining(ticket) for ticket in tickets]))
        for quantity, samples in quantities.items():
            tables.append(
                histograms(samples).assign(
                    quantity=quantity, round=number, percent_remaining=percent
                )
            )
    columns = ["quantity", "round", "percent_remaining", "layer", "group"]
    return pd.concat(tables, ignore_index=True)[[*columns, "left", "right", "density"]]


def load_trials(
    jobs: Jobs, wanted_round: int, trials: int, file: str, layers: Sequence[Layer]
) -> list[dict[str, np.ndarray]]:
    """Return the weight tensors of replicate 0 of each trial from `file` of the round's jobs.

    Raises ValueError naming the trial and the folders where one is missing.
    """
    folders = [folder for number, folder in jobs if number == wanted_round]
    tensors: dict[str, np.ndarray] = {}
    for folder in folders:
        tensors |= load_file(folder / file)
    networks = []
    for trial in range(trials):
        names = {layer.weight: f"trial{trial}/replicate0/{layer.weight}" for layer in layers}
        missing = [key for key in names.values() if key not in tensors]
        if missing:
            where = ", ".join(str(folder) for folder in folders) or "no job"
            raise ValueError(f"round {wanted_round}: no {missing[0]} in {file} of {where}")
        networks.append({name: tensors[key] for name, key in names.items()})
    return networks


def build(
    experiment: str, settings: Mapping[str, Any], trials: int, jobs: Jobs, code: str, out: Path
) -> None:
    """Write distributions.parquet, by_trial.parquet and, last, manifest.json to the folder `out`.

    settings: network, initialisation and seed of the experiment. jobs: round and folder, each
    with weights.safetensors (final weights), masks.safetensors and manifest.json.
    """
    (out / manifest.NAME).unlink(missing_ok=True)
    layers = weight_layers(settings["network"])
    initial = [
        initial_weights(layers, settings["initialisation"], settings["seed"], trial)
        for trial in range(trials)
    ]
    dense = load_trials(jobs, 0, trials, "weights.safetensors", layers)
    masks = {
        number: load_trials(jobs, number, trials, "masks.safetensors", layers)
        for number in sorted({number for number, _ in jobs})
    }
    pooled = distributions(initial, dense, masks)
    # Trial by trial for the claims, whose intervals are over trials.
    by_trial = [
        distributions([initial[t]], [dense[t]], {r: [m[t]] for r, m in masks.items()}).assign(
            trial=t
        )
        for t in range(trials)
    ]
    tables = {
        "distributions.parquet": pooled,
        "by_trial.parquet": pd.concat(by_trial, ignore_index=True),
    }
    for table in tables.values():
        table.insert(0, "experiment", experiment)
    written = manifest.build(
        kind="table",
        settings={**settings, "experiment": experiment, "trials": trials, "rounds": sorted(masks)},
        code=code,
        inputs={folder / manifest.NAME for _, folder in jobs},
        outputs={name: write_table(table, out / name) for name, table in tables.items()},
        environment=environment(),
    )
    manifest.write(out / manifest.NAME, written)


def parse_job(text: str) -> tuple[int, Path]:
    """Return round and folder of e.g. `4=runs/b`."""
    number, separator, folder = text.partition("=")
    if not separator or not number.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not ROUND=FOLDER")
    return int(number), Path(folder)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--experiment", required=True)
    parser.add_argument("--settings", type=json.loads, required=True, metavar="JSON")
    parser.add_argument("--trials", type=int, required=True, help="pool trials 0 to TRIALS - 1")
    parser.add_argument("--jobs", type=parse_job, nargs="+", required=True, metavar="ROUND=FOLDER")
    parser.add_argument("--code", required=True, help="fingerprint of this code")
    parser.add_argument("--out-folder", type=Path, required=True, dest="out")
    build(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
