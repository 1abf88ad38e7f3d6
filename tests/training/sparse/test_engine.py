"""The sparse engine against plain numpy, and the promises every engine makes."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lth_core.data.scaling import scale, unit
from lth_core.data.split import Split
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.training.batches import Batches
from lth_core.training.sparse import kernel as compiling
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.state import Optimiser, State

FEATURES, CLASSES, EXAMPLES = 53, 10, 200
NETWORK = {
    "input": [FEATURES],
    "layers": [{"type": "dense", "units": 30}, {"type": "dense", "units": 18}],
    "classes": CLASSES,
}
OPTIMISERS = {
    "adam": Optimiser("adam", 1.2e-3),
    "sgd": Optimiser("sgd", 0.1),
    "momentum": Optimiser("momentum", 0.05),
}


@pytest.fixture
def splits() -> dict[str, Split]:
    rng = np.random.default_rng(1)

    def split(size: int) -> Split:
        pixels = rng.integers(0, 256, (size, FEATURES), np.uint8)
        pixels[rng.random(pixels.shape) > 0.3] = 0
        labels = rng.integers(0, CLASSES, size).astype(np.uint8)
        return Split(pixels, labels, *unit(FEATURES))

    return {"train": split(EXAMPLES), "test": split(150)}


def lane(density: float, seed: int = 2, network: dict = NETWORK) -> tuple[State, Masks]:
    rng = np.random.default_rng(seed)
    weights, masks = {}, {}
    for layer in weight_layers(network):
        masks[layer.weight] = rng.random(layer.shape) < density
        drawn = rng.standard_normal(layer.shape) / np.sqrt(layer.fan_in)
        weights[layer.weight] = (drawn * masks[layer.weight]).astype(np.float32)
        weights[layer.bias] = (0.1 * rng.standard_normal(layer.shape[0])).astype(np.float32)
    return State(weights, {}, 0), masks


def batches(iterations: int, batch: int, lanes: int = 1, seed: int = 3) -> np.ndarray:
    shape = (lanes, iterations, batch)
    return np.random.default_rng(seed).integers(0, EXAMPLES, shape).astype(np.int32)


def forward(weights: Weights, images: np.ndarray) -> list[np.ndarray]:
    """Return the inputs of every layer, then the logits (float64)."""
    names = [name.removesuffix(".weight") for name in weights if name.endswith(".weight")]
    values = [images.astype(np.float64)]
    for name in names:
        z = values[-1] @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
        values.append(z if name == names[-1] else np.maximum(z, 0))
    return values


def log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def gradients(weights: Weights, masks: Masks, images: np.ndarray, labels: np.ndarray) -> Weights:
    values = forward(weights, images)
    dy = (np.exp(log_softmax(values[-1])) - np.eye(CLASSES)[labels]) / len(labels)
    result = {}
    for name, x in reversed(list(zip(masks, values, strict=False))):
        result[name] = dy.T @ x * masks[name]
        result[name.replace("weight", "bias")] = dy.sum(axis=0)
        dy = dy @ weights[name] * (x > 0)
    return result


def reference(
    state: State, masks: Masks, o: Optimiser, examples: Split, rows: np.ndarray
) -> Weights:
    """Return the weights after training in float64, by the textbook formulas."""
    weights = {name: w.astype(np.float64) for name, w in state.weights.items()}
    first = {name: np.zeros_like(w) for name, w in weights.items()}
    second = {name: np.zeros_like(w) for name, w in weights.items()}
    for t, batch in enumerate(rows, start=1):
        g_all = gradients(weights, masks, examples.images[batch], examples.labels[batch])
        for name, g in g_all.items():
            if o.name == "adam":
                first[name] = o.beta1 * first[name] + (1 - o.beta1) * g
                second[name] = o.beta2 * second[name] + (1 - o.beta2) * g * g
                m, v = first[name] / (1 - o.beta1**t), second[name] / (1 - o.beta2**t)
                weights[name] = weights[name] - o.learning_rate * m / (np.sqrt(v) + o.epsilon)
            else:
                mu = o.momentum if o.name == "momentum" else 0.0
                first[name] = mu * first[name] + g
                weights[name] = weights[name] - o.learning_rate * first[name]
    return weights


def same_bits(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(a[k].tobytes() == b[k].tobytes() for k in a)


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
@pytest.mark.parametrize("density", [1.0, 0.7, 0.3, 0.03])
@pytest.mark.parametrize("batch", [60, 16, 7, 100])
def test_training_agrees_with_numpy(splits, optimiser, density, batch) -> None:
    state, masks = lane(density)
    rows = batches(20, batch)
    engine = SparseEngine(NETWORK, optimiser, splits, [state], [masks])
    engine.train(Batches(rows))
    expected = reference(state, masks, optimiser, splits["train"], rows[0])
    result = engine.states()[0]
    assert result.step == 20
    for name, weight in result.weights.items():
        # Adam divides by the gradient's own size, so rounding of tiny gradients shows more.
        tolerance = 2e-4 if optimiser.name == "adam" else 1e-5
        np.testing.assert_allclose(weight, expected[name], rtol=0, atol=tolerance, err_msg=name)
        moved = np.abs(expected[name] - state.weights[name]).max()
        assert moved > 10 * tolerance or density < 0.1


def test_one_step_of_adam_is_exact_to_rounding(splits) -> None:
    state, masks = lane(0.5)
    rows = batches(1, 60)
    engine = SparseEngine(NETWORK, OPTIMISERS["adam"], splits, [state], [masks])
    engine.train(Batches(rows))
    moments = engine.states()[0].moments
    labels = splits["train"].labels[rows[0, 0]]
    expected = gradients(state.weights, masks, splits["train"].images[rows[0, 0]], labels)
    for name, g in expected.items():
        np.testing.assert_allclose(moments[f"{name}.m"], 0.1 * g, rtol=1e-4, atol=1e-8)
        np.testing.assert_allclose(moments[f"{name}.v"], 0.001 * g * g, rtol=2e-4, atol=1e-12)


@pytest.mark.parametrize("density", [1.0, 0.3])
@pytest.mark.parametrize("scaling", ["unit", "standardise", "l2"])
def test_evaluation_agrees_with_numpy(splits, density, scaling) -> None:
    state, masks = lane(density)
    pixels = splits["test"].pixels
    statistics = {"channel_mean": np.full(1, 33.3), "channel_deviation": np.full(1, 78.6)}
    scales = scale(scaling, pixels[:, None, None], statistics)
    splits = {"test": Split(pixels, splits["test"].labels, *scales)}
    engine = SparseEngine(NETWORK, OPTIMISERS["adam"], splits, [state], [masks])
    loss, accuracy = engine.evaluate("test")
    logits = forward(state.weights, splits["test"].images)[-1]
    labels = splits["test"].labels
    expected = -log_softmax(logits)[np.arange(len(labels)), labels].mean()
    np.testing.assert_allclose(loss, [expected], rtol=1e-6)
    assert accuracy == [(logits.argmax(axis=1) == labels).mean()]


def test_the_first_of_tied_classes_is_the_answer(splits) -> None:
    state, masks = lane(1.0)
    zeros = State({name: np.zeros_like(w) for name, w in state.weights.items()}, {}, 0)
    engine = SparseEngine(NETWORK, OPTIMISERS["sgd"], splits, [zeros], [masks])
    loss, accuracy = engine.evaluate("test")
    assert accuracy == [(splits["test"].labels == 0).mean()]
    np.testing.assert_allclose(loss, [np.log(CLASSES)], rtol=1e-6)


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_units_without_inputs_and_nearly_empty_layers(splits, optimiser) -> None:
    state, masks = lane(1.0)
    masks["fc1.weight"][3] = False
    masks["fc1.weight"][:, 5] = False
    masks["fc2.weight"][:] = False
    masks["fc2.weight"][2, 3] = masks["fc2.weight"][17, 29] = True
    masks["output.weight"][:, 4] = False
    for name, mask in masks.items():
        state.weights[name] *= mask
    rows = batches(10, 60)
    engine = SparseEngine(NETWORK, optimiser, splits, [state], [masks])
    engine.train(Batches(rows))
    expected = reference(state, masks, optimiser, splits["train"], rows[0])
    for name, weight in engine.states()[0].weights.items():
        np.testing.assert_allclose(weight, expected[name], rtol=0, atol=1e-4)
        if name in masks:
            assert not weight[~masks[name]].any()


def test_a_layer_may_be_empty(splits) -> None:
    state, masks = lane(0.0)
    engine = SparseEngine(NETWORK, OPTIMISERS["adam"], splits, [state], [masks])
    engine.train(Batches(batches(3, 60)))
    assert np.isfinite(engine.evaluate("test")[0]).all()


@pytest.mark.parametrize("hidden", [[], [20], [40, 30, 20]])
def test_any_number_of_layers(splits, hidden) -> None:
    layers = [{"type": "dense", "units": units} for units in hidden]
    network = {**NETWORK, "layers": layers}
    state, masks = lane(0.6, network=network)
    rows = batches(5, 60)
    engine = SparseEngine(network, OPTIMISERS["sgd"], splits, [state], [masks])
    engine.train(Batches(rows))
    expected = reference(state, masks, OPTIMISERS["sgd"], splits["train"], rows[0])
    for name, weight in engine.states()[0].weights.items():
        np.testing.assert_allclose(weight, expected[name], rtol=0, atol=1e-5)


@pytest.mark.parametrize("density", [1.0, 0.65, 0.4, 0.1])
def test_layers_wider_than_a_panel(density) -> None:
    network = {"input": [300], "layers": [{"type": "dense", "units": 141}], "classes": CLASSES}
    rng = np.random.default_rng(4)
    pixels = rng.integers(0, 256, (EXAMPLES, 300), np.uint8)
    examples = Split(pixels, rng.integers(0, CLASSES, EXAMPLES).astype(np.uint8), *unit(300))
    state, masks = lane(density, network=network)
    rows = batches(10, 60)
    engine = SparseEngine(network, OPTIMISERS["momentum"], {"train": examples}, [state], [masks])
    engine.train(Batches(rows))
    expected = reference(state, masks, OPTIMISERS["momentum"], examples, rows[0])
    for name, weight in engine.states()[0].weights.items():
        np.testing.assert_allclose(weight, expected[name], rtol=0, atol=2e-5)


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
@pytest.mark.parametrize("density", [1.0, 0.2])
def test_pruned_weights_and_moments_stay_zero(splits, optimiser, density) -> None:
    state, masks = lane(density)
    engine = SparseEngine(NETWORK, optimiser, splits, [state], [masks])
    engine.train(Batches(batches(30, 60)))
    result = engine.states()[0]
    for name, mask in masks.items():
        assert np.count_nonzero(result.weights[name]) > 0.5 * mask.sum()
        for key, values in {**result.weights, **result.moments}.items():
            if key.startswith(name):
                assert not values[~mask].any()


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_repetition_and_continuation_give_the_same_bits(splits, optimiser) -> None:
    rows = batches(60, 60)
    state, masks = lane(0.6)
    ends = []
    for blocks in ([60], [60], [1, 37, 22]):
        now, done = state, 0
        for length in blocks:
            engine = SparseEngine(NETWORK, optimiser, splits, [now], [masks])
            engine.train(Batches(rows[:, done : done + length]))
            engine.evaluate("test")
            now, done = engine.states()[0], done + length
        ends.append(now)
    for end in ends[1:]:
        assert end.step == 60
        assert same_bits(ends[0].weights, end.weights)
        assert same_bits(ends[0].moments, end.moments)


def test_lanes_do_not_touch_each_other(splits) -> None:
    lanes = [lane(density, seed) for seed, density in enumerate([1.0, 0.4, 0.1])]
    rows = batches(25, 60, lanes=3)
    states, masks = [state for state, _ in lanes], [mask for _, mask in lanes]
    together = SparseEngine(NETWORK, OPTIMISERS["adam"], splits, states, masks)
    together.train(Batches(rows))
    losses, accuracies = together.evaluate("test")
    for i in range(3):
        alone = SparseEngine(NETWORK, OPTIMISERS["adam"], splits, [states[i]], [masks[i]])
        alone.train(Batches(rows[i : i + 1]))
        assert same_bits(alone.states()[0].weights, together.states()[i].weights)
        loss, accuracy = alone.evaluate("test")
        assert (loss[0], accuracy[0]) == (losses[i], accuracies[i])


def test_earlier_weights_can_be_evaluated(splits) -> None:
    state, masks = lane(0.6)
    rows = batches(20, 60)
    engine = SparseEngine(NETWORK, OPTIMISERS["adam"], splits, [state], [masks])
    engine.train(Batches(rows[:, :10]))
    at_ten = engine.evaluate("test")
    kept = engine.states()[0].weights
    engine.train(Batches(rows[:, 10:]))
    at_twenty = engine.evaluate("test")
    assert engine.evaluate_weights([kept], "test") == at_ten
    assert engine.evaluate("test") == at_twenty != at_ten


@pytest.mark.parametrize("density", [1.0, 0.3])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_lost_run_shows_as_nan_and_keeps_pruned_weights_zero(splits, density, value) -> None:
    state, masks = lane(density)
    place = tuple(np.argwhere(masks["fc1.weight"])[0])
    state.weights["fc1.weight"][place] = value
    engine = SparseEngine(NETWORK, OPTIMISERS["adam"], splits, [state], [masks])
    engine.train(Batches(batches(5, 60)))
    loss, _ = engine.evaluate("test")
    assert np.isnan(loss[0])
    assert not engine.states()[0].weights["fc1.weight"][~masks["fc1.weight"]].any()


@pytest.mark.parametrize(
    "target",
    [["-mcpu=x86_64_v3"], ["-mcpu=x86_64_v4"], ["-target", "aarch64-linux-gnu"]],
    ids=["AVX2", "AVX-512", "NEON"],
)
def test_the_kernel_compiles_for_other_processors(tmp_path, target) -> None:
    flags = [flag for flag in compiling.FLAGS if flag not in ("-march=native", "-shared")]
    command = [sys.executable, "-m", "ziglang", "cc", *flags, *target, "-O0", "-c"]
    done = subprocess.run(
        [*command, str(compiling.SOURCE), "-o", str(tmp_path / "kernel.o")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_inputs_outside_the_data_are_refused(splits) -> None:
    state, masks = lane(1.0)
    engine = SparseEngine(NETWORK, OPTIMISERS["sgd"], splits, [state], [masks])
    rows = batches(2, 60)
    rows[0, 1, 5] = EXAMPLES
    with pytest.raises(ValueError, match="200 training examples"):
        engine.train(Batches(rows))
    bad = replace(splits["test"], labels=np.full(150, CLASSES, np.uint8))
    with pytest.raises(ValueError, match="split test: label"):
        SparseEngine(NETWORK, OPTIMISERS["sgd"], {"test": bad}, [state], [masks])


@pytest.fixture
def uncompiled(monkeypatch) -> Iterator[list[Path]]:
    """No kernel is loaded; compiling is a copy of the compiled one; yields what was asked for."""
    library = compiling.load_kernel()._name
    targets: list[Path] = []

    def compile_to(target: Path) -> None:
        shutil.copyfile(library, target)
        targets.append(target)

    monkeypatch.setattr(compiling, "_compile", compile_to)
    compiling.load_kernel.cache_clear()
    yield targets
    compiling.load_kernel.cache_clear()


def test_the_kernel_is_compiled_once_for_all_processes(tmp_path, monkeypatch, uncompiled) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = compiling.load_kernel()
    assert [str(file) for file in (tmp_path / "lth_core").glob("*.so")] == [first._name]
    compiling.load_kernel.cache_clear()
    assert compiling.load_kernel()._name == first._name
    assert len(uncompiled) == 1


@pytest.mark.parametrize("damage", [b"", b"\x7fELF cut off", None])
def test_a_damaged_kernel_is_compiled_again(tmp_path, monkeypatch, uncompiled, damage) -> None:
    """Cut off by a full disk, say, or gone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cached = Path(compiling.load_kernel()._name)
    whole = cached.read_bytes()
    cached.unlink()  # this process goes on using it
    if damage is not None:
        cached.write_bytes(damage)
    compiling.load_kernel.cache_clear()
    assert compiling.load_kernel().train
    assert cached.read_bytes() == whole and len(uncompiled) == 2


