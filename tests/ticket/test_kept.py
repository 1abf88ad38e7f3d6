"""What of a run is worked out again, beside what a training job computes."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lth_core.errors import Failure
from lth_core.files import sha256_file
from lth_core.networks.shapes import weight_layers
from lth_core.provenance import manifest
from lth_core.ticket import load
from lth_core.ticket.kept import KeptRun
from lth_core.ticket.stores import Place, Results
from lth_core.training.checkpoint import save_lanes
from lth_core.training.defaults import completed
from lth_core.training.start import starting_point
from tests.training.test_start import (
    LANE,
    LAYERS,
    MASK_SOURCES,
    NETWORK,
    PAIRS,
    WEIGHT_SOURCES,
    draw,
    ticket,
)

PARENT, CHILD = (f"results/tiny/runs/net/round_0{n}/trial_0" for n in (0, 1))
FILES = ["weights.safetensors", "masks.safetensors"]


def told(round_: int, lanes: list[dict[str, Any]], mask: Any, weights: Any) -> dict[str, Any]:
    return {
        "network": NETWORK,
        "dataset": {"name": "mnist"},
        "training": {},
        "initialisation": {},
        "mask": mask,
        "weights": weights,
        "round": round_,
        "seed": 0,
        "lanes": lanes,
        "reads": {f"{PARENT}/manifest.json": FILES},
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a parent whose second lane is LANE."""
    lanes = [(3, 0), LANE]
    folder = tmp_path / PARENT
    save_lanes(folder / FILES[0], lanes, [draw(1), draw(2)], [draw(3), draw(4)])
    dense = {name: np.ones_like(mask) for name, mask in ticket().items()}
    save_lanes(folder / FILES[1], lanes, [dense, ticket()])
    settings = told(
        *(0, [{"trial": t, "replicate": r, "parents": {}} for t, r in lanes]),
        *({"source": "dense"}, {"source": "original"}),
    )
    outputs = {name: sha256_file(folder / name) for name in FILES}
    manifest.write(folder / manifest.NAME, manifest.build("train", settings, "0", {}, outputs))
    return tmp_path


def child(root: Path, mask: str, weights: str) -> dict[str, Any]:
    """Put the manifest of a run there, that starts from the parent; return its settings."""
    (own_mask, of_mask), (own_weights, of_weights) = MASK_SOURCES[mask], WEIGHT_SOURCES[weights]
    place = {"folder": PARENT, "trial": LANE[0], "replicate": LANE[1]}
    lane = {"trial": 0, "replicate": 0, "parents": dict.fromkeys([*of_mask, *of_weights], place)}
    settings = told(1, [lane], {"source": mask, **own_mask}, {"source": weights, **own_weights})
    path = root / CHILD / manifest.NAME
    manifest.write(path, manifest.build("train", settings, "0", {}, {}))
    return settings


def assert_equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype and np.array_equal(array, other[name]), name


@pytest.mark.parametrize(("mask", "weights"), PAIRS)
def test_it_is_what_the_job_starts_from(mask: str, weights: str, root: Path) -> None:
    settings = child(root, mask, weights)
    with contextlib.chdir(root):
        job = completed(settings)
        masks, start = starting_point(job, settings["lanes"][0], weight_layers(NETWORK), dict)
    found = load("net", round=1, scale="tiny", folder=root)
    assert_equal(found.mask, masks)
    assert_equal(found.initial(), start)


def test_a_kept_mask_is_taken_as_it_is(root: Path) -> None:
    child(root, "imp", "original")
    (root / PARENT / FILES[0]).unlink()
    other = {name: ~mask for name, mask in ticket().items()}
    save_lanes(root / CHILD / FILES[1], [(0, 0)], [other])
    path = root / CHILD / manifest.NAME
    content = manifest.read(path)
    content["outputs"] = {FILES[1]: sha256_file(root / CHILD / FILES[1])}
    manifest.write(path, content)
    found = load("net", round=1, scale="tiny", folder=root)
    assert_equal(found.mask, other)
    assert found.provenance == sha256_file(path)
    kept = sum(mask.sum() for mask in other.values())
    assert found.percent_remaining == 100 * kept / sum(layer.size for layer in LAYERS)


