"""Make the one prepared file of a data set that every run reads."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from safetensors.numpy import save_file

from lth_core.data import sets
from lth_core.data.dataset import Arrays, DataSet
from lth_core.data.errors import DataError
from lth_core.data.layout import prepared
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
    with atomic_path(out) as temporary:
        save_file(
            prepared({key: arrays[key] for key in data_set.arrays}, data_set.classes), temporary
        )
    return source


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
