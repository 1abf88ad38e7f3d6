"""`lth show`: each setting is told with the place that gives it."""

from pathlib import Path

import pytest

from lth_core.config.load import load
from lth_core.config.origin import Setting, settings


def shown(config: Path, name: str, scale: str = "paper") -> dict[str, Setting]:
    found = settings(config, load(config, {"scale": scale}), name)
    return {setting.key: setting for setting in found}


@pytest.fixture
def own(config: Path) -> Path:
    """The config with experiments that extend, override and replace."""
    text = """\
base:
  description: Everything is said.
  architecture: {input: [784], layers: [{type: dense, units: 5}], classes: 10}
  dataset: mnist
  training: {optimizer: adam, learning_rate: 0.1, beta1: 0.5, batch_size: 60, iterations: 1000,
    evaluate_every: 100}
  initialisation: {distribution: normal, std: 0.1, truncate: null}
  pruning: {fc: 0.2}
  arm: {mask: {source: imp}, weights: {source: original}}
  rounds: 2
  trials: 3
child:
  description: Little is said.
  extends: base
  architecture: lenet_300_100
  training: {optimizer: sgd}
  initialisation: {distribution: glorot_normal}
points:
  description: A sweep.
  extends: child
  sweep:
    "a": {training: {learning_rate: 0.2}}
"""
    (config / "experiments/own.yaml").write_text(text, encoding="utf-8")
    return config


def test_file_extends_default_and_scale(own: Path) -> None:
    file = own / "experiments/own.yaml"
    found = shown(own, "child")
    assert found["training.optimizer"] == ("training.optimizer", "sgd", str(file))
    rate = found["training.learning_rate"]
    assert (rate.value, rate.origin) == ("0.1", f"extends base in {file}")
    assert found["pruning.conv"].origin == "default"
    assert found["architecture.layers.1.units"][1:] == (
        "100", str(own / "architectures/lenet_300_100.yaml"),
    )  # fmt: skip
    assert found["architecture.layers.1.batch_norm"][1:] == ("false", "default")
    assert found["dataset.validation"].origin == str(own / "datasets/mnist.yaml")
    assert shown(own, "child", "smoke")["rounds"][1:] == ("0-1", "scale smoke, published: 0-2")


def test_what_is_replaced_whole_or_by_another_optimiser_is_not_inherited(own: Path) -> None:
    found = shown(own, "child")
    assert found["initialisation.truncate"][1:] == ("2.0", "default")
    assert found["initialisation.std"][1:] == ("null", "default")
    assert found["training.beta1"][1:] == ("0.9", "default")
    base = shown(own, "base")
    assert base["training.beta1"][1:] == ("0.5", str(own / "experiments/own.yaml"))
    assert base["architecture.layers.0.units"][1:] == ("5", str(own / "experiments/own.yaml"))


def test_a_point_of_a_sweep(own: Path) -> None:
    file = own / "experiments/own.yaml"
    found = shown(own, "points_a")
    assert found["training.learning_rate"][1:] == ("0.2", str(file))
    assert found["training.optimizer"].origin == f"extends child in {file}"


@pytest.mark.parametrize("name", ["lenet_imp", "lenet_oneshot_reinit"])
def test_no_setting_is_left_out(config: Path, name: str) -> None:
    project = load(config, {"scale": "smoke"})
    blocks = {setting.key.split(".")[0] for setting in settings(config, project, name)}
    assert blocks == {*project.experiments[name].model_dump()}
