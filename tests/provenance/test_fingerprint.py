"""What a fingerprint of code sees, and what it doesn't."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lth_core.provenance import fingerprint as module
from lth_core.provenance.fingerprint import fingerprint, reached
from lth_core.training.engines import ENGINES

JOB = "lth_core.training.job"
SPARSE, TORCH = (ENGINES[name][0] for name in ("sparse", "torch"))

# What every training job depends on, and what each engine adds. A module that appears here
# by accident would retrain everything whenever it is touched.
COMMON = [
    "arms.masks",
    "arms.weights",
    "data.load",
    "data.scaling",
    "data.split",
    "early_stop",
    "networks.shapes",
    "pruning",
    "pruning.count",
    "pruning.mask",
    "pruning.score",
    "streams",
    "training.batches",
    "training.checkpoint",
    "training.compile",
    "training.engines",
    "training.inputs",
    "training.job",
    "training.loop",
    "training.order",
    "training.record",
    "training.start",
    "training.state",
    "training.stopping",
]
ENGINE_MODULES = {
    SPARSE: ["training.sparse", "training.sparse_layout"],
    TORCH: [
        "networks.forward",
        "training.augment",
        "training.dense",
        "training.dense_lanes",
        "training.dropout",
        "training.measures",
        "training.process",
        "training.resident",
    ],
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
    for function in (fingerprint, module._tree, module._imports, module._module_digest):
        function.cache_clear()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    forget()


@pytest.mark.parametrize("engine", [SPARSE, TORCH])
def test_modules_that_training_depends_on(engine: str) -> None:
    expected = sorted(f"lth_core.{name}" for name in COMMON + ENGINE_MODULES[engine])
    assert reached(JOB, engine) == expected


def test_writing_and_describing_results_is_no_part() -> None:
    for start in (JOB, "lth_core.tables.build", "lth_core.figures.build", "lth_core.data.prepare"):
        assert not [name for name in reached(start) if name.startswith(module.WITHOUT_RESULT)]


def test_tables_depend_on_no_training() -> None:
    assert not [name for name in reached("lth_core.tables.build") if ".training" in name]


def test_words_and_format_change_nothing(copy: Path) -> None:
    before = fingerprint(JOB, SPARSE)
    loop = copy / "training/loop.py"
    edit(loop, '"""The training loop', '"""Another description of the loop')
    edit(loop, "from typing import Protocol\n", "from typing import Protocol  # why\n\n\n")
    # Docstrings of functions, classes and methods too.
    edit(loop, '"""Train all lanes', '"""Train every lane')
    edit(loop, '"""A job between', '"""The job between')
    loop.write_text(ast.unparse(ast.parse(loop.read_text())))
    forget()
    assert fingerprint(JOB, SPARSE) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("training/order.py", "start * self._batch_size", "start + self._batch_size"),
        ("pruning/count.py", "(1 - rate) ** rounds", "(1 - rate) ** (rounds + 1)"),
        ("streams.py", '"little"', '"big"'),
        ("training/record.py", 'SPLITS = ("validation", "test")', 'SPLITS = ("test",)'),
    ],
)
def test_an_edit_that_can_change_a_result_shows(copy: Path, file: str, old: str, new: str) -> None:
    before = fingerprint(JOB, SPARSE)
    edit(copy / file, old, new)
    assert fingerprint(JOB, SPARSE) != before


def test_an_edit_of_one_engine_leaves_the_other(copy: Path) -> None:
    before = fingerprint(JOB, SPARSE), fingerprint(JOB, TORCH)
    (copy / "training/dense.py").open("a").write("\nNEW = 1\n")
    forget()
    assert fingerprint(JOB, SPARSE) == before[0]
    assert fingerprint(JOB, TORCH) != before[1]


@pytest.mark.parametrize(
    "file", ["config/models.py", "figures/style.py", "tables/summary.py", "files.py", "cli.py"]
)
def test_edits_elsewhere_leave_training_alone(copy: Path, file: str) -> None:
    before = fingerprint(JOB, SPARSE)
    (copy / file).open("a").write("\nNEW = 1\n")
    forget()
    assert fingerprint(JOB, SPARSE) == before


def test_the_kernel_counts_but_not_its_comments(copy: Path) -> None:
    kernel = copy / "training/sparse_kernel.c"
    sparse, torch = fingerprint(JOB, SPARSE), fingerprint(JOB, TORCH)
    kernel.write_text("/* one */\n\n" + kernel.read_text() + "\n// two\n")
    forget()
    assert fingerprint(JOB, SPARSE) == sparse
    kernel.write_text(kernel.read_text() + "\nstatic int new_variable;\n")
    forget()
    assert fingerprint(JOB, SPARSE) != sparse
    assert fingerprint(JOB, TORCH) == torch


def test_moving_code_to_another_module_shows(copy: Path) -> None:
    before = fingerprint(JOB, SPARSE)
    (copy / "training/extra.py").write_text("X = 1\n")
    edit(
        copy / "training/loop.py",
        "import numpy as np\n",
        "import numpy as np\nimport lth_core.training.extra\n",
    )
    assert "lth_core.training.extra" in reached(JOB, SPARSE)
    assert fingerprint(JOB, SPARSE) != before
