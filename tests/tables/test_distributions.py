"""Histograms of tickets, on networks that one checks by eye."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from lth_core.files import sha256_file
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import weight_layers
from lth_core.provenance import manifest
from lth_core.tables.distributions import (
    Sample,
    connections_left,
    distributions,
    histograms,
    initial_weights_of_tickets,
    weight_changes,
)

# Two units with three inputs each, feeding one output unit.
MASK = {
    "fc1.weight": np.array([[True, True, False], [True, False, False]]),
    "output.weight": np.array([[True, False]]),
}
INITIAL = {
    "fc1.weight": np.array([[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]]),
    "output.weight": np.array([[0.7, 0.8]]),
}
FINAL = {
    "fc1.weight": np.array([[0.2, 0.2, 0.3], [0.1, 0.5, -0.7]]),
    "output.weight": np.array([[0.7, 0.8]]),
}


def by_name(samples):
    return {(s.layer, s.group): sorted(s.values.round(10).tolist()) for s in samples}


def test_surviving_initial_weights_of_all_trials():
    samples = by_name(initial_weights_of_tickets([INITIAL, INITIAL], [MASK, MASK]))
    assert samples["fc1", ""] == [-0.2, -0.2, 0.1, 0.1, 0.4, 0.4]
    assert samples["output", ""] == [0.7, 0.7]


def test_changes_are_split_by_the_ticket():
    changes = weight_changes([INITIAL], [FINAL], [MASK])
    moved = by_name(changes["moved"])
    assert moved["fc1", "in_ticket"] == [0.1, 0.3, 0.4]
    assert moved["fc1", "not_in_ticket"] == [0.0, 0.0, 0.1]
    growth = by_name(changes["magnitude_change"])
    assert growth["fc1", "in_ticket"] == [-0.3, 0.0, 0.1]
    assert growth["fc1", "not_in_ticket"] == [0.0, 0.0, 0.1]


def test_connections_are_counted_per_unit():
    left = connections_left([MASK])
    incoming, outgoing = by_name(left["incoming"]), by_name(left["outgoing"])
    assert incoming["fc1", ""] == [round(1 / 3, 10), round(2 / 3, 10)]
    assert incoming["output", ""] == [0.5]
    assert outgoing["input", ""] == [0.0, 0.5, 1.0]
    assert outgoing["fc1", ""] == [0.0, 1.0]


@pytest.mark.parametrize("connections", [3, 10, 49, 50, 100, 300, 784])
def test_no_fraction_lies_on_an_edge_of_a_bin(connections):
    masks = [np.arange(connections) < kept for kept in range(connections + 1)]
    (sample,) = connections_left([{"fc1.weight": np.array(masks)}])["incoming"]
    table = histograms([sample])
    edges = np.append(table["left"], table["right"].iloc[-1])
    assert np.abs(edges[:, None] - sample.values).min() > 1e-4


def test_each_area_is_1():
    numbers = np.random.default_rng(0)
    samples = [
        Sample("fc1", "", numbers.normal(size=1000), 0.005),
        Sample("fc2", "", np.zeros(7), 0.02, -0.25),
    ]
    table = histograms(samples)
    areas = (table["density"] * (table["right"] - table["left"])).groupby(table["layer"]).sum()
    assert areas.to_numpy() == pytest.approx(1)


def test_nothing_is_outside_the_ticket_of_the_dense_network():
    dense = {name: np.ones_like(mask) for name, mask in MASK.items()}
    table = distributions([INITIAL], [FINAL], {0: [dense], 4: [MASK]})
    moved = table[table["quantity"] == "moved"]
    assert set(moved[moved["round"] == 0]["group"]) == {"in_ticket"}
    assert set(moved[moved["round"] == 4]["group"]) == {"in_ticket", "not_in_ticket"}
    assert dict(zip(table["round"], table["percent_remaining"], strict=True)) == {0: 100, 4: 50}


SETTINGS: dict[str, Any] = {
    "network": {"input": [6], "layers": [{"type": "dense", "units": 4}], "classes": 3},
    "initialisation": {"distribution": "glorot_normal", "std": None, "truncate": 2.0},
    "seed": 1,
}


def write_job(folder: Path, trials: list[int], kept: int) -> str:
    layers = weight_layers(SETTINGS["network"])
    tensors: dict[str, Any] = {"weights": {}, "masks": {}}
    for trial in trials:
        for layer in layers:
            key = f"trial{trial}/replicate0/{layer.weight}"
            tensors["weights"][key] = np.full(layer.shape, 0.25, dtype=np.float32)
            tensors["masks"][key] = np.arange(layer.size).reshape(layer.shape) % 4 < kept
    folder.mkdir()
    outputs = {}
    for name, content in tensors.items():
        save_file(content, folder / f"{name}.safetensors")
        outputs[f"{name}.safetensors"] = sha256_file(folder / f"{name}.safetensors")
    path = folder / "manifest.json"
    manifest.write(path, manifest.build("train", {}, "code", {}, outputs))
    return str(folder)


def bin_weights(folders: dict[str, list[str]], trials: int, out: Path) -> None:
    """Do the job: dense runs are read whole, of the others the masks."""
    files = ["weights.safetensors", "masks.safetensors"]
    told = {
        **SETTINGS,
        "experiment": "lenet_imp",
        "trials": trials,
        "folders": folders,
        "reads": {
            f"{folder}/manifest.json": files if round_ == "0" else files[1:]
            for round_, names in folders.items()
            for folder in names
        },
    }
    run("distributions", told, code_of("distributions", told), out)


def test_a_job_pools_the_trials_of_several_jobs(tmp_path: Path) -> None:
    dense = [write_job(tmp_path / name, [trial], 4) for trial, name in enumerate("ab")]
    ticket = write_job(tmp_path / "c", [0, 1], 1)
    (tmp_path / "c/weights.safetensors").unlink()  # nobody reads it
    bin_weights({"0": dense, "4": [ticket]}, 2, tmp_path / "out")
    table = pd.read_parquet(tmp_path / "out/distributions.parquet")
    layers = weight_layers(SETTINGS["network"])
    initial = [initial_weights(layers, SETTINGS["initialisation"], 1, t) for t in (0, 1)]
    first = table[(table["quantity"] == "initial_weight") & (table["round"] == 0)]
    assert first["right"].max() >= max(w["fc1.weight"].max() for w in initial)
    assert set(table["round"]) == {0, 4} and set(table["experiment"]) == {"lenet_imp"}
    by_trial = pd.read_parquet(tmp_path / "out/by_trial.parquet")
    assert set(by_trial["trial"]) == {0, 1}
    whole = {layer.weight: np.ones(layer.shape, bool) for layer in layers}
    for trial, own in by_trial[
        (by_trial["quantity"] == "initial_weight") & (by_trial["round"] == 0)
    ].groupby("trial"):
        wanted = histograms(initial_weights_of_tickets([initial[trial]], [whole]))
        assert own["density"].tolist() == wanted["density"].tolist(), "of its own theta_0"
    inputs = manifest.read(tmp_path / "out/manifest.json")["inputs"]
    assert set(inputs) == {f"{folder}/manifest.json" for folder in [*dense, ticket]}

    more = [*dense, write_job(tmp_path / "d", [2], 4)]
    with pytest.raises(ValueError, match=f"no trial2/replicate0/fc1.weight in .* of {ticket}"):
        bin_weights({"0": more, "4": [ticket]}, 3, tmp_path / "out")
    assert not (tmp_path / "out/manifest.json").exists()


def test_weights_of_a_diverged_run_are_not_counted():
    finite = histograms([Sample("fc1", "", np.array([0.1, 0.2]), 0.05)])
    diverged = np.array([0.1, np.nan, 0.2, np.inf])
    pd.testing.assert_frame_equal(histograms([Sample("fc1", "", diverged, 0.05)]), finite)
