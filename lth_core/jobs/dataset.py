"""A data set, fetched and verified: the root of every result's provenance."""

from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.data import root, sets
from lth_core.errors import NotPlanned
from lth_core.files import nearby, sha256_file
from lth_core.jobs.kind import Job, Place, Written

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "results/data/{dataset}.manifest.json"


def job(plan: "Plan", place: Place) -> Job:
    """Return the job that fetches the data set of `place`. Raises NotPlanned.

    Of data of a user's own it is told what they are, and not where they lie.
    """
    name = place["dataset"]
    if name in sets.names():
        return {"dataset": name, "reads": {}}
    own = {each: found for each, found in plan.project.datasets.items() if found.pinned}
    if name not in own:
        known = ", ".join([*sets.names(), *own])
        raise NotPlanned(f"no data set is called {name!r}; known: {known}")
    source, pinned = own[name].source, own[name].pinned
    assert source and pinned  # else the config would have been refused
    return {
        "dataset": name,
        "source": {"type": source.type, **pinned.model_dump(mode="json")},
        "reads": {},
    }


def modules(job: Job) -> tuple[str, ...]:
    """Return what runs depend on: the file's layout, and of data of one's own how they are read.

    The others are checked by their arrays' digest, however they were fetched and decoded.
    """
    own = ("lth_core.data.own." + job["source"]["type"],) if "source" in job else ()
    return ("lth_core.data.layout", *own)


def run(job: Job, out: Path) -> Written:
    """Write the prepared file. LTH_DATA: a folder in torchvision's layout to read it from."""
    from lth_core.data.prepare import prepare, prepare_own

    name = job["dataset"]
    file = out / f"{name}.safetensors"
    if "source" in job:
        source, digest = job["source"]["type"], prepare_own(name, file, _place(name), job["source"])
    else:
        source, digest = prepare(name, file, root.told()), sets.of(name).digest
    print(f"{name}: from {source}, all digests verified: {file}")
    return Written(
        outputs={file.name: sha256_file(file)},
        environment={"source": source},
        details={"digest": digest},
    )


def _place(name: str) -> str:
    """Return where the config says that data of a user's own lie; the job is not told."""
    from lth_core.config.dataset import Dataset
    from lth_core.config.errors import ConfigError, validated
    from lth_core.config.files import read_mapping

    file = nearby(f"config/datasets/{name}.yaml")
    source = validated(Dataset, file, read_mapping(file)).source
    if source is None:
        raise ConfigError(f"{file}: source: this key is missing")
    return source.place(file)
