"""What a fingerprint of code sees, and what it doesn't."""

import ast
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lth_core.jobs.kind import code_of, kinds
from lth_core.provenance import fingerprint as module
from lth_core.provenance.fingerprint import fingerprint, reached
from lth_core.training.registry import ENGINES

TRAIN = "lth_core.jobs.train"
SPARSE, TORCH = (ENGINES[name][0] for name in ("sparse", "torch"))

# What every training job depends on, and what each engine and source adds. A module that appears
# here by accident would retrain everything whenever it is touched.
COMMON = [
    "arms",
    "arms.source",
    "data.load",
    "data.scaling",
    "data.split",
    "data.variants",
    "early_stop",
    "jobs.train",
    "networks.defaults",
    "networks.initial",
    "networks.shapes",
    "pruning.count",
    "streams",
    "training.batches",
    "training.checkpoint",
    "training.defaults",
    "training.engines",
    "training.loop",
    "training.order",
    "training.metrics",
    "training.record",
    "training.start",
    "training.state",
    "training.stopping",
]
PLUGINS = {
    SPARSE: [
        "training.dropout",
        *(f"training.sparse.{name}" for name in ("convolution", "engine", "images", "kernel")),
        *(f"training.sparse.{name}" for name in ("lane", "layout", "memory", "network", "planes")),
        "training.sparse.program",
    ],
    TORCH: [
        "networks.forward",
        "training.pytorch.augment",
        "training.dropout",
        "training.pytorch.engine",
        "training.pytorch.lanes",
        "training.pytorch.measures",
        "training.pytorch.packing",
        "training.pytorch.process",
        "training.pytorch.resident",
    ],
    "lth_core.arms.masks.imp": ["arms.masks.imp", "pruning", "pruning.mask", "pruning.score"],
    "lth_core.arms.masks.of": ["arms.masks.of"],
    "lth_core.arms.masks.snip": [
        *("arms.batch", "arms.masks.snip", "arms.probe", "networks.forward"),
        *("pruning", "pruning.mask", "pruning.score"),
    ],
    "lth_core.arms.masks.synflow": [
        *("arms.masks.synflow", "networks.flow", "networks.forward"),
        *("pruning", "pruning.mask", "pruning.score"),
    ],
    "lth_core.arms.weights.original": ["arms.weights.original"],
    "lth_core.arms.weights.rewind": ["arms.weights.rewind"],
}


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the library that fingerprints are taken of."""
    folder = shutil.copytree(module.ROOT / "lth_core", tmp_path / "lth_core")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    forget()
    yield folder
    forget()


def forget() -> None:
    of_files = (module.bytes_digest, module._tree, module._imports, module.module_digest)
    for function in (fingerprint, *of_files):
        function.cache_clear()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    forget()


@pytest.mark.parametrize("plugin", PLUGINS)
def test_modules_that_training_depends_on(plugin: str) -> None:
    expected = sorted(f"lth_core.{name}" for name in COMMON + PLUGINS[plugin])
    assert reached(TRAIN, plugin) == expected


@pytest.mark.parametrize("kind", kinds())
def test_writing_and_describing_results_is_no_part(kind: str) -> None:
    found = reached(f"lth_core.jobs.{kind}")
    assert not [name for name in found if name.startswith(module.WITHOUT_RESULT)]


@pytest.mark.parametrize("kind", ["summary", "distributions"])
def test_tables_depend_on_no_training(kind: str) -> None:
    assert not [name for name in reached(f"lth_core.jobs.{kind}") if ".training" in name]


@pytest.mark.parametrize("kind", sorted({*kinds()} - {"claims", "gallery"}))
def test_only_pages_depend_on_the_config(kind: str) -> None:
    """The others are told what they need of it, so that a new key makes nothing stale."""
    assert not [name for name in reached(f"lth_core.jobs.{kind}") if ".config" in name]


@pytest.mark.parametrize("path", sorted((module.ROOT / "notebooks").glob("*.ipynb")), ids=str)
def test_figures_depend_on_no_experiment(path: Path) -> None:
    found = reached(*module.notebook_modules(path))
    assert not {"lth_core.config.experiment", "lth_core.config.load"} & set(found)
    # Nor on what only refuses mistakes.
    assert not [name for name in found if name.startswith("lth_core.config.check")]


def test_words_and_format_change_nothing(copy: Path) -> None:
    before = fingerprint(TRAIN, SPARSE)
    loop = copy / "training/loop.py"
    edit(loop, '"""The training loop', '"""Another description of the loop')
    edit(loop, "from typing import Protocol\n", "from typing import Protocol  # why\n\n\n")
    # Docstrings of functions, classes and methods too.
    edit(loop, '"""Train all lanes', '"""Train every lane')
    edit(loop, '"""A job between', '"""The job between')
    loop.write_text(ast.unparse(ast.parse(loop.read_text())))
    forget()
    assert fingerprint(TRAIN, SPARSE) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        # What only type checkers see, and what plans: the plan itself is compared.
        ("jobs/train.py", "    from lth_core.runs.plan import", "    from lth_core.cli import"),
        ("jobs/train.py", "found = plan.job_at(place)", "found = plan.job_at(place, 1)"),
        ("jobs/train.py", "return engine, module", "return module"),
        # How settings are explained.
        ("arms/masks/imp.py", '"Experiment whose round before', '"That whose round before'),
    ],
)
def test_an_edit_that_can_change_no_result_shows_nothing(
    copy: Path, file: str, old: str, new: str
) -> None:
    before = fingerprint(TRAIN, "lth_core.arms.masks.imp")
    edit(copy / file, old, new)
    assert fingerprint(TRAIN, "lth_core.arms.masks.imp") == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("training/order.py", "start * self._batch_size", "start + self._batch_size"),
        ("pruning/count.py", "(1 - rate) ** rounds", "(1 - rate) ** (rounds + 1)"),
        ("streams.py", '"little"', '"big"'),
        ("jobs/train.py", "resume.remove()", "pass"),
        ("training/defaults.py", '"beta1": 0.9', '"beta1": 0.8'),
        ("training/record.py", 'SPLITS = ("validation", "test")', 'SPLITS = ("test",)'),
    ],
)
def test_an_edit_that_can_change_a_result_shows(copy: Path, file: str, old: str, new: str) -> None:
    before = fingerprint(TRAIN, SPARSE)
    edit(copy / file, old, new)
    assert fingerprint(TRAIN, SPARSE) != before


def test_an_edit_of_one_engine_leaves_the_other(copy: Path) -> None:
    before = fingerprint(TRAIN, SPARSE), fingerprint(TRAIN, TORCH)
    (copy / "training/pytorch/lanes.py").open("a").write("\nNEW = 1\n")
    forget()
    assert fingerprint(TRAIN, SPARSE) == before[0]
    assert fingerprint(TRAIN, TORCH) != before[1]


@pytest.mark.parametrize(
    "file", ["config/experiment.py", "figures/style.py", "tables/summary.py", "files.py", "cli.py"]
)
def test_edits_elsewhere_leave_training_alone(copy: Path, file: str) -> None:
    before = fingerprint(TRAIN, SPARSE)
    (copy / file).open("a").write("\nNEW = 1\n")
    forget()
    assert fingerprint(TRAIN, SPARSE) == before


def test_the_kernel_counts_but_not_its_comments(copy: Path) -> None:
    kernel = copy / "training/sparse/kernel.c"
    sparse, torch = fingerprint(TRAIN, SPARSE), fingerprint(TRAIN, TORCH)
    kernel.write_text("/* one */\n\n" + kernel.read_text() + "\n// two\n")
    forget()
    assert fingerprint(TRAIN, SPARSE) == sparse
    kernel.write_text(kernel.read_text() + "\nstatic int new_variable;\n")
    forget()
    assert fingerprint(TRAIN, SPARSE) != sparse
    assert fingerprint(TRAIN, TORCH) == torch


def test_moving_code_to_another_module_shows(copy: Path) -> None:
    before = fingerprint(TRAIN, SPARSE)
    (copy / "training/extra.py").write_text("X = 1\n")
    edit(
        copy / "training/loop.py",
        "import numpy as np\n",
        "import numpy as np\nimport lth_core.training.extra\n",
    )
    assert "lth_core.training.extra" in reached(TRAIN, SPARSE)
    assert fingerprint(TRAIN, SPARSE) != before


def test_a_new_engine_or_source_leaves_the_others(copy: Path) -> None:
    parts = (SPARSE, "lth_core.arms.masks.imp", "lth_core.arms.weights.original")
    before = fingerprint(TRAIN, *parts)
    edit(copy / "training/registry.py", "ENGINES = {", 'ENGINES = {\n    "new": ("new", "New"),')
    for factor in ("masks", "weights"):
        (copy / "arms" / factor / "new.py").write_text("NEW = 1\n")
    forget()
    assert fingerprint(TRAIN, *parts) == before


def pythons() -> list[str]:
    """Return the interpreters that are here, of the versions that the project supports."""
    found = []
    for version in ("3.11", "3.12", "3.13", "3.14"):
        homes = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        usable = [str(path) for path in homes] or [shutil.which(f"python{version}")]
        found += [path for path in usable[:1] if path]
    return found


# The standard library is all that the module needs.
ALONE = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("fingerprint", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
names = json.loads(sys.argv[2])
print(json.dumps({name: module.fingerprint(name) for name in names}))
"""