def test_another_source_or_processor_is_another_kernel(tmp_path, monkeypatch, uncompiled) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    names = {compiling.load_kernel()._name}
    monkeypatch.setattr(compiling, "_processor", lambda: ["model name : another"])
    compiling.load_kernel.cache_clear()
    names.add(compiling.load_kernel()._name)
    source = tmp_path / "other.c"
    source.write_text(compiling.SOURCE.read_text() + "// changed\n")
    monkeypatch.setattr(compiling, "SOURCE", source)
    compiling.load_kernel.cache_clear()
    names.add(compiling.load_kernel()._name)
    assert len(names) == len(uncompiled) == 3


def test_a_cache_folder_is_not_needed(tmp_path, monkeypatch, uncompiled) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert compiling.load_kernel().train
    assert len(uncompiled) == 1


def test_a_home_is_not_needed(monkeypatch, uncompiled) -> None:
    """In a container, a user without a name has none."""

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert compiling.load_kernel().train


def test_a_missing_compiler_is_named(monkeypatch, uncompiled) -> None:
    def missing(name: str) -> str:
        raise compiling.PackageNotFoundError(name)

    monkeypatch.setattr(compiling, "version", missing)
    with pytest.raises(compiling.CompilerMissing, match="ziglang"):
        compiling.load_kernel()


def test_a_failing_compiler_is_quoted(tmp_path, monkeypatch) -> None:
    source = tmp_path / "broken.c"
    source.write_text("int main(")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(compiling, "SOURCE", source)
    compiling.load_kernel.cache_clear()
    with pytest.raises(compiling.CompilerMissing, match="broken.c"):
        compiling.load_kernel()
    assert not list((tmp_path / "lth_core").iterdir())
    compiling.load_kernel.cache_clear()
