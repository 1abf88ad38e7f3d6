"""A data set, fetched and verified: the root of every result's provenance."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.data import sets
from lth_core.errors import NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs.kind import Job, Place, Written

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "results/data/{dataset}.manifest.json"


def job(plan: "Plan", place: Place) -> Job:
    """Return the job that fetches the data set of `place`. Raises NotPlanned."""
    name = place["dataset"]
    if name not in sets.names():
        raise NotPlanned(f"no data set is called {name!r}; known: {', '.join(sets.names())}")
    return {"dataset": name, "reads": {}}


def modules(job: Job) -> tuple[str, ...]:
    """Return the module that lays the file out: what goes into it is checked by its digest."""
    return ("lth_core.data.layout",)


def run(job: Job, out: Path) -> Written:
    """Write the prepared file. LTH_DATA: a folder in torchvision's layout to read it from."""
    from lth_core.data.prepare import prepare

    name, root = job["dataset"], os.environ.get("LTH_DATA")
    file = out / f"{name}.safetensors"
    source = prepare(name, file, Path(root) if root else None)
    print(f"{name}: from {source}, every digest right: {file}")
    return Written(
        outputs={file.name: sha256_file(file)},
        environment={"source": source},
        details={"digest": sets.of(name).digest},
    )
