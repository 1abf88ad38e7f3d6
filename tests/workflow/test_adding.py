"""What is added to the project, renamed or removed, makes nothing stale that is finished."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

FIGURES = ("fig91", "fig92")
EXPERIMENTS = "config/experiments/net.yaml"
MASK_SOURCE = '''\
"""The first weights."""

from typing import Literal

from lth_core.arms.source import MaskSettings


class Settings(MaskSettings):
    """The first weights."""

    source: Literal["first"]


def masks(settings, inputs):
    """Return masks of the first weights."""
    return {}
'''
WEIGHT_SOURCE = MASK_SOURCE.replace("Mask", "Weight").replace("masks", "weights")
CLAIM = """\
c901:
  statement: Pruned it is better
  checks:
    - statistic: {estimator: difference, experiment: net_imp, y: end_test_accuracy, size: 64.2,
        minus: {size: 100}}
      accept: {above: 0}
"""
CLAIM_ROW = "c901,2,net_imp,Pruned it is better,difference,better,,direction only,{figure},text\n"


def add_sources(project: "Project") -> None:
    project.write("lth_core/arms/masks/first.py", MASK_SOURCE)
    project.write("lth_core/arms/weights/first.py", WEIGHT_SOURCE)


def add_engine(project: "Project") -> None:
    engine = ("lth_core/training/sparse/engine.py", "lth_core/training/dense.py")
    project.write(engine[1], project.path(engine[0]).read_text())
    entry = '    "dense": ("lth_core.training.dense", "SparseEngine"),\n'
    project.edit("lth_core/training/registry.py", "ENGINES = {\n", f"ENGINES = {{\n{entry}")
    project.edit("lth_core/config/config.py", '"sparse", "torch"]', '"sparse", "torch", "dense"]')


def add_data_set(project: "Project") -> None:
    mnist = project.path("lth_core/data/sets/mnist.py").read_text()
    project.write("lth_core/data/sets/letters.py", mnist)
    project.write("config/datasets/letters.yaml", "validation: 1000\nscaling: unit\n")


def add_figure_family(project: "Project") -> None:
    family = project.path("lth_core/config/xor_figures.py").read_text()
    project.write("lth_core/config/bar_figures.py", family.replace('"xor_table"', '"bars"'))
    module = "lth_core/config/figures.py"
    union = "from lth_core.config.xor_figures import XorTable\n"
    bars = "from lth_core.config.bar_figures import XorTable as Bars\n"
    project.edit(module, union, union + bars)
    project.edit(module, "| XorTable", "| XorTable | Bars")
    draw = project.path("lth_core/figures/xor_tables.py").read_text()
    project.write("lth_core/figures/bars.py", draw)
    notebook = project.path("notebooks/xor_table.ipynb").read_text()
    project.write("notebooks/bars.ipynb", notebook.replace("figures.xor_tables", "figures.bars"))


def add_keys(project: "Project") -> None:
    key = '    amsgrad: bool = Field(False, description="The greatest variance counts.")\n'
    before = "    drop_last: bool = Field(\n"
    project.edit("lth_core/config/training.py", before, key + before)
    before = "    replicates: int = Field(1,"
    key = '    note: str = Field("", description="What else there is to say.")\n'
    project.edit("lth_core/config/experiment.py", before, key + before)


def add_claim(project: "Project", figure: str = "fig03") -> None:
    project.write("config/paper/claims/more.yaml", CLAIM)
    project.append("config/paper/claims.csv", CLAIM_ROW.format(figure=figure))


def add_experiments_that_sort_first(project: "Project") -> None:
    """One extends net_imp, the other one stands alone; both are equal to it."""
    text = project.path(EXPERIMENTS).read_text()
    alone = text[text.index("net_imp:") : text.index("net_reinit:")]
    same = "aaa_same: {description: The same., extends: net_imp}\n\n"
    project.write("config/experiments/aaa.yaml", same + alone.replace("net_imp:", "aaa_alone:"))


ADDITIONS: list[Callable[["Project"], None]] = [
    *(add_sources, add_engine, add_data_set, add_figure_family, add_keys, add_claim),
    add_experiments_that_sort_first,
]


def test_what_is_added_makes_nothing_stale(project: "Project") -> None:
    for add in ADDITIONS:
        add(project)
    assert project.stale(*FIGURES) == set()


def test_a_figure_may_move_to_another_file(project: "Project") -> None:
    moved = project.path("config/figures/fig91.yaml")
    moved.rename(moved.with_name("mine.yaml"))
    assert project.stale(*FIGURES) == set()


def test_a_renamed_experiment_keeps_its_runs(project: "Project") -> None:
    for file in (EXPERIMENTS, "config/figures/fig91.yaml"):
        project.write(file, project.path(file).read_text().replace("net_imp", "net_ticket"))
    assert project.stale(*FIGURES) == {"Summing up net_ticket", "Drawing fig91"}


def test_runs_outlive_the_experiment_that_trained_them(project: "Project") -> None:
    """net_rate_same goes on with those of net_imp."""
    text = project.path(EXPERIMENTS).read_text()
    imp, rate = text.index("net_imp:"), text.index("net_rate:")
    shared = text[imp : text.index("  trials: 2")].partition("\n")[2].partition("\n")[2]
    alone = text[rate:].replace("  extends: net_imp\n", shared)
    project.write(EXPERIMENTS, alone)
    project.path("config/figures/fig91.yaml").unlink()
    assert project.stale("fig92") == set()


@pytest.mark.slow
@pytest.mark.long
def test_an_edited_claim_makes_the_figures_stale_that_show_it(project: "Project") -> None:
    for path in project.path("config/paper/claims").iterdir():
        path.unlink()
    header = project.path("config/paper/claims.csv").read_text().splitlines()[0]
    project.write("config/paper/claims.csv", f"{header}\n")
    add_claim(project, "fig91")
    assert project.stale(*FIGURES) == {"Drawing fig91"}
    project.run(*FIGURES)
    manifest = json.loads(project.path("results/tiny/figures/fig91.manifest.json").read_text())
    assert "c901" in json.dumps(manifest["settings"]["claims"])
    project.edit("config/paper/claims/more.yaml", "{above: 0}", "{above: 0.1}")
    assert project.stale(*FIGURES) == {"Drawing fig91"}
