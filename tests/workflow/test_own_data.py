"""Data of a user's own through the pipeline, by config alone, as docs/data.md says."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from safetensors.numpy import load_file

from lth_core.config.errors import ConfigError
from lth_core.config.load import load
from lth_core.data.formats.idx import FILES

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

DOCUMENT = Path(__file__).parents[2] / "docs/data.md"
FILE = "config/datasets/mine.yaml"
EXPERIMENT = (
    "own_imp: {description: Mine., extends: net_imp, dataset: mine, rounds: 1, trials: 1}\n"
)
PREPARED = "results/data/mine.safetensors"
NAMES = ("weights.safetensors", "masks.safetensors", "metrics.parquet")


def folder(experiment: str) -> str:
    return f"results/tiny/runs/{experiment}/round_01/trial_0"


OWN, MNIST = folder("own_imp"), folder("net_imp")


def lth(project: "Project", *arguments: str, fails: bool = False) -> str:
    """Call `lth` in a project, and return what it printed."""
    inherited = {key: value for key, value in os.environ.items() if key != "LTH_DATA"}
    done = subprocess.run(
        [sys.executable, "-m", "lth_core.cli", *arguments],
        cwd=project.folder,
        env={**inherited, "PYTHONPATH": str(project.folder)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def mine(fresh: "Project", mnist_file: Path) -> "Project":
    """A project with MNIST as files of one's own, and the block of docs/data.md for them."""
    data = fresh.path("data/mine")
    data.mkdir(parents=True)
    arrays = load_file(mnist_file)
    for name, file in FILES.items():
        sizes = b"".join(size.to_bytes(4, "big") for size in arrays[name].shape)
        header = bytes([0, 0, 8, arrays[name].ndim]) + sizes
        (data / file).write_bytes(header + arrays[name].tobytes())
    [block] = re.findall(
        rf"^```yml\n# {FILE}\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.M | re.S
    )
    fresh.write(FILE, block)
    fresh.write("config/experiments/own.yaml", EXPERIMENT)
    return fresh


@pytest.mark.slow
@pytest.mark.long
def test_mnist_as_files_of_ones_own_trains_to_the_same_bytes(mine: "Project") -> None:
    assert f"{FILE}: pinned: this key is missing; `lth data mine --pin`" in mine.run(
        "-n", f"{OWN}/manifest.json", fails=True
    )
    said = "mine: 60,000 training and 10,000 test examples of 28 x 28 pixels, 1 channel, 10 classes"
    assert lth(mine, "data", "mine", "--pin") == f"{said}: pinned in {FILE}\n"
    mine.run(f"{OWN}/manifest.json", f"{MNIST}/manifest.json")
    for name in NAMES:
        own = mine.path(f"{OWN}/{name}").read_bytes()
        assert own == mine.path(f"{MNIST}/{name}").read_bytes()
    # All of it is as recorded; the project of this test is in no git repository.
    assert "Intact, with reservations" in lth(mine, "audit", f"{OWN}/manifest.json", fails=True)

    # Where the files lie counts for nothing.
    mine.path("data/mine").rename(mine.path("elsewhere"))
    mine.edit(FILE, "path: data/mine", "path: elsewhere")
    assert mine.stale(f"{OWN}/manifest.json") == set()
    mine.path(PREPARED).unlink()
    mine.run(PREPARED)
    assert mine.stale(f"{OWN}/manifest.json") == set()

    # What is in them does: others are refused, or pinned, and trained on anew.
    labels = mine.path("elsewhere/t10k-labels-idx1-ubyte")
    raw = labels.read_bytes()
    labels.write_bytes(raw[:8] + b"\x00" + raw[9:])
    mine.path(PREPARED).unlink()
    output = mine.run(PREPARED, fails=True)
    assert f"mine: {labels}: expected sha256 " in output
    assert f"{labels}: expected sha256 " in lth(mine, "data", "mine", fails=True)
    lth(mine, "data", "mine", "--pin")
    assert len(mine.stale(f"{OWN}/manifest.json")) == 3  # the data, rounds 0 and 1
    assert mine.stale(f"{MNIST}/manifest.json") == set()


def test_a_network_that_does_not_fit_is_refused(mine: "Project") -> None:
    lth(mine, "data", "mine", "--pin")
    mine.edit(FILE, "  classes: 10\n", "  classes: 12\n")
    with pytest.raises(ConfigError, match="classes: found 10, but mine has 12 classes"):
        load(mine.path("config"))
    mine.edit(FILE, "  images: [1, 28, 28]\n", "  images: [3, 28, 28]\n")
    with pytest.raises(
        ConfigError, match=r"input: \[784\] does not fit mine, whose .* \[3, 28, 28"
    ):
        load(mine.path("config"))


def test_a_variant_shares_the_data(mine: "Project") -> None:
    lth(mine, "data", "mine", "--pin")
    mine.write("config/datasets/mine_few.yaml", "validation: 5000\nscaling: unit\nshare: 0.1\n")
    mine.edit("config/experiments/own.yaml", "dataset: mine", "dataset: mine_few")
    stale = mine.stale(f"{OWN}/manifest.json")
    assert "Fetching and verifying mine" in stale and len(stale) == 3


def test_what_needs_no_look(mine: "Project") -> None:
    assert "mnist.yaml: source: this key is missing" in lth(mine, "data", "mnist", fails=True)
    assert "pinned: this key is missing" in lth(mine, "data", "mine", fails=True)
    assert "no data set is called 'none'" in lth(mine, "data", "none", fails=True)
