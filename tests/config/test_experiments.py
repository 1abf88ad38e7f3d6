"""Experiments as they are written, and those of the paper."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from lth_core.config.experiment import Experiment
from lth_core.config.experiment_files import Raw, merge, read_raw, resolve
from lth_core.config.load import load
from tests.projects import project_at

CONFIG = Path(__file__).parents[2] / "config"
PAPER = project_at("paper")
CONV_NETS = ("conv2", "conv4", "conv6")
DENSE_RATES = {"fc": 0.2, "output": 0.1, "shortcut": 0.0}


def raw(**experiments: dict) -> dict[str, Raw]:
    return {name: Raw(Path("x.yaml"), name, entry, None) for name, entry in experiments.items()}


def test_blocks_are_merged_key_by_key_but_arms_whole() -> None:
    base = {"training": {"a": 1, "b": 2}, "arm": {"mask": 1, "weights": 2}, "trials": 5}
    merged = merge(base, {"training": {"b": 3}, "arm": {"mask": 4}})
    assert merged == {"training": {"a": 1, "b": 3}, "arm": {"mask": 4}, "trials": 5}


def test_another_optimiser_leaves_behind_what_it_does_not_use() -> None:
    base = {"training": {"optimizer": "momentum", "momentum": 0.8, "nesterov": True, "warmup": 5}}
    assert merge(base, {"training": {"optimizer": "sgd"}}) == {
        "training": {"optimizer": "sgd", "warmup": 5}
    }
    same = merge(base, {"training": {"optimizer": "momentum", "warmup": 6}})
    assert same == {"training": {**base["training"], "warmup": 6}}
    adam = {"training": {"optimizer": "adam", "beta1": 0.8}}
    assert merge(adam, {"training": {"optimizer": "adamw"}})["training"]["beta1"] == 0.8
    # What is wrong is told by the check, in the words of whoever wrote it.
    wrong = merge(base, {"training": {"optimizer": ["sgd"]}})
    assert wrong["training"]["momentum"] == 0.8


def test_extends_goes_through_generations() -> None:
    entries = raw(a={"x": 1, "y": 1}, b={"extends": "a", "y": 2}, c={"extends": "b", "z": 3})
    assert resolve("c", entries) == {"x": 1, "y": 2, "z": 3}


def test_a_sweep_becomes_one_experiment_a_point() -> None:
    point = PAPER.experiments["lenet_sgdlr_0.1"]
    assert (point.training.optimizer, point.training.learning_rate) == ("sgd", 0.1)
    assert point.trials == 3 and point.training.iterations == 50_000
    assert "lenet_sgdlr" not in PAPER.experiments


@pytest.mark.parametrize(
    ("written", "rounds"), [(28, range(29)), ("4", range(5)), ("1-3", range(1, 4))]
)
def test_rounds_as_written(config: Path, edit, written: object, rounds: range) -> None:
    arm = "ratios: smart}, weights: {source: original}}\n  rounds: "
    edit("experiments/peers_before_training.yaml", f"{arm}1-28", f"{arm}{written}")
    experiment = load(config, {"scale": "paper"}).experiments["lenet_smart"]
    assert experiment.round_range == rounds


def differences(one: Experiment, other: Experiment) -> set[str]:
    """Return the settings in which two experiments differ, as `training.learning_rate`."""
    ours, theirs = one.model_dump(), other.model_dump()
    found = set()
    for key, value in ours.items():
        blocks = value if isinstance(value, dict) and key in ("training", "pruning") else None
        if blocks is None:
            found |= {key} if value != theirs[key] else set()
        else:
            found |= {f"{key}.{k}" for k, v in blocks.items() if v != theirs[key][k]}
    return found - {"description"}


# Their controls differ in more than one thing, as docs/peers.md says.
PEERS = {
    name
    for name, entry in read_raw(CONFIG / "experiments").items()
    if entry.file.name.startswith("peers_")
}
CONTROLS = sorted(
    name
    for name, experiment in PAPER.experiments.items()
    if experiment.arm.mask.taken_from is not None and name not in PEERS
)


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_differs_from_its_tickets_in_its_weights_only(name: str) -> None:
    control = PAPER.experiments[name]
    tickets = PAPER.experiments[control.arm.mask.taken_from]
    assert differences(control, tickets) <= {"arm", "rounds", "replicates"}
    assert control.round_range == range(1, tickets.round_range[-1] + 1)


@pytest.mark.parametrize(
    "name", [n for n in PAPER.experiments if n.endswith("_random") and n not in PEERS]
)
def test_random_networks_differ_from_the_tickets_in_their_masks_only(name: str) -> None:
    random = PAPER.experiments[name]
    base = name.removesuffix("_random")
    tickets = PAPER.experiments[base if base in PAPER.experiments else f"{base}_imp"]
    assert differences(random, tickets) <= {"arm", "rounds", "trials"}
    assert random.round_range == range(1, tickets.round_range[-1] + 1)


def test_one_setting_changes_in_a_sweep() -> None:
    """Rounds go with it, the rate of the output layer, and a control's tickets."""
    sweeps = defaultdict(list)
    for name, entry in read_raw(CONFIG / "experiments").items():
        if entry.sweep is not None:
            sweeps[entry.sweep].append(PAPER.experiments[name])
    for name, points in sweeps.items():
        changed = set.union(*(differences(points[0], point) for point in points[1:]))
        changed -= {"rounds", "pruning.output"}
        if len(changed) > 1:
            changed -= {"arm"}
        assert len(changed) == 1, name


