import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lth_core.config.load import load
from lth_core.data import sets
from lth_core.data.errors import DataError
from lth_core.errors import NotPlanned
from lth_core.jobs import dataset
from lth_core.jobs.kind import place_of
from lth_core.provenance import fingerprint as module
from lth_core.provenance.fingerprint import fingerprint, reached
from lth_core.runs.plan import Plan
from tests.projects import plan_at

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize(
    ("name", "shape", "sizes"),
    [("mnist", (1, 28, 28), (60000, 10000)), ("cifar10", (3, 32, 32), (50000, 10000))],
)
def test_what_is_known_without_the_data(
    name: str, shape: tuple[int, ...], sizes: tuple[int, ...]
) -> None:
    assert (sets.of(name).shape, sets.of(name).sizes, sets.of(name).classes) == (shape, sizes, 10)


def test_the_data_sets_are_those_of_the_folder() -> None:
    assert sets.names() == ["cifar10", "mnist"]
    with pytest.raises(DataError, match="no data set is called 'minst'; known: cifar10, mnist"):
        sets.of("minst")


def test_asking_for_a_data_set_needs_no_heavy_library() -> None:
    script = "import sys; from lth_core.data import sets; sets.of('cifar10'); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, encoding="utf-8"
    ).stdout.split()
    assert not {"torch", "PIL", "safetensors", "pydantic"} & set(loaded)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the library that fingerprints are taken of."""
    folder = shutil.copytree(module.ROOT / "lth_core", tmp_path / "lth_core")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    forget()
    yield folder
    forget()


def forget() -> None:
    for function in (fingerprint, module._tree, module._imports, module.module_digest):
        function.cache_clear()


def code_of(job: dict[str, Any]) -> str:
    return fingerprint("lth_core.jobs.dataset", *dataset.modules(job))


def test_a_third_data_set_is_a_file_and_makes_nothing_stale(copy: Path) -> None:
    def present() -> list[str]:
        forget()
        return [code_of({"dataset": "mnist"}), fingerprint("lth_core.jobs.train")]

    before = present()
    text = (copy / "data/sets/mnist.py").read_text(encoding="utf-8")
    third = text.replace('torchvision="MNIST"', 'torchvision="KMNIST"')
    (copy / "data/sets/kuzushiji.py").write_text(third, encoding="utf-8")
    (copy / "data/formats/new.py").write_text("X = 1\n", encoding="utf-8")
    assert present() == before
    script = "from lth_core.data import sets; s = sets.of('kuzushiji'); print(s.torchvision)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        encoding="utf-8",
        cwd=copy.parent,
        env={"PYTHONPATH": str(copy.parent)},
    )
    assert done.stdout == "KMNIST\n"


def test_only_data_of_ones_own_depend_on_how_they_are_read(copy: Path) -> None:
    """The arrays of the others are checked."""
    jobs = [{"dataset": "mnist"}, *({"source": {"type": name}} for name in ("idx", "npz"))]
    before = [code_of(job) for job in jobs]
    (copy / "data/formats/idx.py").open("a", encoding="utf-8").write("\nNEW = 1\n")
    forget()
    assert [old == code_of(job) for old, job in zip(before, jobs, strict=True)] == [
        True,
        False,
        True,
    ]


def test_training_depends_on_no_data_set() -> None:
    found = [name for name in reached("lth_core.jobs.train") if name.startswith("lth_core.data.")]
    assert found == [f"lth_core.data.{name}" for name in ("load", "scaling", "split", "variants")]


def test_a_job_is_planned_for_each_data_set_and_no_other() -> None:
    plan = plan_at("quick")
    assert place_of("results/data/mnist.manifest.json") == ("dataset", {"dataset": "mnist"})
    assert dataset.job(plan, {"dataset": "mnist"}) == {"dataset": "mnist", "reads": {}}
    with pytest.raises(NotPlanned, match="no data set is called 'minst'; known: cifar10, mnist, c"):
        dataset.job(plan, {"dataset": "minst"})


def test_a_job_is_told_what_data_of_ones_own_are_and_not_where(tmp_path: Path) -> None:
    config = shutil.copytree(CONFIG, tmp_path / "config")
    told = dataset.job(Plan(load(config)), {"dataset": "fashionmnist"})
    assert told["source"]["type"] == "torchvision" and told["source"]["images"] == [1, 28, 28]
    path = config / "datasets/fashionmnist.yaml"
    text = path.read_text(encoding="utf-8")
    moved = text.replace("{type: torchvision, name: FashionMNIST}", "{type: idx, path: here}")
    path.write_text(moved, encoding="utf-8")
    here = dataset.job(Plan(load(config)), {"dataset": "fashionmnist"})
    assert here == told | {"source": told["source"] | {"type": "idx"}}
    path.write_text(moved.replace("path: here", "path: there"), encoding="utf-8")
    assert dataset.job(Plan(load(config)), {"dataset": "fashionmnist"}) == here