@pytest.mark.parametrize("python", pythons())
def test_every_version_of_python_finds_the_same(python: str, copy: Path) -> None:
    names = [f"lth_core.jobs.{kind}" for kind in kinds()] + list(PLUGINS)
    # Syntax whose trees differ between versions.
    text = 'def generic(x, y=f"{1}{2}{{}}"):\n    return f"a{x}b" + f"{x!r:>{y}}" "c"\n\n\n'
    text += "class Empty:\n    pass\n"
    (copy / "streams.py").write_text(text)
    forget()
    call = [python, "-c", ALONE, str(copy / "provenance/fingerprint.py"), json.dumps(names)]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {name: fingerprint(name) for name in names}


@pytest.mark.parametrize(
    "name", ["training/order.py", "training/sparse/layer.h", "training/new.py"]
)
def test_any_other_byte_of_the_code_shows(copy: Path, name: str) -> None:
    before = module.bytes_digest()
    with (copy / name).open("a") as file:
        file.write(" ")
    forget()
    assert module.bytes_digest() != before


def test_an_editors_lock_file_is_no_code(copy: Path) -> None:
    before = module.bytes_digest()
    (copy / ".#errors.py").symlink_to("somebody@somewhere.4711")  # leads nowhere
    forget()
    assert module.bytes_digest() == before


def test_a_module_whose_name_begins_like_one_without_result_counts(copy: Path) -> None:
    assert reached("lth_core.jobs.run") == []
    (copy / "jobs" / "runtime.py").write_text("print(1)\n")
    assert reached("lth_core.jobs.runtime") == ["lth_core.jobs.runtime"]


def test_how_data_were_fetched_is_no_part_of_what_runs_depend_on(copy: Path) -> None:
    """Their arrays are checked by a digest, so only the layout of the prepared file counts."""
    job = {"dataset": "mnist", "reads": {}}
    before = code_of("dataset", job)
    for name in ("data/sources.py", "data/prepare.py", "data/sets/mnist.py", "jobs/dataset.py"):
        edit(copy / name, '"""\n\n', '"""\n\nprint(1)\n')
        assert code_of("dataset", job) == before, name
    edit(copy / "data" / "layout.py", '"""\n\n', '"""\n\nprint(1)\n')
    assert code_of("dataset", job) != before
