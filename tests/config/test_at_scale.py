"""What figures say about their scale."""

from pathlib import Path

from lth_core.config.at_scale import experiments_at_scale, figure_at_scale, scale_note
from lth_core.config.figures import SPEC
from lth_core.config.load import load

CONFIG = Path(__file__).parents[2] / "config"
PAPER = load(CONFIG, {"scale": "paper"})
QUICK = load(CONFIG, {"scale": "quick"})
SMOKE = load(CONFIG, {"scale": "smoke"})


def test_published_figures_have_no_note() -> None:
    assert {scale_note(PAPER, name) for name in PAPER.figures} == {""}


def test_the_note_says_all_that_is_less(config: Path) -> None:
    text = "iterations: 0.2\nrounds: 20\ntrials: 2\nreplicates: 1\nsweep_points: 4\n"
    (config / "scales/some.yaml").write_text(text)
    some = load(config, {"scale": "some"})
    assert scale_note(some, "fig14") == (
        "10,000 of 50,000 iterations, 20 of 28 rounds, 2 of 5 to 10 trials, 1 of 3 replicates"
    )
    assert scale_note(some, "fig26") == (
        "10,000 of 50,000 iterations, 20 of 28 rounds, 2 of 3 trials, 4 lines left out"
    )
    assert "20 of 28 to 59 rounds, 2 of 3 trials, 1 line left out" in scale_note(some, "fig29")


def test_figures_of_every_scale_are_valid_and_read_what_is_run() -> None:
    for project in (PAPER, QUICK, SMOKE):
        for name in project.figures:
            spec = SPEC.validate_python(figure_at_scale(project, name))
            assert spec.experiments == experiments_at_scale(project, name)
            assert set(spec.experiments) <= set(project.experiments)
