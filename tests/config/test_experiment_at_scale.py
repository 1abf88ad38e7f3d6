"""Experiments at a scale: fewer iterations, rounds, trials, replicates and sizes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_core.config.experiment_at_scale import dropped_points, evenly, scaled
from lth_core.config.experiment_files import Raw
from lth_core.config.load import load
from lth_core.config.scale import Limits, Scale
from lth_core.runs.plan import Plan
from lth_core.training.start import optimiser_of
from tests.projects import project_at

PAPER = project_at("paper")


def test_a_schedule_ends_with_the_run_at_every_scale() -> None:
    before = PAPER.experiments["lenet_imp"]
    training = before.training.model_copy(update={"schedule": "cosine", "warmup": 1000})
    after = scaled(before.model_copy(update={"training": training}), Scale(iterations=0.1))
    ours = optimiser_of(after.training.model_dump())
    assert (ours.schedule, ours.iterations, ours.warmup) == ("cosine", 5000, 100)
    assert ours.rate(2550) == pytest.approx(ours.learning_rate / 2)


@given(st.integers(1, 60), st.integers(1, 60))
def test_evenly_keeps_the_ends_and_the_order(count: int, at_most: int) -> None:
    kept = evenly(range(count), at_most)
    assert len(kept) == min(count, at_most)
    assert kept == sorted(set(kept))
    assert kept[-1] == count - 1
    assert kept[0] == 0 or at_most == 1


@given(st.floats(0.0001, 1), st.integers(1, 1000) | st.none(), st.integers(1, 40) | st.none())
def test_scaled_experiments_are_valid(share: float, every: int | None, rounds: int | None) -> None:
    scale = Scale(iterations=share, evaluate_every=every, rounds=rounds, oneshot_shares=3)
    for name in ("vgg19_lr0.1_w10k", "lenet_imp", "lenet_imp_reinit", "lenet_oneshot"):
        before = PAPER.experiments[name]
        after = scaled(before, scale)
        # model_copy does not validate; this does.
        assert type(before).model_validate(after.model_dump(exclude_unset=True)) == after
        assert after.round_range[-1] <= before.round_range[-1]
    assert after.rounds == "0-3"


def test_the_paper_scale_changes_nothing() -> None:
    assert PAPER.experiments == PAPER.paper_experiments
    assert not PAPER.dropped


def test_thinned_sweeps_keep_first_and_last() -> None:
    quick = project_at("quick")
    points = [name for name in quick.experiments if name.startswith("lenet_adamlr_")]
    assert len(points) == 4
    assert points[0] == "lenet_adamlr_2.5e-05" and points[-1] == "lenet_adamlr_0.0064"


def test_no_scale_leaves_out_what_others_need(config: Path, edit) -> None:
    """A sweep point that lends its masks, or is all that a figure shows, always runs."""
    edit(
        "experiments/lenet_appendix_f.yaml",
        "lenet_prune0:",
        "other:\n"
        "  extends: lenet_imp_reinit\n"
        "  trials: 3\n"
        "  description: Reinitialised tickets of a sweep point.\n"
        "  arm:\n"
        "    mask: {source: of, experiment: lenet_sgdlr_0.0125}\n"
        "    weights: {source: reinit}\n"
        "lenet_prune0:",
    )
    edit(
        "figures/appendices_b_to_f.yaml",
        "experiment: lenet_sgd0.8_imp",
        "experiment: lenet_momlr_0.05",
    )
    project = load(config, {"scale": "smoke"})
    assert "lenet_sgdlr_0.0125" in project.experiments
    assert "lenet_momlr_0.05" in project.experiments
    assert "lenet_momlr_0.1" in project.dropped
    assert Plan(project).jobs


def test_points_of_a_sweep_are_dropped_within_it() -> None:
    entries = {f"s_{i}": Raw(Path("x.yaml"), "s", {}, "s") for i in range(9)}
    entries["plain"] = Raw(Path("x.yaml"), "plain", {}, None)
    lenet, conv2 = (PAPER.experiments[name] for name in ("lenet_imp", "conv2_imp"))
    experiments = dict.fromkeys(entries, lenet)
    less = Scale(sweep_points=2)
    assert dropped_points(entries, experiments, less) == {f"s_{i}" for i in range(1, 8)}
    assert dropped_points(entries, experiments, Scale()) == set()
    less = Scale(convolutional=Limits(sweep_points=2))
    assert dropped_points(entries, experiments, less) == set()
    convolutional = dict.fromkeys(entries, conv2)
    assert dropped_points(entries, convolutional, less) == {f"s_{i}" for i in range(1, 8)}
