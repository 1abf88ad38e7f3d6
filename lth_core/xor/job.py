"""A job of v1's XOR experiments: one round of one experiment, all trials side by side.

`python -m lth_core.xor.job --job JSON --code CODE --manifest FILE` writes, beside the manifest
and before it, weights.safetensors, masks.safetensors and metrics.parquet.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from lth_core.arms.weights import initial_weights
from lth_core.files import atomic_path, sha256_file
from lth_core.networks.shapes import Weights, weight_layers
from lth_core.provenance import manifest
from lth_core.tables.parquet import environment, write_table
from lth_core.xor.prune import SCORES, keep_highest, with_pruned, without_pruned
from lth_core.xor.train import POINTS, losses, train

WEIGHTS, MASKS, METRICS = "weights.safetensors", "masks.safetensors", "metrics.parquet"
# The one mask: which hidden units there are, bool (trials, units).
UNITS = "fc1.units"


class BrokenInput(RuntimeError):
    """A file that the job reads is not what its manifest says."""


def run(job: Mapping[str, Any], code: str, out: Path) -> None:
    """Train all trials of `job` and leave its four files in `out`.

    job: the specification that `XorPlan.specification` makes. code: fingerprint of the code,
    for the manifest. Tensors have the trials on their first axis; what belongs to a pruned
    unit is zero.

    Raises BrokenInput where the parent's files do not match their manifest.
    """
    initial = _initial(job)
    units, inputs = _units(job)
    training = job["training"]
    networks = train(
        without_pruned(initial, units), training["iterations"], training["learning_rate"]
    )
    metrics = _metrics(job, networks.logits())
    _save(out / WEIGHTS, with_pruned(networks.weights, units))
    _save(out / MASKS, {UNITS: units})
    write_table(metrics, out / METRICS)
    written = manifest.build(
        "training",
        settings=job,
        code=code,
        inputs=inputs,
        outputs={name: sha256_file(out / name) for name in (WEIGHTS, MASKS, METRICS)},
        environment=environment(),
    )
    manifest.write(out / manifest.NAME, written)
    print(
        f"{out.parent.parent.name}, {out.parent.name.replace('_', ' ')}: {job['trials']:,} networks"
        f" of {job['units']} units, median loss {metrics['loss'].median():.2g}"
    )


def _initial(job: Mapping[str, Any]) -> Weights:
    """Return theta_0 of all trials."""
    layers = weight_layers(job["network"])
    trials = [
        initial_weights(layers, job["initialisation"], job["seed"], trial)
        for trial in range(job["trials"])
    ]
    return {name: np.stack([weights[name] for weights in trials]) for name in trials[0]}


def _units(job: Mapping[str, Any]) -> tuple[np.ndarray, list[Path]]:
    """Return the units that the job trains, (trials, units), and its parent's manifest if any."""
    if job["parent"] is None:
        return np.ones((job["trials"], job["units"]), dtype=bool), []
    path, weights, units = _read(Path(job["parent"]))
    return keep_highest(SCORES[job["score"]](weights), units, job["units"]), [path]


def _read(folder: Path) -> tuple[Path, Weights, np.ndarray]:
    """Return a job's manifest, trained weights and units, checked against the manifest.

    A folder that doesn't match is set aside, so that the next call of Snakemake trains that
    round again.
    """
    path = folder / manifest.NAME
    outputs = manifest.read(path)["outputs"]
    for file in (folder / WEIGHTS, folder / MASKS):
        if not file.is_file() or sha256_file(file) != outputs[file.name]:
            aside = Path(f"{folder}.broken")
            shutil.rmtree(aside, ignore_errors=True)
            folder.rename(aside)
            raise BrokenInput(
                f"{file} is not what its manifest says (gone, cut off or changed). The folder"
                f" is now {aside}; call snakemake again and that round is trained anew."
            )
    return path, load_file(folder / WEIGHTS), load_file(folder / MASKS)[UNITS]


def _metrics(job: Mapping[str, Any], logits: np.ndarray) -> pd.DataFrame:
    """Return one row a trial: the loss at the end, and the logit of each point."""
    columns = {
        f"logit_{int(first)}{int(second)}": logits[:, point]
        for point, (first, second) in enumerate(POINTS)
    }
    return pd.DataFrame(
        {
            "round": job["round"],
            "units": job["units"],
            "trial": range(job["trials"]),
            "iterations": job["training"]["iterations"],
            "loss": losses(logits),
            **columns,
        }
    )


def _save(path: Path, tensors: Weights) -> None:
    with atomic_path(path) as temporary:
        try:
            save_file(tensors, temporary)
        except SafetensorError as error:
            raise OSError(str(error)) from None


def main() -> None:
    """Run the job of the command line; failures end with one line that says what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", required=True, type=json.loads)
    parser.add_argument("--code", required=True)
    parser.add_argument("--manifest", required=True, type=Path)
    arguments = parser.parse_args()
    try:
        run(arguments.job, arguments.code, arguments.manifest.parent)
    except (BrokenInput, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
