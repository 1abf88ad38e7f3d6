"""The kinds of jobs with training loops of their own, on a few small images: what they leave."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from lth_core.data.layout import prepared
from lth_core.jobs import train, train_distilled, train_gradual, train_supermask
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.pruning.mask import dense
from lth_core.training.checkpoint import load_lane, save_lanes
from lth_core.training.record import Record

NETWORK = {"input": [36], "layers": [{"type": "dense", "units": 8}], "classes": 3}
LAYERS = weight_layers(NETWORK)
GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
PARENT = "results/tiny/runs/net/round_01/trials_0-1"
FILES = ["weights.safetensors", "masks.safetensors"]
LANES = [(0, 0), (1, 0)]
GRADUAL = {"source": "gradual", "schedule": "linear", "end": 1.0, "steps": 2,
           "keep": {"fc": 0.5, "output": 1.0}, "scope": "layer"}  # fmt: skip


def ticket(trial: int) -> Masks:
    random = np.random.default_rng(trial)
    return {layer.weight: random.random(layer.shape) < 0.5 for layer in LAYERS}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where there are data, and a run of two trials to start from, whose weights are large."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    arrays = {
        f"{part}_images": random.integers(0, 256, (n, 6, 6), np.uint8)
        for part, n in (("train", 370), ("test", 130))
    }
    for name in list(arrays):
        labels = random.integers(0, 3, len(arrays[name])).astype(np.uint8)
        arrays[name.replace("images", "labels")] = labels
    Path("results/data").mkdir(parents=True)
    save_file(prepared(arrays, 3), "results/data/mnist.safetensors")
    large = [
        {name: 4 * array for name, array in initial_weights(LAYERS, GLOROT, 9, trial).items()}
        for trial, _ in LANES
    ]
    save_lanes(Path(PARENT, FILES[0]), LANES, large)
    save_lanes(Path(PARENT, FILES[1]), LANES, [ticket(trial) for trial, _ in LANES])


def left(
    kind: Any, mask: dict[str, Any], trials: tuple[int, ...] = (0, 1), **changes: Any
) -> list[tuple[Masks, Weights]]:
    """Do a job; return masks and weights of its lanes."""
    roles = {"of": ["ticket", "teacher"]}.get(mask["source"], [])
    places = {t: {"folder": PARENT, "trial": t, "replicate": 0} for t in trials}
    job = {
        "network": NETWORK,
        "dataset": {"name": "mnist", "validation": 70, "scaling": "unit"},
        "initialisation": {},
        "training": {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 20,
                     "iterations": 12, "evaluate_every": 3},
        "mask": mask,
        "weights": {"source": "original"},
        "round": 1,
        "seed": 0,
        "engine": "torch",
        "lanes": [
            {"trial": t, "replicate": 0, "run": "", "parents": dict.fromkeys(roles, places[t])}
            for t in trials
        ],
        "reads": {f"{PARENT}/manifest.json": FILES},
        **changes,
    }  # fmt: skip
    out = Path("results/tiny/runs/own/round_01", f"out{len(list(Path().rglob('metrics.parquet')))}")
    written = kind.run(job, out)
    assert set(written.outputs) == {*FILES, "metrics.parquet"}
    assert not (out / "resume.safetensors").exists()
    return [
        (load_lane(out / FILES[1], trial, 0), load_lane(out / FILES[0], trial, 0))
        for trial in trials
    ]


def assert_same(one: Weights, other: Weights) -> None:
    assert one.keys() == other.keys()
    assert all(one[name].tobytes() == array.tobytes() for name, array in other.items())


def test_all_pruned_at_the_end_a_gradual_run_is_the_dense_run_under_its_mask() -> None:
    """Which sees the same batches: those of the dense network of the trial."""
    late = GRADUAL | {"schedule": "constant", "steps": 1}
    whole = left(train, {"source": "dense"}, round=0)
    for (masks, weights), (_, trained) in zip(left(train_gradual, late), whole, strict=True):
        assert masks["fc1.weight"].sum() == 144 and masks["output.weight"].all()
        assert_same(weights, {n: np.where(masks.get(n, True), w, 0) for n, w in trained.items()})


def test_each_step_of_a_gradual_run_keeps_what_its_schedule_says() -> None:
    keeping = train_gradual._keeping(GRADUAL, LAYERS, Record.empty(100, 50, 1))
    weights, steps = initial_weights(LAYERS, GLOROT, 0, 0), [dense(LAYERS)]
    for keep in keeping.values():
        steps.append(keep(weights, steps[-1]))
    assert list(keeping) == [50, 100]
    assert [int(masks["fc1.weight"].sum()) for masks in steps] == [288, 216, 144]
    assert all((a["fc1.weight"] | ~b["fc1.weight"]).all() for a, b in pairwise(steps)), "nested"


def test_with_the_labels_alone_distillation_is_plain_training() -> None:
    of = {"source": "of"}
    taught = left(train_distilled, of, distillation={"alpha": 1.0, "temperature": 3.0})
    for (_, weights), (_, plain) in zip(taught, left(train, of), strict=True):
        assert_same(weights, plain)
    for trial, (masks, weights) in enumerate(taught):
        assert_same(masks, ticket(trial))
        assert all(not weights[name][~mask].any() for name, mask in masks.items())


def test_each_lane_has_the_teacher_of_its_trial() -> None:
    """Alone it learns the same as beside another."""
    told: dict[str, Any] = {"distillation": {"alpha": 0.0, "temperature": 1.0}}
    _, (_, beside) = left(train_distilled, {"source": "of"}, **told)
    ((_, alone),) = left(train_distilled, {"source": "of"}, trials=(1,), **told)
    assert_same(beside, alone)


def test_a_supermask_is_told_its_decay_and_leaves_the_weights_that_it_shows() -> None:
    signed = {"source": "supermask", "form": "signed"}
    plain, again, decayed = (
        left(train_supermask, signed | more) for more in ({}, {}, {"decay": 0.5})
    )
    for (masks, weights), (same, equal), (other, _) in zip(plain, again, decayed, strict=True):
        assert_same(masks, same)
        assert_same(weights, equal)
        assert other["fc1.weight"].sum() < masks["fc1.weight"].sum(), "scores fall below it"
        assert all(not weights[name][~mask].any() for name, mask in masks.items())