# Settings that are part of an experiment's name.
NAMED = {
    r"(adamlr|sgdlr|momlr|dropoutlr|lrsweep)_([\d.e-]+)": "learning_rate",
    r"(resnet18|vgg19)_lr([\d.]+)": "learning_rate",
    r"(warmup)_(\d+)$": "warmup",
}


@pytest.mark.parametrize(("pattern", "key"), NAMED.items())
def test_names_state_the_training(pattern: str, key: str) -> None:
    named = {n: match for n in PAPER.experiments if (match := re.search(pattern, n))}
    assert len(named) > 10
    for name, match in named.items():
        training = PAPER.experiments[name].training
        assert getattr(training, key) == float(match[2]), name
        optimizer = {"sgdlr": "sgd", "momlr": "momentum", "resnet18": "momentum"}.get(match[1])
        assert optimizer in (None, training.optimizer), name


def test_names_of_section_4_state_the_warmup() -> None:
    for name, experiment in PAPER.experiments.items():
        if re.match(r"(resnet18|vgg19)_lr\d", name):
            match = re.search(r"_w(\d+)k", name)
            assert experiment.training.warmup == (1000 * int(match[1]) if match else 0), name


def test_names_state_the_pruning_rates() -> None:
    for name, experiment in PAPER.experiments.items():
        pruning = experiment.pruning
        if match := re.search(r"_convrate_([\d.]+)", name):
            assert pruning.rates == {"conv": float(match[1]), **DENSE_RATES}
        elif match := re.search(r"_rate_([\d.]+)", name):
            assert (pruning.fc, pruning.output) == (float(match[1]), float(match[1]) / 2)
        elif name.startswith(("resnet18", "vgg19")):
            assert pruning.scope == ("layer" if "_lw" in name else "global")
            assert pruning.rates == {"conv": 0.2, "fc": 0.0, "output": 0.0, "shortcut": 0.0}
        elif name.endswith("_convonly"):
            assert (pruning.conv > 0, pruning.fc, pruning.output) == (True, 0, 0)
        elif name.endswith("_fconly"):
            assert pruning.rates == {"conv": 0.0, **DENSE_RATES}


def test_convolutions_are_pruned_as_figure_2_says() -> None:
    rates = {net: PAPER.experiments[f"{net}_imp"].pruning.conv for net in CONV_NETS}
    assert rates == {"conv2": 0.1, "conv4": 0.1, "conv6": 0.15}


@pytest.mark.parametrize("net", CONV_NETS)
def test_dropout_takes_three_times_as_long(net: str) -> None:
    """H.1: 60,000, 75,000 and 90,000 iterations."""
    plain, dropout = PAPER.experiments[f"{net}_imp"], PAPER.experiments[f"{net}_dropout"]
    assert dropout.training.iterations == 3 * plain.training.iterations
    without = [layer for layer in dropout.architecture.layers if layer.type != "dropout"]
    assert without == plain.architecture.layers
    assert dropout.architecture.layers != without


def test_the_rate_of_vgg19_drops_after_whole_epochs() -> None:
    """Section 4: 160 epochs, and a tenth of the rate after 80 and 120."""
    training = PAPER.experiments["vgg19_lr0.1"].training
    assert training.drop_last
    epoch = (50_000 - PAPER.datasets["cifar10"].validation) // training.batch_size
    assert [*training.drops, training.iterations] == [80 * epoch, 120 * epoch, 160 * epoch]


def test_the_transfer_that_the_docs_describe_is_valid(config: Path) -> None:
    page = (CONFIG.parent / "docs" / "peers.md").read_text(encoding="utf-8")
    [(file, text)] = re.findall(r"```yaml\n# config/(\S+)\n(.*?)```", page, re.DOTALL)
    (config / file).write_text(text, encoding="utf-8")
    experiments = load(config).experiments
    transferred = experiments["fashion_on_mnist"]
    assert transferred.arm.mask.taken_from == "fashion_imp"
    assert (experiments["fashion_imp"].dataset, transferred.dataset) == ("fashionmnist", "mnist")
