"""What a figure that is drawn in part says of the lines that it lacks."""

import pytest

from lth_core.config.in_part import has_parts, left_out, not_run
from lth_core.errors import NotPlanned
from tests.projects import project_at

PAPER = project_at("paper")


@pytest.mark.parametrize(
    ("figure", "there", "words"),
    [
        ("fig04", ["lenet_imp", "lenet_oneshot"],
         "Random reinit (iterative), Random reinit (one-shot)"),
        ("fig03", ["lenet_imp"], "round 3 (reinit), round 7 (reinit)"),
        ("fig25", [f"lenet_noise_{point}" for point in ("0.5", "1.0", "2.0", "3.0")],
         "Winning ticket, Random reinit"),
        ("fig37", ["conv2_imp", "conv4_imp", "conv6_imp"],
         "Prune fc layers only, Prune convolutions only"),
        ("fig37", ["conv2_imp"],
         "Prune fc layers only, Prune convolutions only; Prune both in Conv-4, Conv-6"),
        ("fig115", ["lenet_oneshot", "lenet_imp_pixels_rearranged", "lenet_imp_rearranged",
                    "lenet_random"], "Winning ticket, maps"),
        ("v1_fig02", ["v1_mnist_oneshot"], '"Reinitialised, trial 1-5"'),
        ("fig31", [f"lenet_size_{size}" for size in (
            "25-9", "50-17", "100-34", "150-50", "200-67", "300-100", "500-167", "700-233")],
         '"400, 134", "900, 300"'),
    ],
)  # fmt: skip
def test_lines_are_told_by_their_labels(figure: str, there: list[str], words: str) -> None:
    assert set(there) <= set(PAPER.figures[figure].experiments)
    assert not_run(PAPER, figure, there) == words


def test_of_one_trial_no_range_is_told() -> None:
    assert (
        not_run(project_at("smoke"), "v1_fig02", ["v1_mnist_oneshot"]) == '"Reinitialised, trial 1"'
    )


def test_nothing_is_missing_of_a_whole_figure() -> None:
    for name, figure in PAPER.figures.items():
        if has_parts(figure):
            assert not_run(PAPER, name, figure.experiments) == ""
            assert not_run(PAPER, name, figure.experiments[1:]) != ""


def test_lines_that_the_scale_leaves_out_are_not_told() -> None:
    smoke = project_at("smoke")
    there = [one for one in smoke.figures["fig26"].experiments if one not in smoke.dropped]
    assert smoke.dropped and not_run(smoke, "fig26", there) == ""


def test_only_lines_of_several_experiments_are_parts() -> None:
    parts = {name for name, figure in PAPER.figures.items() if has_parts(figure)}
    assert {"fig01", "fig03", "fig04"} <= parts
    assert not parts & {"fig02", "fig15", "v1_tab1"}


@pytest.mark.parametrize(
    ("figure", "there", "why"),
    [
        ("fig09", [], "no part of fig09: none is there at scale paper"),
        ("fig03", ["lenet_imp", "lenet_imp_reinit"], "all of it is there, so draw fig03 itself"),
        ("fig15", ["lenet_imp"], "only lines of several experiments can be left out"),
    ],
)
def test_a_part_is_neither_nothing_nor_all(figure: str, there: list[str], why: str) -> None:
    assert left_out(PAPER, "fig03", ["lenet_imp"]) == ["lenet_imp_reinit"]
    with pytest.raises(NotPlanned, match=why):
        left_out(PAPER, figure, there)
