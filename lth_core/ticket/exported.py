"""Writes a ticket as files for the Hugging Face hub, and reads them back."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load_file

from lth_core.errors import Failure
from lth_core.files import write_bytes
from lth_core.networks.shapes import Weights, weight_layers
from lth_core.ticket.value import NotKept, Ticket
from lth_core.training.checkpoint import save

CONFIG, CARD = "config.json", "README.md"
MASK, INITIAL, TRAINED = "mask.safetensors", "initial.safetensors", "trained.safetensors"
_NAMES = ("experiment", "scale", "round", "trial", "replicate", "provenance", "settings")
_DAMAGED = "{} is cut off or damaged; export the ticket again"
Shapes = dict[str, tuple[int, ...]]


def write(ticket: Ticket, card: str, folder: Path) -> list[str]:
    """Write a ticket to `folder`, its trained weights where they are kept; return the files' names.

    card: the text of README.md. `read` reads the ticket back. A ticket that is there is replaced;
    raises Failure where a README.md or a config.json is that of something else, and where trained
    weights are damaged.
    """
    taken = [folder / name for name in (CARD, CONFIG) if (folder / name).exists()]
    if taken and not _is_ticket(folder):
        raise Failure(f"{taken[0]} is no ticket's: choose another folder")
    tensors = {MASK: ticket.mask, INITIAL: ticket.initial()}
    trained = trained_if_kept(ticket)
    if trained is not None:
        tensors[TRAINED] = trained
    for name in (CARD, CONFIG, TRAINED):  # killed halfway, it leaves no ticket
        (folder / name).unlink(missing_ok=True)
    for name, arrays in tensors.items():
        save(folder / name, arrays)
    config = {name: getattr(ticket, name) for name in _NAMES}
    config["percent_remaining"] = ticket.percent_remaining
    write_bytes(folder / CONFIG, json.dumps(config, indent=1, allow_nan=False).encode() + b"\n")
    write_bytes(folder / CARD, card.encode())
    return [CONFIG, CARD, *tensors]


def _is_ticket(folder: Path) -> bool:
    try:
        config = json.loads((folder / CONFIG).read_bytes())
    except (OSError, ValueError):
        return False
    return _says_ticket(config)


def _says_ticket(config: Any) -> bool:
    return isinstance(config, dict) and config.keys() >= set(_NAMES)


def trained_if_kept(ticket: Ticket) -> Weights | None:
    """Return the trained weights of a ticket; None where they are not kept.

    Raises Failure where they are damaged.
    """
    try:
        return ticket.trained()
    except NotKept:
        return None


def read(folder: Path | str) -> Ticket:
    """Return the ticket in a folder that `lth export` has written.

    Raises FileNotFoundError where its config, its mask or its initial weights are not there, and
    Failure where one is damaged, something else's, or not of the network's shapes. Weights are read
    when they are asked for.
    """
    root = Path(folder)
    try:
        config: dict[str, Any] = json.loads((root / CONFIG).read_bytes())
    except ValueError:
        raise Failure(_DAMAGED.format(root / CONFIG)) from None
    if not _says_ticket(config):
        raise Failure(f"{root / CONFIG} is no ticket's: `lth export` writes one")
    layers = weight_layers(config["settings"]["network"])
    weights = {name: shape for layer in layers for name, shape in layer.tensors.items()}
    return Ticket(
        **{name: config[name] for name in _NAMES},
        mask=_arrays(root / MASK, {layer.weight: layer.shape for layer in layers}),
        read_initial=partial(_arrays, root / INITIAL, weights),
        read_trained=partial(_trained, root / TRAINED, weights),
    )


def _trained(file: Path, shapes: Shapes) -> Weights:
    if not file.is_file():
        raise NotKept(f"no trained weights: {file} is not there")
    return _arrays(file, shapes)


def _arrays(file: Path, shapes: Shapes) -> Weights:
    """Return the arrays in a file. Raises Failure where it is damaged, or of another network."""
    try:
        arrays: Weights = load_file(file)
    except SafetensorError:
        raise Failure(_DAMAGED.format(file)) from None
    found = {name: array.shape for name, array in arrays.items()}
    for name in {**shapes, **found}:
        if found.get(name) != shapes.get(name):
            raise Failure(
                f"{file}: {name}: expected shape {shapes.get(name, 'none')}, as of the network in"
                f" {CONFIG}, found {found.get(name, 'none')}"
            )
    return arrays
