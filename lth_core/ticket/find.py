"""Finds the ticket of a named run, from manifests alone, without the config."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lth_core.config.errors import unknown_name
from lth_core.config.files import named_files
from lth_core.errors import Failure
from lth_core.provenance import manifest
from lth_core.ticket.kept import KeptRun
from lth_core.ticket.stores import Place, Published, Results, Store
from lth_core.ticket.value import NotKept, Ticket
from lth_core.words import span


def load(
    experiment: str,
    round: int,
    trial: int = 0,
    replicate: int = 0,
    scale: str = "paper",
    folder: Path | str = ".",
) -> Ticket:
    """Return a run of an experiment as a ticket: its mask, and the weights that go with it.

    It is looked for in results/SCALE/ of `folder`, then in what is published there, which has no
    trained weights. A published run without its masks is a ticket all the same where its arm draws
    the mask from the seed, or takes that of a published one.

    Raises Failure, naming what there is, where there is no such run; where its mask is not kept, or
    the networks are XOR's; and where a file is not what its manifest says.
    """
    root, name = Path(folder), f"{experiment}, round {round}, trial {trial}"
    name += f", replicate {replicate}" if replicate else ""
    problems = []
    for store in (Results(root, scale), Published(root, scale)):
        found = folder_of(store, experiment, (round, trial, replicate))
        if found is None:
            continue
        try:
            place = Place(found, trial, replicate)
            return _ticket(experiment, scale, store, place, root / "results" / "data")
        except NotKept as error:
            problems.append(str(error))
    make = f"lth train {experiment} --round {round} --trial {trial} --scale {scale} --out FOLDER"
    end = f"There is {'; '.join(_there(root, experiment)) or 'no run of its own at any scale'}."
    end += f" To make it, if the config has it: {make}"
    if problems:
        raise Failure(f"{name}, at scale {scale}: {'; '.join(problems)}. {end}")
    results, names = root / "results", _names(root)
    if names and experiment not in names:
        raise unknown_name(str(results), experiment, names, "experiment")
    _check_scale(root, scale)
    raise Failure(f"{name}: not at scale {scale} in {results}. {end}")


def folder_of(store: Store, experiment: str, run: tuple[int, int, int]) -> str | None:
    """Return the folder of a run: one of the experiment's own, or of one that it shares runs with.

    Which runs an experiment shares with others, its table says. Raises Failure for XOR's networks.
    """
    own = [f"{folder}/{manifest.NAME}" for folder in store.folders(experiment)]
    table = _summary(store, store.tables / experiment / manifest.NAME)
    shared = table.get("inputs", ()) if _has_run(table, run) else ()
    for path in (*own, *shared):
        content = manifest.parse(store.read(path) or b"")
        if content is None:
            continue  # gone, or damaged: it may be another run's
        if content["kind"] == "train_xor":
            raise Failure(f"{experiment}: XOR networks lose whole units, and have no tickets")
        told = content["settings"]
        lanes = [(lane["trial"], lane["replicate"]) for lane in told.get("lanes", [])]
        if run in {(told["round"], *lane) for lane in lanes}:
            return path.removesuffix(f"/{manifest.NAME}")
    return None


def behind(store: Store, table: Path) -> dict[str, str]:
    """Return the manifests of the runs that a table, or a published copy, rests on, with digests.

    Empty where there is no table.
    """
    return dict(_summary(store, table).get("inputs", {}))


def _has_run(table: Mapping[str, Any], run: tuple[int, int, int]) -> bool:
    """Return whether the table with this manifest has the run; jobs behind it may have others'."""
    told = table.get("settings", {})
    if "rounds" not in told:  # no table, or XOR's
        return True
    first, last = map(int, told["rounds"].split("-"))
    number, trial, replicate = run
    return first <= number <= last and trial < told["trials"] and replicate < told["replicates"]


def _summary(store: Store, table: Path) -> dict[str, Any]:
    """Return the manifest of a whole table, also where `table` is a published copy's."""
    content = manifest.read(table) if table.is_file() else {}
    for path in content.get("inputs", ()):
        below = manifest.parse(store.read(path) or b"")
        if below and below["kind"] == "summary":
            return dict(below)
    return dict(content)


def _ticket(experiment: str, scale: str, store: Store, place: Place, data: Path) -> Ticket:
    run = KeptRun(store, place, data)
    told = {key: value for key, value in run.settings.items() if key not in ("lanes", "reads")}
    return Ticket(
        experiment=experiment,
        scale=scale,
        round=told["round"],
        trial=place.trial,
        replicate=place.replicate,
        mask=run.masks,
        settings=told,
        provenance=run.provenance,
        read_initial=run.initial,
        read_trained=run.trained,
    )


def _there(root: Path, experiment: str) -> Iterator[str]:
    """Yield what there is of an experiment, in words, by scale."""
    for kind, pattern in ((Results, "results/*/runs"), (Published, "results/published/*/tables")):
        for path in sorted(root.glob(pattern)):
            store = kind(root, path.parent.name)
            folders = list(store.folders(experiment))
            if folders:
                rounds = {int(folder.split("/")[-2].removeprefix("round_")) for folder in folders}
                jobs = {folder.rpartition("_")[2] for folder in folders}  # trial_0, trials_0-99
                trials = {int(trial) for job in jobs for trial in job.split("-")}
                text = f"scale {path.parent.name}"
                if kind is Published:
                    has_masks = (path.parent / "masks" / experiment).is_dir()
                    text += f" (published{'' if has_masks else ' without masks'})"
                yield f"{text}: {span('round', rounds)}, {span('trial', trials)}"


def _names(root: Path) -> set[str]:
    """Return the names of all experiments of which there are runs or tables."""
    patterns = ("results/*/runs/*", "results/*/tables/*", "results/published/*/tables/*")
    return {path.name for pattern in patterns for path in root.glob(pattern)}


def _check_scale(root: Path, scale: str) -> None:
    """Raise UnknownName where no scale is called so.

    Without a config, which would have those not run yet, only where it is nearly one's name.
    """
    told = named_files(root / "config" / "scales")
    patterns = ("results/*/runs", "results/*/tables", "results/published/*/tables")
    there = {path.parent.name for pattern in patterns for path in root.glob(pattern)}
    if scale not in {*told, *there} and (told or get_close_matches(scale, there)):
        raise unknown_name(str(root / "results"), scale, {*told, *there}, "scale")
