"""Figures of what is not there are refused, with the key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lth_core.config.errors import ConfigError
from lth_core.config.figure_at_scale import figure_at_scale
from lth_core.config.load import load
from lth_core.config.written import entries_behind

Edit = Callable[[str, str, str], None]
# In which file what is replaced, by what, and the error.
MISTAKES = {
    "round of a map": (
        "figures/ticket.yaml",
        "26, 28]",
        "26, 29]",
        "fig101.rounds: lenet_ticket has the rounds 0-28, not 29",
    ),
    "round of two maps": (
        "figures/ticket.yaml",
        "26, 28]",
        "28, 28]",
        "fig101.rounds: found [1,",
    ),
    "map of a convolution": (
        "figures/ticket.yaml",
        "experiment: lenet_ticket",
        "experiment: conv2_imp",
        "fig101.experiment: conv2_imp has a network that begins with conv1, a convolution",
    ),
    "round of a map of displacements": (
        "figures/beyond_the_paper.yaml",
        "rounds: [0, 7, 15, 21]",
        "rounds: [0, 7, 15, 29]",
        "fig115.maps.rounds: lenet_imp has the rounds 0-28, not 29",
    ),
    "masks of a convolution": (
        "figures/beyond_the_paper.yaml",
        "maps: {experiment: lenet_imp,",
        "maps: {experiment: conv2_imp,",
        "fig115.series: conv2_imp has a network that begins with conv1, a convolution",
    ),
    "masks of another network": (
        "figures/beyond_the_paper.yaml",
        "reference: lenet_oneshot",
        "reference: conv2_imp",
        "fig127.reference: conv2_imp has other layers than lenet_early_masks_10; masks of the same",
    ),
    "measure of runs where masks are measured": (
        "figures/beyond_the_paper.yaml",
        "y: connected_units,",
        "y: end_test_accuracy,",
        "fig115: panel connected_units: y: found end_test_accuracy, should be one of locality,",
    ),
    "measure of masks where runs are summed up": (
        "figures/main_text.yaml",
        "y: early_stop_iteration",
        "y: locality",
        "fig01: panel lenet_early_stop_iteration: y: found locality, should be one of test_",
    ),
    "panel that names what has no line": (
        "figures/beyond_the_paper.yaml",
        "experiments: [mcateer_weights, mcateer_units]",
        "experiments: [mcateer_weights, mcateer_unit]",
        "fig116: panel untrained names experiments without a series: mcateer_unit",
    ),
    "line that no panel draws": (
        "figures/beyond_the_paper.yaml",
        "experiments: [mcateer_weights, mcateer_units]",
        "experiments: [mcateer_weights]",
        "fig116.series: mcateer_units is in no panel",
    ),
    "point of a sweep": (
        "figures/appendix_g.yaml",
        "points: [2.5e-05, 5e-05,",
        "points: [2.5e-05, 6e-05,",
        "fig26: no experiment is called 'lenet_adamlr_6e-05'; did you mean",
    ),
    "family that is a list": (
        "figures/main_text.yaml",
        "notebook: pruning_curves",
        "notebook: [pruning_curves]",
        "fig01.notebook: no family of figures is called ['pruning_curves']; did you mean",
    ),
    "iteration that is not evaluated": (
        "figures/main_text.yaml",
        "      at: 30000\n",
        "      at: 30500\n",
        "fig07: panel test_accuracy_30K: at: found 30500, should be a multiple of 1000 up"
        " to 112480, or 112480: vgg19_lr0.1 is evaluated there",
    ),
    "iteration after the end": (
        "figures/main_text.yaml",
        "at: 112480}",
        "at: 113000}",
        "fig07: panel test_accuracy_112K: at: found 113000",
    ),
    "architecture of a table": (
        "figures/main_text.yaml",
        "      architecture: conv6_256\n",
        "      architecture: conv6_257\n",
        "fig02: no architecture is called 'conv6_257'; did you mean 'conv6_256'?",
    ),
    "experiment of a table": (
        "figures/main_text.yaml",
        "experiment: conv4_imp, stated",
        "experiment: conv4_ipm, stated",
        "fig02: no experiment is called 'conv4_ipm'; did you mean 'conv4_imp'?",
    ),
    "round of a learning curve": (
        "figures/version_2018.yaml",
        "v1_mnist_oneshot, round: 19,",
        "v1_mnist_oneshot, round: 20,",
        "v1_fig01: round 20 of v1_mnist_oneshot, which has the rounds 0-19",
    ),
    "layer that the network lacks": (
        "figures/appendices_b_to_f.yaml",
        "layer: fc1",
        "layer: fc7",
        "fig15: lenet_imp: no layer is called 'fc7'; did you mean 'fc2'? Valid: fc1, fc2,",
    ),
    "round that no histogram is of": (
        "figures/appendices_b_to_f.yaml",
        "{round: 8}, {round: 12}]",
        "{round: 8}, {round: 99}]",
        "fig16.round: lenet_sgd0.8_imp has the rounds 0-28, not 99",
    ),
    "histograms drawn twice": (
        "figures/appendices_b_to_f.yaml",
        "{round: 8}, {round: 12}]",
        "{round: 8}, {round: 8}]",
        "fig16: panels: {'round': 8} is given twice",
    ),
    "learning curve drawn twice": (
        "figures/main_text.yaml",
        "{experiment: lenet_imp, round: 3,",
        "{experiment: lenet_imp, round: 0,",
        "fig03.panels.0: series: round 0 of lenet_imp is given twice",
    ),
    "line drawn twice": (
        "figures/appendix_g.yaml",
        "points: [2.5e-05, 5e-05,",
        "points: [5e-05, 5e-05,",
        "fig26: panel early_stop_iteration: lenet_adamlr_5e-05 is given twice",
    ),
    "histograms without a dense network": (
        "figures/appendices_b_to_f.yaml",
        "experiment: lenet_imp\n  quantity: initial_weight",
        "experiment: lenet_imp_reinit\n  quantity: initial_weight",
        "fig15.experiment: lenet_imp_reinit has the rounds 1-28, but histograms need",
    ),
    "tickets that win against no dense network": (
        "figures/beyond_the_paper.yaml",
        "reference: aksu_size_300-100",
        "reference: lenet_random",
        "fig121: lenet_random has the rounds 1-28, but tickets are compared with round 0",
    ),
    "groups of what is not split": (
        "figures/appendices_b_to_f.yaml",
        "quantity: moved",
        "quantity: incoming",
        "fig19: series 'Not in winning ticket': `group` belongs to the quantities moved",
    ),
    "no groups of what is split": (
        "figures/appendices_b_to_f.yaml",
        "quantity: initial_weight",
        "quantity: moved",
        "fig15: series 'First hidden layer': `group` belongs",
    ),
    "limits upside down": (
        "figures/main_text.yaml",
        "limits: [0, 52000]",
        "limits: [100, 0]",
        "fig01.panels.0.limits: found [100, 0]: should be the lower end, then the upper",
    ),
    "limits with nothing between": (
        "figures/main_text.yaml",
        "limits: [0, 52000]",
        "limits: [5, 5]",
        "fig01.panels.0.limits: found [5, 5]: should be two numbers, not the same",
    ),
    "limits without an end": (
        "figures/main_text.yaml",
        "limits: [0, 52000]",
        "limits: [0, 1e400]",
        "fig01.panels.0.limits.1: found inf: should be a finite number",
    ),
    "limits out of reach": (
        "figures/main_text.yaml",
        "limits: [0, 52000]",
        "limits: [0, 1e300]",
        "fig01.panels.0.limits: found [0, 1e+300]: should be two numbers, not the same, up",
    ),
    "iterations backwards": (
        "figures/appendices_b_to_f.yaml",
        "xlimits: [0, 25000]",
        "xlimits: [25000, 0]",
        "fig11.xlimits: found [25000, 0]: should be the lower end, then the upper",
    ),
    "zero on a log axis": (
        "axes.yaml",
        "limits: [100, 4.66]",
        "limits: [100, 0]",
        "resnet18_percent: limits: found [100.0, 0.0], should be above 0 on a log axis",
    ),
    "tick outside": (
        "axes.yaml",
        "ticks: [100, 64.425,",
        "ticks: [101, 64.425,",
        "resnet18_percent: ticks: 101 is outside the limits [100.0, 4.66]",
    ),
    "panel of no experiments": (
        "figures/appendices_b_to_f.yaml",
        "      experiments: [",
        "      experiments: []  # [",
        "fig14.panels.0.experiments: found []: List should have at least 1 item",
    ),
    "panels of one name": (
        "figures/main_text.yaml",
        "name: test_accuracy_vs_iteration_middle",
        "name: test_accuracy_vs_iteration_left",
        "fig03: panels: the name 'test_accuracy_vs_iteration_left' is given twice",
    ),
    "label that no legend shows": (
        "figures/main_text.yaml",
        'label: "{percent} (reinit)"',
        "label: _hidden",
        "fig03.panels.2.series.3.label: found '_hidden': should not start with _",
    ),
    "formula that is none": (
        "figures/main_text.yaml",
        'label: "{percent} (reinit)"',
        "label: $\\fooo$",
        "fig03.panels.2.series.3.label: found '$\\\\fooo$': is not a formula",
    ),
    "picture too large to be saved": (
        "figures/version_2018.yaml",
        "width: 6\n",
        "width: 6000\n",
        "v1_fig01.width: found 6000: should be less than or equal to 20",
    ),
    "percent of no round": (
        "figures/appendices_b_to_f.yaml",
        "{layer: fc1, label: First hidden layer,",
        "{layer: fc1, label: 'First ({percent})',",
        "fig15: 'First ({percent})': {percent} is that of a round, which is not given",
    ),
    "trial of a line of all trials": (
        "figures/appendices_b_to_f.yaml",
        "label: Winning ticket,",
        'label: "Winning ticket {trial}",',
        "fig17.series.0: {trial} in `label` needs the key `each_trial`",
    ),
    "label of a line that fills nothing in": (
        "figures/appendices_b_to_f.yaml",
        "label: Winning ticket,",
        'label: "Winning ticket {trail}",',
        "fig17.series.0.label: found 'Winning ticket {trail}': {trail} is not filled in here",
    ),
    "label of an axis that fills nothing in": (
        "figures/main_text.yaml",
        'label: "Accuracy at Iteration {iterations} (Test)"',
        'label: "Accuracy at Iteration {iteration} (Test)"',
        "fig04.panels.3.label: found 'Accuracy at Iteration {iteration} (Test)': {iteration}",
    ),
    "title that fills nothing in": (
        "figures/appendices_b_to_f.yaml",
        "ticket of {percent}%",
        "ticket of {percents}%",
        "fig19.panels.0.title: found 'Layer 1, ticket of {percents}%': {percents} is not filled in",
    ),
    "iteration of a panel without": (
        "figures/main_text.yaml",
        'label: "Accuracy at Iteration {iterations} (Test)"',
        'label: "Accuracy at Iteration {at} (Test)"',
        "fig04.panels.3: label: {at} needs the key `at`",
    ),
    "points without a place": (
        "figures/appendix_i.yaml",
        'experiment: "resnet18_warmup_{point}"',
        "experiment: resnet18_warmup_0",
        "fig44.series.0: `points` and {point} in `experiment` go together",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_refused_with_the_key(mistake: str, config: Path, edit: Edit) -> None:
    file, old, new, message = MISTAKES[mistake]
    edit(file, old, new)
    with pytest.raises(ConfigError) as error:
        load(config, {"scale": "smoke"})
    assert f"{file}: {message}" in str(error.value)


OWN = """\
{name}:
  notebook: pruning_curves
  section: "2"
  title: Mine
  caption: A figure of one's own.
  series: [{{experiment: lenet_imp, label: Ticket, colour: blue}}]
  panels:
    - name: accuracy
      x: {{quantity: percent_remaining, label: Percent}}
      y: end_test_accuracy
      label: Accuracy