def test_what_is_not_kept_is_named(root: Path) -> None:
    child(root, "imp", "rewind")
    (root / PARENT / FILES[0]).unlink()
    with pytest.raises(Failure, match=rf"{CHILD}/masks.safetensors is not kept.*lth train net"):
        load("net", round=1, scale="tiny", folder=root)
    child(root, "of", "rewind")
    found = load("net", round=1, scale="tiny", folder=root)
    with pytest.raises(Failure, match=rf"'rewind'.*{PARENT}/weights.safetensors is not kept"):
        found.initial()
    with pytest.raises(Failure, match=f"no trained weights: .*{CHILD}"):
        found.trained()


def test_a_mask_that_was_found_while_training_is_not_drawn(root: Path) -> None:
    child(root, "dense", "original")
    path = root / CHILD / manifest.NAME
    content = manifest.read(path)
    content["settings"]["mask"] = {"source": "gradual", "schedule": "cubic", "end": 0.8, "steps": 4}
    manifest.write(path, content)
    with pytest.raises(Failure, match=rf"{CHILD}/masks.safetensors is not kept.*lth train net"):
        load("net", round=1, scale="tiny", folder=root)


@pytest.mark.parametrize("mask", ["snip", "grasp"])
def test_data_that_a_mask_looks_at_are_asked_for(mask: str, root: Path) -> None:
    child(root, "dense", "original")
    path = root / CHILD / manifest.NAME
    content = manifest.read(path)
    content["settings"]["mask"] = {"source": mask, "keep": {"fc1": 5, "fc2": 5, "output": 5}}
    manifest.write(path, content)
    with pytest.raises(Failure, match=r"no such file.* -- results/data/mnist\.safetensors"):
        load("net", round=1, scale="tiny", folder=root)


def test_what_is_not_what_its_manifest_says_is_refused(root: Path) -> None:
    child(root, "of", "original")
    path = root / PARENT / FILES[1]
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(Failure, match=f"{PARENT}/masks.safetensors is not what its manifest"):
        load("net", round=1, scale="tiny", folder=root)


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"kind": "train", "settings": {"lanes": 1}}'])
def test_a_damaged_manifest_spoils_no_other_run(damage: str, root: Path) -> None:
    child(root, "of", "original")
    earlier = root / "results/tiny/runs/net/round_00/trial_1"
    earlier.mkdir()
    (earlier / manifest.NAME).write_text(damage)
    assert load("net", round=1, scale="tiny", folder=root).round == 1
    (root / PARENT / manifest.NAME).write_text(damage)
    with pytest.raises(Failure, match=f"{PARENT}/manifest.json is no manifest, or damaged"):
        load("net", round=1, scale="tiny", folder=root)


def test_what_there_is_is_said(root: Path) -> None:
    child(root, "of", "original")
    with pytest.raises(Failure, match=r"There is scale tiny: rounds 0-1, trial 0\."):
        load("net", round=5, scale="tiny", folder=root)
    with pytest.raises(Failure, match="not at scale paper in .* There is scale tiny"):
        load("net", round=1, folder=root)
    with pytest.raises(Failure, match="no experiment is called 'nett'; did you mean 'net'"):
        load("nett", round=1, folder=root)


def test_published_runs_without_masks_are_marked() -> None:
    # Those of lenet_imp are published at scale quick only: docs/tickets.md.
    with pytest.raises(
        Failure,
        match=r"scale paper \(published without masks\): rounds 0-28, trials 0-4;"
        r".* scale quick \(published\): rounds 0-20, trials 0-1\.",
    ):
        load("lenet_imp", round=12, folder=Path(__file__).parents[2])
    # No mask is computed to say so: SNIP's would need the data.
    with pytest.raises(Failure, match=r"There is scale quick \(published without masks\)"):
        load("lenet_snip", round=99, scale="quick", folder=Path(__file__).parents[2])


def test_without_any_run_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(
        Failure,
        match=r"no run of its own at any scale\. To make it, if the config has it: lth train",
    ):
        load("net", round=1, scale="tiny", folder=tmp_path)


def test_xor_has_no_tickets(root: Path) -> None:
    path = root / "results/tiny/runs/v1_xor/round_01/trials_0-99" / manifest.NAME
    manifest.write(path, manifest.build("train_xor", {"round": 1}, "0", {}, {}))
    with pytest.raises(Failure, match="v1_xor: XOR networks lose whole units"):
        load("v1_xor", round=1, scale="tiny", folder=root)


def test_replicates_are_lanes(root: Path) -> None:
    data = root / "results" / "data"
    for trial, replicate in ((3, 0), LANE):
        run = KeptRun(Results(root, "tiny"), Place(PARENT, trial, replicate), data)
        assert_equal(run.trained(), draw(1 + replicate))
