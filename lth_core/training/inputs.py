"""What a training job reads, checked against its manifests before anything is computed."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lth_core.files import sha256_file
from lth_core.networks.shapes import Weights
from lth_core.provenance import manifest
from lth_core.training.checkpoint import load_lane


class BrokenInput(RuntimeError):
    """A file that the job reads is not what its manifest says."""


def check_data(data: Path) -> Path:
    """Return the manifest of the prepared data set, having checked the file against it."""
    path = data.with_suffix(".manifest.json")
    if sha256_file(data) != manifest.read(path)["outputs"][data.name]:
        raise BrokenInput(
            f"{data} is not what its manifest says (cut off or changed). Delete it and call"
            " snakemake again: it is then prepared anew."
        )
    return path


def check_parents(job: Mapping[str, Any]) -> list[Path]:
    """Return the manifests of all parents, having checked their files against them.

    A folder that doesn't match is set aside, so that the next call of Snakemake trains
    that round again.
    """
    folders = {
        lane[role]["folder"]
        for lane in job["lanes"]
        for role in ("trained", "ticket", "rewound")
        if role in lane
    }
    manifests = []
    for folder in sorted(folders):
        path = Path(folder, manifest.NAME)
        outputs = manifest.read(path)["outputs"]
        for name in ("weights.safetensors", "masks.safetensors"):
            file = Path(folder, name)
            if not file.is_file() or sha256_file(file) != outputs[name]:
                aside = Path(f"{folder}.broken")
                shutil.rmtree(aside, ignore_errors=True)
                Path(folder).rename(aside)
                raise BrokenInput(
                    f"{file} is not what its manifest says (gone, cut off or changed). The folder"
                    f" is now {aside}; call snakemake again and that round is trained anew."
                )
        manifests.append(path)
    return manifests


def parent_tensors(
    lane: Mapping[str, Any], role: str, file: str, snapshot: bool = False
) -> Weights | None:
    """Return the lane's parent in `role` as it lies in `file`, or None if it has none."""
    parent = lane.get(role)
    if parent is None:
        return None
    path = Path(parent["folder"], file)
    return load_lane(path, parent["trial"], parent["replicate"], snapshot)
