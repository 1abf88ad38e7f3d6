"""From experiments as written to experiments at a scale."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_core.config.experiments import Raw, dropped_points, evenly, merge, resolve, scaled
from lth_core.config.load import load
from lth_core.config.models import Scale
from lth_core.runs.plan import Plan

CONFIG = Path(__file__).parents[2] / "config"
PAPER = load(CONFIG, {"scale": "paper"})


def raw(**experiments: dict) -> dict[str, Raw]:
    return {name: Raw(Path("x.yaml"), name, entry, None) for name, entry in experiments.items()}


def test_blocks_are_merged_key_by_key_but_arms_whole() -> None:
    base = {"training": {"a": 1, "b": 2}, "arm": {"mask": 1, "weights": 2}, "trials": 5}
    merged = merge(base, {"training": {"b": 3}, "arm": {"mask": 4}})
    assert merged == {"training": {"a": 1, "b": 3}, "arm": {"mask": 4}, "trials": 5}


def test_extends_goes_through_generations() -> None:
    entries = raw(a={"x": 1, "y": 1}, b={"extends": "a", "y": 2}, c={"extends": "b", "z": 3})
    assert resolve("c", entries) == {"x": 1, "y": 2, "z": 3}


def test_a_sweep_becomes_one_experiment_a_point() -> None:
    point = PAPER.experiments["lenet_sgdlr_0.1"]
    assert (point.training.optimizer, point.training.learning_rate) == ("sgd", 0.1)
    assert point.trials == 3 and point.training.iterations == 50_000
    assert "lenet_sgdlr" not in PAPER.experiments


@pytest.mark.parametrize(
    ("written", "rounds"), [(28, range(29)), ("4", range(5)), ("1-3", range(1, 4))]
)
def test_rounds_as_written(config: Path, edit, written: object, rounds: range) -> None:
    edit("experiments/lenet.yaml", "rounds: 1-28\n  trials: 10", f"rounds: {written}\n  trials: 10")
    experiment = load(config, {"scale": "paper"}).experiments["lenet_random"]
    assert experiment.round_range == rounds


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
    for name in ("lenet_imp", "lenet_imp_reinit", "lenet_oneshot"):
        before = PAPER.experiments[name]
        after = scaled(before, scale)
        # model_copy does not validate; this does.
        assert type(before).model_validate(after.model_dump()) == after
        assert after.round_range[-1] <= before.round_range[-1]
    assert after.rounds == "0-3"


def test_the_paper_scale_changes_nothing() -> None:
    assert PAPER.experiments == PAPER.paper_experiments
    assert not PAPER.dropped


def test_thinned_sweeps_keep_first_and_last() -> None:
    quick = load(CONFIG, {"scale": "quick"})
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
    edit("figures.yaml", "experiment: lenet_sgd0.8_imp", "experiment: lenet_momlr_0.05")
    project = load(config, {"scale": "smoke"})
    assert "lenet_sgdlr_0.0125" in project.experiments
    assert "lenet_momlr_0.05" in project.experiments
    assert "lenet_momlr_0.1" in project.dropped
    assert Plan(project).jobs


def test_points_of_a_sweep_are_dropped_within_it() -> None:
    entries = {f"s_{i}": Raw(Path("x.yaml"), "s", {}, "s") for i in range(9)}
    entries["plain"] = Raw(Path("x.yaml"), "plain", {}, None)
    assert dropped_points(entries, Scale(sweep_points=2)) == {f"s_{i}" for i in range(1, 8)}
    assert dropped_points(entries, Scale()) == set()
