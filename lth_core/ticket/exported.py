"""Writes a ticket as files for the Hugging Face hub, and reads them back."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from safetensors.numpy import load_file

from lth_core.errors import Failure
from lth_core.files import write_bytes
from lth_core.networks.shapes import Weights
from lth_core.ticket.value import Ticket
from lth_core.training.checkpoint import save

CONFIG, CARD = "config.json", "README.md"
MASK, INITIAL, TRAINED = "mask.safetensors", "initial.safetensors", "trained.safetensors"
_NAMES = ("experiment", "scale", "round", "trial", "replicate", "provenance", "settings")


def write(ticket: Ticket, card: str, folder: Path) -> list[str]:
    """Write a ticket to `folder`, its trained weights where they are kept; return the files' names.

    card: the text of README.md. `read` reads the ticket back. A ticket that is there is replaced;
    raises Failure where a README.md is that of something else.
    """
    if (folder / CARD).exists() and not (folder / CONFIG).exists():
        raise Failure(f"{folder / CARD} is no ticket's: choose another folder")
    tensors = {MASK: ticket.mask, INITIAL: ticket.initial()}
    trained = trained_if_kept(ticket)
    if trained is not None:
        tensors[TRAINED] = trained
    for name, arrays in tensors.items():
        save(folder / name, arrays)
    config = {name: getattr(ticket, name) for name in _NAMES}
    config["percent_remaining"] = ticket.percent_remaining
    write_bytes(folder / CONFIG, json.dumps(config, indent=1, allow_nan=False).encode() + b"\n")
    write_bytes(folder / CARD, card.encode())
    return [CONFIG, CARD, *tensors]


def trained_if_kept(ticket: Ticket) -> Weights | None:
    """Return the trained weights of a ticket; None where they are not kept."""
    try:
        return ticket.trained()
    except Failure:
        return None


def read(folder: Path | str) -> Ticket:
    """Return the ticket in a folder that `lth export` has written.

    Raises FileNotFoundError where its config, its mask or its initial weights are not there.
    """
    root = Path(folder)
    config: dict[str, Any] = json.loads((root / CONFIG).read_bytes())
    return Ticket(
        **{name: config[name] for name in _NAMES},
        mask=load_file(root / MASK),
        read_initial=partial(load_file, root / INITIAL),
        read_trained=partial(_trained, root / TRAINED),
    )


def _trained(file: Path) -> Weights:
    if not file.is_file():
        raise Failure(f"no trained weights: {file} is not there")
    return dict(load_file(file))
