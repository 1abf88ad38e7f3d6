"""The recipes of the README, config/, CONTRIBUTING and docs/claims.md, followed to the letter."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from lth_core.config.check_claims import checked_claims
from lth_core.config.documents import documents, write_documents
from lth_core.config.load import load
from lth_core.runs.plan import Plan

ROOT = Path(__file__).resolve().parents[2]


def blocks(document: str, language: str) -> list[str]:
    """Return the code blocks of a document in `language`."""
    text = (ROOT / document).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def follow_yaml(project: Any, document: str) -> list[str]:
    """Put each YAML block into the file that its first line names; return the files."""
    files = []
    for block in blocks(document, "yaml"):
        first, _, text = block.partition("\n")
        match = re.fullmatch(r"# (config/\S+\.yaml)", first)
        assert match, f"{document}: the first line of a block should name its file: {first}"
        assert not project.path(match[1]).exists()
        project.write(match[1], text)
        files.append(match[1])
    return files


def follow_python(project: Any, document: str) -> list[str]:
    """Put each Python block into the file that its first line names; return the files."""
    files = []
    for block in blocks(document, "python"):
        first, _, text = block.partition("\n")
        files.append(first.removeprefix("# "))
        project.write(files[-1], text)
    return files


@pytest.fixture(scope="module")
def followed(checkout: Callable[[str], Any]) -> Any:
    """A copy of the checkout in which the recipes of config/README.md have been followed."""
    project = checkout("recipes")
    files = follow_yaml(project, "config/README.md")
    assert [Path(file).parent.name for file in files] == [
        "architectures", "architectures", "experiments", "experiments", "experiments", "figures",
        "experiments", "architectures", "experiments", "figures",
    ]  # fmt: skip
    assert follow_yaml(project, "docs/claims.md") == ["config/peers/claims/small.yaml"]
    [line] = blocks("docs/claims.md", "csv")
    claims = project.path("config/peers/claims.csv")
    project.write("config/peers/claims.csv", claims.read_text() + line)
    return project


def test_yaml_alone_makes_the_jobs(followed: Any) -> None:
    project = load(followed.path("config"), {"scale": "paper"})
    plan = Plan(project)
    own = [job for job in plan.jobs.values() if job.experiment.startswith("small")]
    assert {job.experiment for job in own} == {
        "small_imp", "small_imp_reinit", "small_lr_0.0005", "small_lr_0.0024",
    }  # fmt: skip
    # Rounds x trials (x replicates); the point small_lr_0.0012 shares the runs of small_imp.
    assert sum(len(job.runs) for job in own) == 3 * 2 + 2 * 2 * 2 + 2 * (3 * 2)
    shared = next(plan.runs("small_lr_0.0012"))
    assert plan.owner(shared).experiment == "small_imp"
    assert project.figures["small_lenet"].experiments == ["small_imp", "small_imp_reinit"]


def test_a_claim_is_told_and_named_by_its_figure(followed: Any) -> None:
    config = followed.path("config")
    claim = checked_claims(config, load(config, {"scale": "paper"}))["peers"]["p100"]
    assert claim.figures == ("small_lenet",) and claim.experiments == ["small_imp"]


def test_a_method_for_the_comparison_trains_its_own_line_alone(followed: Any) -> None:
    plan = Plan(load(followed.path("config"), {"scale": "paper"}))
    runs = list(plan.runs("lenet_snip_100"))
    assert len(runs) == 28 * 5 and {plan.owner(run).experiment for run in runs} == {
        "lenet_snip_100"
    }
    assert plan.settings(runs[0])["mask"]["examples_per_class"] == 100


def test_a_network_of_ones_own_is_pytorchs(followed: Any) -> None:
    plan = Plan(load(followed.path("config"), {"scale": "paper"}))
    assert plan.engine("own") == "torch" and plan.refusal("own") is not None
    assert plan.settings(next(plan.runs("own")))["training"]["beta1"] == 0.9


def test_the_new_figure_is_built(followed: Any) -> None:
    """The real thing: MNIST, training, tables and the notebook, at the scale `smoke`."""
    followed.run("--config", "scale=smoke", "trials_per_job=2", "--", "small_lenet")
    manifest = json.loads(
        followed.path("results/smoke/figures/small_lenet.manifest.json").read_text()
    )
    assert manifest["settings"]["scale"]["name"] == "smoke"
    assert manifest["settings"]["spec"]["title"] == "A small Lenet"
    assert (
        followed.path("results/smoke/figures/small_lenet.png").read_bytes().startswith(b"\x89PNG")
    )
    lines = followed.path("results/smoke/figures/small_lenet.csv").read_text().splitlines()
    assert len(lines) == 1 + 2 + 1  # rounds 0-1 of the tickets, 1 of their reinitialisation
    runs = followed.path("results/smoke/runs")
    assert sorted(path.name for path in runs.iterdir()) == ["small_imp", "small_imp_reinit"]


@pytest.mark.slow
def test_every_option_at_once(
    followed: Any, linked: Callable[..., None], cifar10_file: Path
) -> None:
    """A network that the code has never seen: trained on CIFAR-10, pruned, rewound, drawn."""
    linked(followed, "cifar10", cifar10_file)
    followed.run("--config", "scale=smoke", "--", "small_residual")
    assert (
        followed.path("results/smoke/figures/small_residual.png")
        .read_bytes()
        .startswith(b"\x89PNG")
    )
    runs = followed.path("results/smoke/runs/options")
    dense = load_file(runs / "round_00/trial_0/weights.safetensors")
    manifest = json.loads((runs / "round_01/trial_0/manifest.json").read_text())
    lane = manifest["settings"]["lanes"][0]
    assert lane["parents"]["rewound"]["folder"] == "results/smoke/runs/options/round_00/trial_0"
    ends = {name for name in dense if not name.startswith("snapshot/")}
    assert {f"snapshot/{name}" for name in ends} == set(dense) - ends
    mask = load_file(runs / "round_01/trial_0/masks.safetensors")
    kept = {name.rsplit("/", 1)[1]: int(m.sum()) for name, m in mask.items()}
    assert kept["conv2.weight"] == round(8 * 8 * 9 * 0.85) and kept["fc1.weight"] == 64 * 30 * 0.8


# Follows a source through the plan, and to the weights that it gives.
SIGNS = """
from pathlib import Path
import numpy as np
from lth_core.config.load import load
from lth_core.config.documents import documents, write_documents
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import weight_layers
from lth_core.runs.plan import Plan
from lth_core.training.start import starting_point