"""
NAMES = {
    "Mine": "the name 'Mine' may have small letters, digits and _ only",
    "0mine": "the name '0mine' may have",
    "my-figure": "the name 'my-figure' may have",
    "gallery": "'gallery' is already a rule of the Snakefile",
    "mine_partial": "'mine_partial' is of a figure drawn in part",
    "drawn": "'drawn' is already a rule of the Snakefile",
    "train_torch": "'train_torch' is already a rule of the Snakefile",
    "lenet_imp": "'lenet_imp' is already an experiment, in {}/experiments/lenet.yaml",
    "v1_xor_dense_6": "'v1_xor_dense_6' is already an experiment, in {}/xor.yaml",
    "lambda": "'lambda' is a reserved word",
    "all": "'all' is a reserved word",
    "fig04": "'fig04' is in {}/figures/main_text.yaml already",
}


def test_a_figure_of_ones_own_has_a_free_name_and_a_file_of_its_own(config: Path) -> None:
    (config / "figures/own.yaml").write_text(OWN.format(name="mine_2"))
    assert load(config).figures["mine_2"].experiments == ["lenet_imp"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_means_something_else_is_refused(name: str, config: Path) -> None:
    path = config / "figures/own.yaml"
    path.write_text(OWN.format(name=name))
    with pytest.raises(ConfigError) as error:
        load(config)
    assert str(error.value).startswith(f"{path}: {NAMES[name].format(config)}")


def test_points_that_are_numbers_are_names_all_the_same(config: Path) -> None:
    (config / "experiments/own.yaml").write_text(
        "rate: {description: Rates., extends: lenet_imp, sweep: {1e-3: {}, 2e-3: {}}}\n"
    )
    path, line = config / "figures/own.yaml", "experiment: lenet_imp, label: Ticket"
    text = OWN.format(name="mine").replace(line, 'experiment: "rate_{point}", points: [1e-3]')
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(config)
    assert f"{path}: mine: no experiment is called 'rate_0.001'; did you mean" in str(error.value)
    words = "Points are names: write numbers in quotes, as the keys of the sweep."
    assert str(error.value).endswith(words)
    path.write_text(text.replace("[1e-3]", '["1e-3"]'))
    assert load(config).figures["mine"].experiments == ["rate_1e-3"]


def test_it_does_not_matter_which_file_holds_a_figure(config: Path) -> None:
    before = load(config)
    for number, path in enumerate((config / "figures").iterdir()):
        path.rename(path.with_name(f"file_{number}.yaml"))
    after = load(config)
    for name in before.figures:
        assert figure_at_scale(after, name) == figure_at_scale(before, name)


def test_figures_come_from_their_entry_and_its_axes(config: Path) -> None:
    place = {"results": "results/quick", "figure": "fig01"}
    assert list(entries_behind(config, place))[1:] == [
        (f"{config}/figures/main_text.yaml", ("fig01",)),
        (f"{config}/axes.yaml", ("percent_every_fourth",)),
        (f"{config}/axes.yaml", ("conv2_percent_every_fourth",)),
    ]
