"""Which masks are published, and how small they are."""

from pathlib import Path

import numpy as np
import pytest

from lth_core.errors import NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs import published_masks
from lth_core.jobs.kind import code_of, planned
from lth_core.jobs.run import run
from lth_core.networks.shapes import weight_layers
from lth_core.provenance import manifest
from lth_core.publish.masks import masks_there
from lth_core.runs.plan import Plan
from lth_core.training.checkpoint import save_lanes
from tests.projects import plan_at

PLACE = "results/published/paper"


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan at the paper's scale."""
    return plan_at("paper")


def test_masks_that_rest_on_training_are_packed(plan: Plan) -> None:
    found = planned(plan, f"{PLACE}/masks/lenet_imp/manifest.json")
    assert found is not None
    name, job = found
    assert name == "published_masks"
    assert len(job["runs"]) == 28 * 5, "all but the dense ones"
    assert job["reads"]["results/paper/runs/lenet_imp/round_12/trial_3/manifest.json"] == [
        "masks.safetensors"
    ]


def test_masks_that_are_found_while_training_are_packed(plan: Plan) -> None:
    found = planned(plan, f"{PLACE}/masks/lenet_gradual/manifest.json")
    assert found is not None
    assert len(found[1]["runs"]) == 28 * 5, "all but the dense ones"
    found = planned(plan, f"{PLACE}/masks/lenet_supermask/manifest.json")
    assert found is not None
    assert len(found[1]["runs"]) == 5


@pytest.mark.parametrize(
    "place",
    [
        f"{PLACE}/masks/lenet_imp_reinit",  # its tickets'
        f"{PLACE}/masks/lenet_random",  # drawn from the seed
        f"{PLACE}/masks/v1_xor_oneshot_product",
        f"{PLACE}/masks/lenet",
        "results/published/quick/masks/lenet_imp",
        "results/paper/masks/lenet_imp",
    ],
)
def test_no_others_are(plan: Plan, place: str) -> None:
    with pytest.raises(NotPlanned):
        planned(plan, f"{place}/manifest.json")


@pytest.mark.parametrize("experiment", ["conv2_imp", "vgg19_lr0.1"])
def test_those_too_large_for_git_are_left_out(plan: Plan, experiment: str) -> None:
    job, why = masks_there(plan, experiment, PLACE)
    assert job is None and "MB, and git is given 10 at most" in why


def test_of_a_control_there_is_nothing_to_say(plan: Plan) -> None:
    assert masks_there(plan, "lenet_imp_reinit", PLACE) == (None, "")


def test_all_of_lenets_take_less_than_5_mb(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three runs of 140 are packed, and unpacked to what they were."""
    job = published_masks.job(plan, {"results": PLACE, "experiment": "lenet_imp"})
    layers = weight_layers(plan.project.experiments["lenet_imp"].architecture.model_dump())
    job["runs"] = job["runs"][:3]
    folders = {run["folder"]: run for run in job["runs"]}
    job["reads"] = {path: files for path, files in job["reads"].items()
                    if path.removesuffix("/manifest.json") in folders}  # fmt: skip
    monkeypatch.chdir(tmp_path)
    random, masks = np.random.default_rng(0), {}
    for folder, one in folders.items():
        masks[folder] = {layer.weight: random.random(layer.shape) < 0.3 for layer in layers}
        lanes = [(one["trial"], 0), (99, 0)]
        other = {name: ~mask for name, mask in masks[folder].items()}
        save_lanes(Path(folder, "masks.safetensors"), lanes, [masks[folder], other])
        outputs = {"masks.safetensors": sha256_file(
            Path(folder, "masks.safetensors"))}  # fmt: skip
        content = manifest.build("train", {}, "0", {}, outputs)
        manifest.write(Path(folder, manifest.NAME), content)
    run("published_masks", job, code_of("published_masks", job), Path("copy"))
    packed = Path("copy/masks.safetensors")
    assert packed.stat().st_size / 3 * 145 < 5e6
    for folder, one in folders.items():
        found = published_masks.unpacked(packed, layers, one["round"], one["trial"], 0)
        for name, mask in masks[folder].items():
            assert found[name].dtype == bool and np.array_equal(found[name], mask)
    with pytest.raises(KeyError, match="round28/trial0"):
        published_masks.unpacked(packed, layers, 28, 0, 0)
