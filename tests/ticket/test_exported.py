"""Tickets as files: what is replaced, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lth_core.errors import Failure
from lth_core.networks.defaults import completed_network
from lth_core.networks.shapes import Weights
from lth_core.ticket import Ticket, read
from lth_core.ticket.exported import write
from lth_core.ticket.value import NotKept
from tests.ticket.test_module import EVERYTHING, ticket_of

ALL = {"README.md", "config.json", "initial.safetensors", "mask.safetensors", "trained.safetensors"}
READ: dict[str, Callable[[Path], Weights]] = {
    "mask.safetensors": lambda folder: read(folder).mask,
    "initial.safetensors": lambda folder: read(folder).initial(),
    "trained.safetensors": lambda folder: read(folder).trained(),
}


def ticket(missing: Failure | None = None) -> Ticket:
    """Return a ticket of layers of every type. missing: raised for its trained weights."""
    masks, weights = ticket_of(EVERYTHING)

    def read_trained() -> Weights:
        if missing:
            raise missing
        return {name: array + np.float32(1) for name, array in weights.items()}

    settings = {"network": completed_network(EVERYTHING)}
    return Ticket("net", "tiny", 1, 0, 0, masks, settings, "0" * 64, lambda: weights, read_trained)


def test_a_ticket_that_is_there_is_replaced(tmp_path: Path) -> None:
    assert set(write(ticket(), "one", tmp_path)) == ALL
    assert read(tmp_path).trained().keys() == ticket_of(EVERYTHING)[1].keys()
    names = write(ticket(NotKept("no trained weights")), "other", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(names) == ALL - {"trained.safetensors"}
    with pytest.raises(Failure, match="no trained weights"):
        read(tmp_path).trained()


def test_damaged_trained_weights_are_not_left_out_in_silence(tmp_path: Path) -> None:
    write(ticket(), "one", tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(Failure, match="not what its manifest says"):
        write(ticket(Failure("weights: not what its manifest says")), "other", tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "there",
    [{"README.md": "# mine"}, {"config.json": "{}"}, {"README.md": "# mine", "config.json": "[]"}],
)
def test_other_peoples_files_are_not_replaced(there: dict[str, str], tmp_path: Path) -> None:
    for name, text in there.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(Failure, match=r"no ticket's: choose another folder"):
        write(ticket(), "one", tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == there


@pytest.mark.parametrize("config", ["{}", "[]", '{"model_type": "bert"}'])
def test_another_models_folder_is_no_ticket(config: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(Failure, match=r"config\.json is no ticket's: `lth export` writes one"):
        read(tmp_path)


@pytest.mark.parametrize("file", READ)
@pytest.mark.parametrize("change", [lambda a: a[1:], lambda a: a.T, lambda a: a[None]])
def test_arrays_of_another_shape_are_refused(
    change: Callable[[np.ndarray], np.ndarray], file: str, tmp_path: Path
) -> None:
    write(ticket(), "card", tmp_path)
    arrays = load_file(tmp_path / file)
    right = arrays["fc1.weight"]
    wrong = np.ascontiguousarray(change(right))
    save_file({**arrays, "fc1.weight": wrong}, tmp_path / file)
    with pytest.raises(Failure) as raised:
        READ[file](tmp_path)
    assert str(raised.value) == (
        f"{tmp_path / file}: fc1.weight: expected shape {right.shape}, as of the network in"
        f" config.json, found {wrong.shape}"
    )


@pytest.mark.parametrize("file", [*READ, "config.json"])
def test_a_file_that_is_cut_off_is_named(file: str, tmp_path: Path) -> None:
    write(ticket(), "card", tmp_path)
    path = tmp_path / file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(Failure, match=f"^{path} is cut off or damaged; export the ticket again$"):
        READ.get(file, read)(tmp_path)


@pytest.mark.parametrize("file", READ)
def test_arrays_too_few_and_too_many_are_refused(file: str, tmp_path: Path) -> None:
    write(ticket(), "card", tmp_path)
    arrays = load_file(tmp_path / file)
    save_file({**arrays, "fc9.weight": np.ones((2, 3))}, tmp_path / file)
    with pytest.raises(Failure, match=r"fc9.weight: expected shape none, .* found \(2, 3\)$"):
        READ[file](tmp_path)
    del arrays["fc1.weight"]
    save_file(arrays, tmp_path / file)
    with pytest.raises(Failure, match=r"fc1.weight: expected shape \(\d+, \d+\), .* found none$"):
        READ[file](tmp_path)
