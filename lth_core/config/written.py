"""Where in config/ the settings behind a job are written."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from lth_core.config.experiments import Raw, read_raw

# A file, and the keys that lead to an entry of it; none for the whole file.
Entry = tuple[str, tuple[str, ...]]


def entries_behind(config: Path, place: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the entries of the folder `config` that the job at `place` came from."""
    scale = place.get("results", "").rpartition("/")[2]
    if scale:
        yield (config / "scales" / f"{scale}.yaml").as_posix(), ()
    if "dataset" in place:
        yield (config / "datasets" / f"{place['dataset']}.yaml").as_posix(), ()
    if "figure" in place:
        yield (config / "figures.yaml").as_posix(), ("figures", place["figure"])
    if "experiment" in place:
        yield from _of_experiment(config, place["experiment"])


def _of_experiment(config: Path, name: str) -> Iterator[Entry]:
    raw = read_raw(config / "experiments")
    if name not in raw:
        yield (config / "xor.yaml").as_posix(), ()
        return
    chain = _chain(name, raw)
    for entry in chain:
        yield entry.file.as_posix(), (entry.key.partition(".sweep.")[0],)
    for key, folder in (("architecture", "architectures"), ("dataset", "datasets")):
        named = next((e.settings[key] for e in chain if key in e.settings), None)
        if isinstance(named, str):
            yield (config / folder / f"{named}.yaml").as_posix(), ()


def _chain(name: str, raw: Mapping[str, Raw]) -> list[Raw]:
    """Return the experiment as written, and those that it extends."""
    found: list[Raw] = []
    following: object = name
    while isinstance(following, str) and following in raw and raw[following] not in found:
        found.append(raw[following])
        following = raw[following].settings.get("extends")
    return found
