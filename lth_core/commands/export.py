"""`lth export`: writes a ticket as files, for use elsewhere or for the Hugging Face hub."""

from pathlib import Path
from typing import Annotated

import typer

from lth_core.commands.shared import Experiment, Round, Trial

_COLUMNS = {"at early stop": "test_accuracy_at_early_stop", "at the end": "end_test_accuracy"}


def export(
    experiment: Experiment,
    round_: Round,
    to: Annotated[Path, typer.Option(help="Folder to write to.")],
    trial: Trial = 0,
    replicate: Annotated[int, typer.Option(min=0, help="Replicate: the draw of a control.")] = 0,
    scale: Annotated[
        str, typer.Option(help="Scale: from results/SCALE, else as published.")
    ] = "paper",
) -> None:
    """Write a ticket of EXPERIMENT to a folder: weights, mask, config and model card."""
    from lth_core.ticket import load
    from lth_core.ticket.accuracy import accuracy_of
    from lth_core.ticket.card import card
    from lth_core.ticket.exported import trained_if_kept, write

    ticket = load(experiment, round_, trial, replicate, scale)
    accuracies = {when: accuracy_of(ticket, Path(), column) for when, column in _COLUMNS.items()}
    text = card(ticket, accuracies, trained_if_kept(ticket) is not None)
    print(f"{to}: {', '.join(write(ticket, text, to))}")