plan = Plan(load(Path("config"), {"scale": "paper"}))
runs = list(plan.runs("lenet_sign"))
assert len(runs) == 28 * 5 and plan.job(runs[0]).experiment == "lenet_sign"
settings = {**plan.settings(runs[0]), "mask": {"source": "dense"}}
assert settings["weights"] == {"source": "sign"}
layers = weight_layers(settings["network"])
lane = {"trial": 0, "replicate": 0, "parents": {}}
_, weights = starting_point(settings, lane, layers, dict)
initial = initial_weights(layers, settings["initialisation"], 0, 0)["fc1.weight"]
found = weights["fc1.weight"]
assert np.array_equal(np.sign(found), np.sign(initial))
assert len(np.unique(np.abs(found))) == 1 and found.dtype == np.float32
changed = [path.name for path in write_documents(documents(Path("config")))]
assert changed == ["REFERENCE.md", "experiments.schema.json"], changed
"""


def test_the_experiment_of_the_readme(checkout: Callable[[str], Any]) -> None:
    project = checkout("readme")
    assert len(follow_yaml(project, "README.md")) == 2
    found = load(project.path("config"), {"scale": "smoke"})
    assert found.figures["rates"].experiments == ["rate_low", "rate_high"]
    rates = [found.experiments[name].training.learning_rate for name in ("rate_low", "rate_high")]
    assert rates == [0.0006, 0.0024]


def test_a_new_weight_source(checkout: Callable[[str], Any]) -> None:
    project = checkout("source")
    assert follow_python(project, "CONTRIBUTING.md") == ["lth_core/arms/weights/sign.py"]
    follow_yaml(project, "CONTRIBUTING.md")
    run = subprocess.run(
        [sys.executable, "-c", SIGNS],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(project.folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    ruff = [sys.executable, "-m", "ruff"]
    for check in (["check"], ["format", "--check", "--line-length", "100"]):
        subprocess.run([*ruff, *check, project.path("lth_core/arms/weights/sign.py")], check=True)


def test_the_recipes_leave_the_reference_up_to_date(followed: Any) -> None:
    """New pieces of config are no change of its models."""
    assert write_documents(documents(followed.path("config"))) == []
