"""Publish the table of one experiment: as it is, but for thinner learning curves."""

from pathlib import Path
from typing import Any

import pandas as pd

from lth_core.files import sha256_bytes, write_bytes
from lth_core.provenance import manifest
from lth_core.provenance.fingerprint import fingerprint
from lth_core.published.record import standing
from lth_core.published.thin import Kept, thin
from lth_core.tables.parquet import environment, write_table

CURVES = "curves.parquet"


def publish_table(source: Path, out: Path, kept: Kept | None) -> None:
    """Write the tables in the folder `source` and, last, a manifest to the folder `out`.

    kept: which rows of learning curves are published. The
    manifest is built on that of `source`, and stays as it is while the tables do.
    """
    whole = manifest.read(source / manifest.NAME)
    outputs = {}
    for name in whole["outputs"]:
        if name == CURVES and kept is not None:
            curves = pd.read_parquet(source / name)
            outputs[name] = write_table(thin(curves, kept), out / name)
        else:
            data = (source / name).read_bytes()
            write_bytes(out / name, data)
            outputs[name] = sha256_bytes(data)
    settings: dict[str, Any] = {key: whole["settings"][key] for key in ("experiment", "trials")}
    if CURVES in outputs and kept is not None:
        settings["curves"] = kept._asdict()
    written = manifest.build(
        kind="published",
        settings=settings,
        code=fingerprint("lth_core.published.thin"),
        inputs=[source / manifest.NAME],
        outputs=outputs,
        environment=environment(),
    )
    path = out / manifest.NAME
    manifest.write(path, standing(path, written, same_code=True))
