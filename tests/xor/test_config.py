"""config/xor.yaml: what is planned, and that mistakes in it are refused by file and key."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lth_core.config.errors import ConfigError
from lth_core.config.figure_at_scale import note_of
from lth_core.config.load import load
from lth_core.runs.plan import Plan
from tests.projects import project_at

CONFIG = Path(__file__).parents[2] / "config"
ITER = "{score: input, units: [8, 6, 4, 2], iterative: true}"

CASES = {
    "unknown key": (
        "xor.yaml", "tie_margin:", "tie_margn:",
        ["xor.yaml: tie_margn: this key is unknown", "did you mean 'tie_margin'?"],
    ),
    "unknown score": (
        "xor.yaml", "score: input", "score: inputs",
        ["xor.yaml: experiments.v1_xor_iter_input.pruning.score: found 'inputs'; did you mean"],
    ),
    "units that rise": (
        "xor.yaml", ITER, ITER.replace("[8, 6, 4, 2]", "[8, 6, 7]"),
        ["experiments.v1_xor_iter_input.pruning: units: found [8, 6, 7], should fall"],
    ),
    "more units than there are": (
        "xor.yaml", ITER, ITER.replace("[8,", "[12,"),
        ["v1_xor_iter_input: pruning.units: found [12, 6, 4, 2], should be less than the 10"],
    ),
    "unknown architecture": (
        "xor.yaml", "xor_8}", "xor_7}",
        ["xor.yaml: experiments.v1_xor_dense_8.architecture: no architecture is called 'xor_7'"],
    ),
    "architecture for images": (
        "xor.yaml", "xor_8}", "lenet_300_100}",
        ["xor.yaml: experiments.v1_xor_dense_8: architecture: found input [784], 2 layers and 10"],
    ),
    "no trials": (
        "xor.yaml", "trials: 1000", "trials: 0", ["xor.yaml: trials: found 0: should be greater"],
    ),
    "unknown scale": (
        "xor.yaml", "  smoke:", "  smoky:", ["xor.yaml: scales: no scale is called 'smoky'"],
    ),
    "name of another experiment": (
        "xor.yaml", "v1_xor_dense_6:", "lenet_imp:",
        ["xor.yaml: experiments: 'lenet_imp' is in experiments/ already"],
    ),
    "name that cannot stand in a path": (
        "xor.yaml", "v1_xor_dense_6:", "xor/6:",
        ["xor.yaml: experiments: the name 'xor/6' may have letters"],
    ),
    "experiment of a table": (
        "figures/version_2018.yaml", "v1_xor_dense_6,", "v1_xor_dense_7,",
        ["version_2018.yaml: v1_tab1: no XOR experiment is called 'v1_xor_dense_7'"],
    ),
    "units of a table": (
        "figures/version_2018.yaml", "v1_xor_dense_6, units: 6", "v1_xor_dense_8, units: 6",
        ["version_2018.yaml: v1_tab1: found 6 units of v1_xor_dense_8, should be one of [8]"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), CASES.values(), ids=CASES)
def test_a_mistake_is_refused(
    tmp_path: Path, file: str, old: str, new: str, words: list[str]
) -> None:
    config = shutil.copytree(
        CONFIG, tmp_path / "config", ignore=shutil.ignore_patterns("paper", "schemas")
    )
    text = (config / file).read_text()
    assert old in text
    (config / file).write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as error:
        load(config, {"scale": "quick"})
    for word in words:
        assert word in str(error.value)


def test_v1_has_23000_runs_of_which_one_dense_thousand_is_shared(paper: Plan) -> None:
    xor = paper.project.xor
    rounds = {name: len(list(paper.runs(name))) for name in xor.experiments}
    assert sum(rounds.values()) * xor.trials == 23_000
    assert rounds["v1_xor_oneshot_product"] == 3 and rounds["v1_xor_iter_product"] == 5
    trained = [job for job in paper.jobs.values() if job.experiment in xor.experiments]
    assert len(trained) * xor.trials == 22_000
    shared = paper.job(next(paper.runs("v1_xor_iter_product")))
    assert shared.experiment == "v1_xor_dense_10"


def test_a_job_is_told_where_its_parent_lies(paper: Plan) -> None:
    told = [
        [parent["folder"] for parent in paper.specification(paper.job(run))["parents"].values()]
        for name in ("v1_xor_iter_product", "v1_xor_oneshot_product")
        for run in paper.runs(name)
    ]
    runs = "results/paper/runs"
    dense = f"{runs}/v1_xor_oneshot_product/round_00/trials_0-999"
    first = [f"{runs}/v1_xor_iter_product/round_0{round_}/trials_0-999" for round_ in (1, 2, 3)]
    assert told == [
        *([], [f"{runs}/v1_xor_dense_10/round_00/trials_0-999"], *([one] for one in first)),
        *([], [dense], [dense]),
    ]


def test_only_smoke_does_less(paper: Plan) -> None:
    xor = paper.project.xor
    assert project_at("quick").xor == xor
    smoke = project_at("smoke")
    assert (
        note_of(smoke, smoke.figures["v1_tab1"].experiments)
        == "1,000 of 10,000 iterations, 100 of 1,000 trials"
    )
    assert note_of(paper.project, paper.project.figures["v1_tab1"].experiments) == ""


def test_another_rate_is_another_job(paper: Plan) -> None:
    xor = paper.project.xor
    training = xor.training.model_copy(update={"learning_rate": 0.05})
    changed = replace(paper.project, xor=xor.model_copy(update={"training": training}))
    other = Plan(changed)
    for name in xor.experiments:
        for run in paper.runs(name):
            assert paper.identity(run) != other.identity(run)
            jobs = (plan.specification(plan.job(run)) for plan in (paper, other))
            assert next(jobs) != next(jobs)
