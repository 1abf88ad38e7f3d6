"""Make the one prepared file of a data set that every run reads."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file

from lth_core.data import sets
from lth_core.data.dataset import Arrays, DataSet, digest_of, sha256_of
from lth_core.data.errors import DataError
from lth_core.data.layout import prepared
from lth_core.data.own import find
from lth_core.data.own.whole import Facts
from lth_core.data.sources import SOURCES, Source, from_disk
from lth_core.files import atomic_path


def prepare(
    name: str, out: Path, root: Path | None = None, sources: Mapping[str, Source] = SOURCES
) -> str:
    """Write the data set `name` from a source whose arrays are right; return the source's name.

    `out` is a safetensors file of what `layout.prepared` makes of them. It has no metadata, which
    come in any order: the same bytes every time, whole or not at all.

    root: a folder in torchvision's layout that holds it, so that nothing is downloaded; without
    one, the first good one of `sources` is taken. Raises DataError where none gave the right
    arrays; says why for each.
    """
    data_set = sets.of(name)
    advice = "Without internet, set data_root in config/config.yaml to a folder that holds it."
    if root is not None:  # what is asked for is used, or refused
        sources = {"disk": partial(from_disk, root=root)}
        advice = (
            f"data_root in config/config.yaml, or the variable LTH_DATA, is {root}: put it there in"
            " torchvision's layout, or set neither, and it is downloaded."
        )
    source, arrays = _first_good(name, data_set, sources, advice)
    _write(out, {key: arrays[key] for key in data_set.arrays}, data_set.classes)
    return source


def prepare_own(name: str, out: Path, place: str, source: Mapping[str, Any]) -> str:
    """Write the data set `name`, of a user's own; return the digest of its arrays.

    place: where it lies, or the class of torchvision that it is. source: its `type`, and what it
    has to be, as the block `pinned` of config/datasets/ says. Raises DataError where it is not.
    """
    facts = Facts(tuple(source["images"]), source["classes"], source["train"], source["test"])
    try:
        arrays = find(source["type"], place, source["sha256"], facts).arrays
    except DataError as error:
        raise DataError(f"{name}: {error}") from error
    _write(out, arrays, facts.classes)
    return digest_of(sha256_of(array) for array in arrays.values())


def _write(out: Path, arrays: Arrays, classes: int) -> None:
    with atomic_path(out) as temporary:
        save_file(prepared(arrays, classes), temporary)


def _first_good(
    name: str, data_set: DataSet, sources: Mapping[str, Source], advice: str
) -> tuple[str, Arrays]:
    reasons = []
    for source, read in sources.items():
        try:
            arrays = read(data_set)
            data_set.verify(arrays)
        except (DataError, OSError) as error:
            reasons.append(f"not from {source}: {error}")
            continue
        for reason in reasons:
            print(f"{name}: {reason}", file=sys.stderr)
        return source, arrays
    raise DataError(f"{name}: {'; '.join(reasons)}. {advice}")
