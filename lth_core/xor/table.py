"""Build the table of one XOR experiment from the measurements of its rounds.

python -m lth_core.xor.table --experiment v1_xor_dense_10 --metrics a/metrics.parquet \
    --tie-margin 0.05 --zero-loss 0.01 --code CODE --out-folder results/quick/tables/v1_xor_dense_10
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from lth_core.provenance import manifest
from lth_core.tables.parquet import environment, write_table
from lth_core.xor.success import decision_boundary, zero_loss


def summarise(
    metrics: pd.DataFrame, experiment: str, tie_margin: float, loss_bound: float
) -> pd.DataFrame:
    """Return one row per round and trial, sorted, with what the network says and if it succeeded.

    metrics: columns round, units, trial, iterations, loss, logit_00, logit_01, logit_10,
    logit_11 (first and second input). The outputs are those of the sigmoid.

    Raises ValueError where a round has other trials than the first.
    """
    rows = metrics.sort_values(["round", "trial"], ignore_index=True)
    trials = [list(part["trial"]) for _, part in rows.groupby("round")]
    if any(found != trials[0] for found in trials):
        raise ValueError(f"{experiment}: its rounds have different trials")
    names = [name for name in rows if str(name).startswith("logit_")]
    logits = rows[names].to_numpy()
    table = rows[["round", "units", "trial", "iterations", "loss"]].copy()
    table.insert(0, "experiment", experiment)
    with np.errstate(over="ignore"):
        outputs = 1 / (1 + np.exp(-logits))
    for point, name in enumerate(names):
        table[str(name).replace("logit", "output")] = outputs[:, point]
    table["decision_boundary"] = decision_boundary(logits, tie_margin)
    table["zero_loss"] = zero_loss(logits, loss_bound)
    return table


def build(
    experiment: str,
    metrics_files: list[Path],
    tie_margin: float,
    loss_bound: float,
    code: str,
    out_folder: Path,
) -> None:
    """Write summary.parquet and, last, manifest.json to `out_folder`.

    metrics_files: metrics.parquet of every round, each beside the manifest.json of its job.
    """
    (out_folder / manifest.NAME).unlink(missing_ok=True)
    metrics = pd.concat([pd.read_parquet(file) for file in metrics_files], ignore_index=True)
    summary = summarise(metrics, experiment, tie_margin, loss_bound)
    name = "summary.parquet"
    written = manifest.build(
        kind="table",
        settings={
            "experiment": experiment,
            "trials": int(summary["trial"].nunique()),
            "tie_margin": tie_margin,
            "zero_loss": loss_bound,
        },
        code=code,
        inputs={file.parent / manifest.NAME for file in metrics_files},
        outputs={name: write_table(summary, out_folder / name)},
        environment=environment(),
    )
    manifest.write(out_folder / manifest.NAME, written)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--experiment", required=True)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--tie-margin", type=float, required=True, help="for DB, of a logit")
    parser.add_argument("--zero-loss", type=float, required=True, help="for ZL, of the loss")
    parser.add_argument("--code", required=True, help="fingerprint of this code")
    parser.add_argument("--out-folder", type=Path, required=True)
    arguments = vars(parser.parse_args())
    build(
        metrics_files=arguments.pop("metrics"), loss_bound=arguments.pop("zero_loss"), **arguments
    )


if __name__ == "__main__":
    main()
