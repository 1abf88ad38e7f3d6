"""Measure the structure of an experiment's masks (Figure 115)."""

from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.jobs.kind import Job, Place, Written
from lth_core.training.checkpoint import load_lane

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/structure/{experiment}/manifest.json"
MASKS = "masks.safetensors"


def job(plan: "Plan", place: Place) -> Job:
    """Return the tables of an experiment, which need what that of its pixels does.

    Raises NotPlanned.
    """
    from lth_core.jobs import pixels

    return pixels.job(plan, place)


def run(job: Job, out: Path) -> Written:
    """Write structure.parquet, a row for each run, and displacements.parquet, with its pairs.

    locality: of the first layer. connected_LAYER: share of the layer's units, of which
    connected_units is the smallest.
    """
    import pandas as pd

    from lth_core.tables.distributions import percent_remaining
    from lth_core.tables.parquet import environment, write_table
    from lth_core.tables.structure import connected, displacements, pairs

    rows, maps = [], []
    for lane in job["runs"]:
        masks = load_lane(Path(lane["folder"], MASKS), lane["trial"], lane["replicate"])
        found = pairs(masks[job["layer"]].reshape(-1, *job["image"]))
        shares = {name.removesuffix(".weight"): connected(mask) for name, mask in masks.items()}
        run = {
            "experiment": job["experiment"],
            **{key: lane[key] for key in ("round", "trial", "replicate")},
            "weights_remaining": sum(int(mask.sum()) for mask in masks.values()),
            "percent_remaining": percent_remaining(masks),
        }
        rows.append(
            {**run, "locality": found.locality, "connected_units": min(shares.values())}
            | {f"connected_{layer}": share for layer, share in sorted(shares.items())}
        )
        maps.append(displacements(found).assign(**run))
    tables = {
        "structure.parquet": pd.DataFrame(rows),
        "displacements.parquet": pd.concat(maps, ignore_index=True),
    }
    digests = {name: write_table(table, out / name) for name, table in tables.items()}
    return Written(digests, environment())
