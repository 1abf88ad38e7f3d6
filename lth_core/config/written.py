"""Finds where in config/ the settings behind a job are written."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from lth_core.config.experiment_files import chain, read_raw, resolve
from lth_core.config.figure_files import AXES, read_figures
from lth_core.partial import whole

# A file, and the keys that lead to an entry of it; none for the whole file.
Entry = tuple[str, tuple[str, ...]]


def entries_behind(config: Path, place: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the entries of the folder `config` that the job at `place` came from."""
    scale = place.get("results", "").rpartition("/")[2]
    if scale:
        yield (config / "scales" / f"{scale}.yaml").as_posix(), ()
    if "lanes" in place:
        yield (config / "config.yaml").as_posix(), ("engine",)
    if "dataset" in place:
        yield (config / "datasets" / f"{place['dataset']}.yaml").as_posix(), ()
    if "figure" in place:
        yield from _of_figure(config, place["figure"])
    if "experiment" in place:
        yield from _of_experiment(config, place["experiment"])


def _of_figure(config: Path, name: str) -> Iterator[Entry]:
    name = whole(name)
    figure = read_figures(config).get(name)
    if figure is not None:
        yield figure.file.as_posix(), (name,)
        for axis in dict.fromkeys(figure.axes):
            yield (config / AXES).as_posix(), (axis,)


def _of_experiment(config: Path, name: str) -> Iterator[Entry]:
    raw = read_raw(config / "experiments")
    if name not in raw:
        yield (config / "xor.yaml").as_posix(), ()
        return
    for each in chain(name, raw):
        yield raw[each].file.as_posix(), (raw[each].key.partition(".sweep.")[0],)
    settings = resolve(name, raw)
    for key, folder in (("architecture", "architectures"), ("dataset", "datasets")):
        if isinstance(settings.get(key), str):
            yield (config / folder / f"{settings[key]}.yaml").as_posix(), ()
