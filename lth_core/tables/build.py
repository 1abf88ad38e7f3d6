"""Build the tables of one experiment from the measurements of its training jobs.

python -m lth_core.tables.build --experiment lenet_imp --trials 5 --replicates 1 --rounds 0-28 \
    --metrics a/metrics.parquet b/metrics.parquet --out-folder results/quick/tables/lenet_imp
"""

import argparse
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import pandas as pd

from lth_core.provenance import manifest
from lth_core.tables.parquet import environment, write_table
from lth_core.tables.summary import RUN, learning_curves, summarise


def select_runs(
    metrics: pd.DataFrame, rounds: Iterable[int], trials: int, replicates: int
) -> pd.DataFrame:
    """Keep the rows of the experiment's runs: a job may hold those of other experiments too.

    Raises ValueError, naming the runs, where one of them is missing.
    """
    wanted = pd.MultiIndex.from_tuples(
        product(sorted(set(rounds)), range(trials), range(replicates)), names=RUN
    )
    runs = pd.MultiIndex.from_frame(metrics[RUN])
    missing = wanted.difference(runs)
    if len(missing):
        first = ", ".join(str(run) for run in missing[:5])
        raise ValueError(f"{len(missing)} runs (round, trial, replicate) are missing: {first}")
    return metrics[runs.isin(wanted)]


def parse_rounds(text: str) -> list[int]:
    """Return the rounds named by e.g. `0-28` or `0,4,8-12`."""
    rounds: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        rounds += range(int(first), int(last or first) + 1)
    return rounds


def build(
    experiment: str,
    metrics_files: list[Path],
    rounds: str,
    trials: int,
    replicates: int,
    code: str,
    out_folder: Path,
) -> None:
    """Write summary.parquet, curves.parquet and, last, manifest.json to `out_folder`.

    metrics_files: metrics.parquet of every job, each beside the manifest.json of the job.
    """
    (out_folder / manifest.NAME).unlink(missing_ok=True)
    metrics = pd.concat([pd.read_parquet(file) for file in metrics_files], ignore_index=True)
    try:
        metrics = select_runs(metrics, parse_rounds(rounds), trials, replicates)
        tables = {
            "summary.parquet": summarise(metrics, experiment),
            "curves.parquet": learning_curves(metrics, experiment),
        }
    except ValueError as error:
        raise ValueError(f"{experiment}, from {len(metrics_files)} files: {error}") from error
    written = manifest.build(
        kind="table",
        settings={
            "experiment": experiment,
            "rounds": rounds,
            "trials": trials,
            "replicates": replicates,
        },
        code=code,
        inputs={file.parent / manifest.NAME for file in metrics_files},
        outputs={name: write_table(table, out_folder / name) for name, table in tables.items()},
        environment=environment(),
    )
    manifest.write(out_folder / manifest.NAME, written)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--experiment", required=True)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--rounds", required=True, help="rounds to keep, e.g. 0-28 or 0,4,8-12")
    parser.add_argument("--trials", type=int, required=True, help="keep trials 0 to TRIALS - 1")
    parser.add_argument("--replicates", type=int, default=1, help="keep replicates 0 to N - 1")
    parser.add_argument("--code", required=True, help="fingerprint of this code")
    parser.add_argument("--out-folder", type=Path, required=True)
    arguments = vars(parser.parse_args())
    build(metrics_files=arguments.pop("metrics"), **arguments)


if __name__ == "__main__":
    main()
