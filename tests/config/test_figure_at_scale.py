"""What figures say about their scale."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from lth_core.config.experiment_at_scale import at_iteration
from lth_core.config.figure_at_scale import experiments_at_scale, figure_at_scale, note_of
from lth_core.config.figures import AnyFigure, FigureSpec
from lth_core.config.load import Project, load
from lth_core.config.pruning_figures import PruningCurves
from lth_core.runs.plan import Plan
from tests.projects import project_at

Edit = Callable[[str, str, str], None]
SPEC: TypeAdapter[AnyFigure] = TypeAdapter(FigureSpec)
PAPER = project_at("paper")
QUICK = project_at("quick")
SMOKE = project_at("smoke")


def test_published_figures_have_no_note() -> None:
    assert {note_of(PAPER, PAPER.figures[name].experiments) for name in PAPER.figures} == {""}


@pytest.fixture
def some(config: Path) -> Project:
    """A scale that has less of everything."""
    text = "iterations: 0.2\nrounds: 20\ntrials: 2\nreplicates: 1\nsweep_points: 4\n"
    (config / "scales/some.yaml").write_text(text + "oneshot_shares: 6\n")
    return load(config, {"scale": "some"})


def test_the_note_says_all_that_is_less(some: Project) -> None:
    assert note_of(some, some.figures["fig17"].experiments) == (
        "10,000 of 50,000 iterations, 20 of 28 rounds, 2 of 5 trials, 1 of 3 replicates"
    )
    assert note_of(some, some.figures["fig26"].experiments) == (
        "10,000 of 50,000 iterations, 20 of 28 rounds, 2 of 3 trials, 4 of 8 experiments left out"
    )
    assert "20 of 28 to 59 rounds, 2 of 3 trials, 1 of 5 experiments left out" in note_of(
        some, some.figures["fig29"].experiments
    )


@pytest.fixture
def less(config: Path) -> Project:
    """A scale that has less of networks with convolutions alone."""
    text = "trials: 2\nconvolutional: {rounds: 6, sweep_points: 2, examples: 500}\n"
    (config / "scales/less.yaml").write_text(text, encoding="utf-8")
    return load(config, {"scale": "less"})


def test_networks_with_convolutions_have_limits_of_their_own(less: Project) -> None:
    assert note_of(less, less.figures["fig17"].experiments) == "2 of 5 trials"
    rounds = "6 of 22 to 26 rounds, 2 of 5 trials"
    assert note_of(less, less.figures["fig05"].experiments) == f"{rounds}, at most 500 examples"
    # Residual blocks are convolutions as well.
    assert note_of(less, less.figures["fig39"].experiments).startswith(
        "6 of 15 rounds, 2 of 3 to 5 trials"
    )
    assert note_of(less, less.figures["fig01"].experiments).endswith(
        "at most 500 examples for some networks"
    )
    assert "left out" not in note_of(less, less.figures["fig26"].experiments)
    assert "left out" in note_of(less, less.figures["fig32"].experiments)


def test_what_networks_with_convolutions_are_limited_to_changes_no_other(config: Path) -> None:
    """Results of Lenet at scale quick are published, and take hours."""
    path = config / "scales/quick.yaml"
    path.write_text(path.read_text(encoding="utf-8").partition("convolutional:")[0], "utf-8")
    without = load(config, {"scale": "quick"})
    plans = Plan(QUICK), Plan(without)
    names = [n for n, e in without.experiments.items() if not e.architecture.convolutional]
    assert "lenet_imp" in names and "conv2_imp" not in names
    for name in names:
        ours, theirs = ([plan.identity(run) for run in plan.runs(name)] for plan in plans)
        assert ours == theirs


@pytest.mark.parametrize("name", ["fig05", "fig07", "fig08"])
def test_quick_has_six_sizes_of_every_network(name: str) -> None:
    spec = figure_at_scale(QUICK, name)
    for line in spec["series"]:
        assert QUICK.experiments[line["experiment"]].round_range[-1] >= 5
    at = [panel["at"] for panel in spec["panels"] if panel["at"] is not None]
    assert len(set(at)) == len({p.at for p in QUICK.figures[name].panels if p.at is not None})


def test_sweeps_keep_the_colours_of_their_points(some: Project) -> None:
    spec = figure_at_scale(some, "fig26")
    assert [(s["label"], s["colour"]) for s in spec["series"]] == [
        ("2.5e-05", "blue"), ("0.0002", "green"), ("0.002", "brown"), ("0.0064", "grey"),
    ]  # fmt: skip


def test_panels_are_read_at_an_iteration_of_the_scale(some: Project) -> None:
    for name, iterations in (("fig07", [6000, 12000, 22000]), ("fig42", [2000, 4000, 6000])):
        spec = SPEC.validate_python(figure_at_scale(some, name))
        assert isinstance(spec, PruningCurves)
        assert [panel.at for panel in spec.panels] == iterations
        training = some.experiments[spec.experiments[0]].training
        assert training.iterations == iterations[-1]
        assert all(at % training.evaluate_every == 0 for at in iterations)


def test_curves_of_one_shot_pruning_are_those_of_the_nearest_size_each_once(some: Project) -> None:
    (panel,) = figure_at_scale(some, "v1_fig01")["panels"]
    mask = some.experiments["v1_mnist_oneshot"].arm.mask
    assert mask.source == "oneshot"
    rounds = [series["round"] for series in panel["series"]]
    assert [0, *(mask.shares[number - 1] for number in rounds[1:])] == [0, 0.25, 0.4, 0.75, 0.95]


def test_a_panel_that_loses_all_its_lines_is_left_out(config: Path, edit: Edit) -> None:
    (config / "scales/one.yaml").write_text("sweep_points: 1\n")
    edit(
        "figures/main_text.yaml",
        "    - name: test_accuracy_vs_iteration_right\n      series:\n",
        "    - name: noisy\n      series:\n"
        "        - {experiment: lenet_noise_0.5, round: 3, colour: blue}\n"
        "    - name: test_accuracy_vs_iteration_right\n      series:\n",
    )
    names = [
        panel["name"]
        for panel in figure_at_scale(load(config, {"scale": "one"}), "fig03")["panels"]
    ]
    assert names == [f"test_accuracy_vs_iteration_{side}" for side in ("left", "middle", "right")]


def test_figures_of_every_scale_are_valid_and_read_what_is_run() -> None:
    for project in (PAPER, QUICK, SMOKE):
        for name in project.figures:
            spec = SPEC.validate_python(figure_at_scale(project, name))
            assert spec.experiments == experiments_at_scale(project, name)
            run = {*project.experiments, *project.xor.experiments}
            assert set(spec.experiments) <= run


def test_what_a_figure_compares_with_is_kept(config: Path) -> None:
    assert "lenet_adamlr_0.0002" in SMOKE.dropped
    file = config / "figures/beyond_the_paper.yaml"
    for reference in ("reference: lenet_oneshot", "reference: aksu_size_300-100"):
        text = file.read_text(encoding="utf-8")
        assert text.count(reference) == 1
        file.write_text(text.replace(reference, "reference: lenet_adamlr_0.0002"), "utf-8")
        assert "lenet_adamlr_0.0002" in load(config, {"scale": "smoke"}).experiments
        file.write_text(text, encoding="utf-8")


# A training, and what a scale makes of it: iterations, evaluate_every, warmup and drops.
LESS = {
    "fewer iterations than the scale's evaluations": (
        "{iterations: 100, evaluate_every: 25}", "quick", (100, 100, 0, []),
    ),
    "one iteration": ("{iterations: 1, evaluate_every: 1}", "smoke", (1, 1, 0, [])),
    "drops that fall on the start": (
        "{iterations: 3, evaluate_every: 1, drops: [1, 2]}", "tiny", (1, 1, 0, []),
    ),
    "evaluations closer than published": (
        "{iterations: 5000, evaluate_every: 1000, warmup: 9, drops: [4000]}", "dense",
        (5000, 1000, 9, [4000]),
    ),
    "all as published": ("{iterations: 130, evaluate_every: 100}", "paper", (130, 100, 0, [])),
}  # fmt: skip


@pytest.mark.parametrize("case", LESS)
def test_a_scale_never_runs_more_than_the_experiment_says(case: str, config: Path) -> None:
    written, scale, expected = LESS[case]
    (config / "scales/tiny.yaml").write_text("iterations: 0.01\n")
    (config / "scales/dense.yaml").write_text("evaluate_every: 10\n")
    (config / "experiments/mine.yaml").write_text(MINE + f"  training: {written}\n")
    training = load(config, {"scale": scale}).experiments["mine"].training
    found = training.iterations, training.evaluate_every, training.warmup, training.drops
    assert found == expected


MINE = "mine:\n  description: x\n  extends: lenet_imp\n"


@pytest.mark.parametrize("scale", ["quick", "smoke", "paper", "coarse"])
@pytest.mark.parametrize("iteration", [100, 300, 1900, 50000])
def test_weights_are_rewound_no_later_than_published(
    scale: str, iteration: int, config: Path
) -> None:
    (config / "scales/coarse.yaml").write_text("evaluate_every: 200\n")
    arm = f"{{mask: {{source: imp}}, weights: {{source: rewind, iteration: {iteration}}}}}"
    (config / "experiments/mine.yaml").write_text(MINE + f"  arm: {arm}\n")
    mine = load(config, {"scale": scale}).experiments["mine"]
    rewound = mine.arm.weights.snapshot
    assert rewound is not None and 0 < rewound <= iteration
    assert rewound % mine.training.evaluate_every == 0
    assert rewound <= mine.training.iterations <= 50000
    assert (rewound == mine.training.iterations) == (iteration == 50000)


@pytest.mark.parametrize("scale", ["quick", "smoke"])
@pytest.mark.parametrize("iteration", [100, 1000, 1900])
def test_short_runs_are_rewound_to_before_their_end(
    scale: str, iteration: int, config: Path
) -> None:
    """Else weights at the end are trained on: fine-tuning, in place of rewinding."""
    arm = f"{{mask: {{source: imp}}, weights: {{source: rewind, iteration: {iteration}}}}}"
    training = "{iterations: 2000, evaluate_every: 100, drops: []}"
    text = f"mine:\n  description: x\n  extends: resnet18_lr0.1\n  arm: {arm}\n"
    (config / "experiments/mine.yaml").write_text(text + f"  training: {training}\n")
    mine = load(config, {"scale": scale}).experiments["mine"]
    rewound = mine.arm.weights.snapshot
    assert rewound is not None and 0 < rewound < mine.training.iterations
    assert rewound % mine.training.evaluate_every == 0


def test_rewinding_as_shipped_is_rewinding_at_every_scale() -> None:
    for project in (PAPER, QUICK, SMOKE):
        for name, one in project.experiments.items():
            rewound = one.arm.weights.snapshot
            assert rewound is None or rewound < one.training.iterations, name


@pytest.mark.parametrize(
    ("rounds", "scale", "found"),
    [("3", "quick", "0-3"), ("3", "smoke", "0-3"), ("3", "paper", "0-3"), ("2", "smoke", "0-2"),
     ("20", "quick", "0-6"), ("0", "quick", "0-0")],
)  # fmt: skip
def test_one_shot_pruning_obeys_its_rounds(
    rounds: str, scale: str, found: str, config: Path
) -> None:
    (config / "experiments/mine.yaml").write_text(
        MINE.replace("imp", "oneshot") + f"  rounds: {rounds}\n"
    )
    project = load(config, {"scale": scale})
    mine = project.experiments["mine"]
    published = project.paper_experiments["mine"]
    assert mine.rounds == found
    # The largest size of those that it runs is there at every scale.
    last = published.round_range[-1]
    if last:
        assert mine.arm.mask.sizes is not None and published.arm.mask.sizes is not None
        assert mine.arm.mask.sizes[-1] == published.arm.mask.sizes[last - 1]


def test_a_panel_read_at_the_start_is_read_at_the_start() -> None:
    training = QUICK.paper_experiments["lenet_imp"].training
    assert at_iteration(0, training, QUICK.experiments["lenet_imp"].training) == 0
