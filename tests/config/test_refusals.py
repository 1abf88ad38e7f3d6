"""Every mistake in config/ is refused, in words that lead to the line to change.

Each case changes one thing in a copy of config/ and names what the message must contain:
file, key, what was found, and what would be right.
"""

import re
from pathlib import Path

import pytest

from lth_core.config.errors import ConfigError
from lth_core.config.load import load

LENET = "experiments/lenet.yaml"
APPENDIX_F = "experiments/lenet_appendix_f.yaml"
APPENDIX_G = "experiments/lenet_appendix_g.yaml"
DISTILLED = "experiments/peers_distillation.yaml"
CONV2 = "architectures/conv2.yaml"
FIGURES = "figures/main_text.yaml"
REINIT = "mask: {source: of, experiment: lenet_imp}"

CASES = {
    # Wrong keys
    "key of config.yaml": (
        "config.yaml", "engine: sparse", "motor: sparse",
        ["config.yaml: motor: this key is unknown", "Valid: data_root, engine, keep_checkpoints"],
    ),
    "key of a scale": (
        "scales/quick.yaml", "trials: 2", "trails: 2",
        ["quick.yaml: trails: this key is unknown", "did you mean 'trials'?"],
    ),
    "key of a block": (
        LENET, "learning_rate:", "lerning_rate:",
        ["lenet_imp.training.lerning_rate: this key is unknown", "did you mean 'learning_rate'?",
         "lenet_imp.training.learning_rate: this key is missing"],
    ),
    "key of a sweep point": (
        APPENDIX_G, "{fc: 0.4, output", "{fcc: 0.4, output",
        ["lenet_rate.sweep.0.4.pruning.fcc: this key is unknown", "did you mean 'fc'?"],
    ),
    "key of a mask source": (
        LENET, "{source: imp, chain: lenet", "{source: imp, chian: lenet",
        ["lenet_continued.arm.mask.chian: this key is unknown", "did you mean 'chain'?"],
    ),
    "gradual pruning without training": (
        "experiments/peers_gradual.yaml", "extends: lenet_imp\n  arm:",
        "extends: lenet_imp\n  training: {iterations: 0}\n  arm:",
        ["peers_gradual.yaml: lenet_gradual.training.iterations: found 0, should be at least 1"],
    ),
    "gradual pruning that ends before it begins": (
        "experiments/peers_gradual.yaml", "end: 0.8", "begin: 0.9, end: 0.8",
        ["lenet_gradual.arm.mask: end: found 0.8, should be above `begin`, 0.9"],
    ),
    "supermask of several rounds": (
        "experiments/peers_supermask.yaml",
        "  rounds: 0\n\nlenet_supermask_binary:",
        "  rounds: 0-3\n\nlenet_supermask_binary:",
        ["lenet_supermask.rounds: found 0-3, should be 0, since the mask source `supermask`"],
    ),
    "threshold of binary supermasks": (
        "experiments/peers_supermask.yaml", "form: binary", "form: binary, threshold: 0.3",
        ["lenet_supermask_binary.arm.mask: threshold: only the form `signed` has one"],
    ),
    "key of a layer": (
        CONV2, "units: 256", "unit: 256",
        ["conv2.yaml: layers.3.unit: this key is unknown", "did you mean 'units'?"],
    ),
    "key of a figure": (
        FIGURES, "  columns: 2", "  colums: 2",
        ["main_text.yaml: fig01.colums: this key is unknown", "did you mean 'columns'?"],
    ),
    "missing key": (
        LENET, "  trials: 5\n", "", ["lenet_imp.trials: this key is missing"],
    ),
    "key given twice": (
        LENET, "  trials: 5\n", "  trials: 5\n  trials: 3\n",
        ["lenet.yaml, line 20: the key 'trials' is given twice"],
    ),
    # Wrong types and units
    "number in words": (
        LENET, "learning_rate: 1.2e-3", "learning_rate: fast",
        ["lenet_imp.training.learning_rate: found 'fast': should be a number"],
    ),
    "number in quotes": (
        LENET, "learning_rate: 1.2e-3", 'learning_rate: "1.2e-3"',
        ["lenet_imp.training.learning_rate: found '1.2e-3': should be a number; write 0.0012"],
    ),
    "number with a sign for percent": (
        LENET, "fc: 0.2", "fc: 20%",
        ["lenet_imp.pruning.fc: found '20%': should be a number; write 0.2"],
    ),
    "fraction of an integer": (
        LENET, "trials: 5", "trials: 2.5",
        ["lenet_imp.trials: found 2.5: should be a whole number"],
    ),
    "exponent of an integer": (
        LENET, "iterations: 50000", "iterations: 5e4",
        ["lenet_imp.training.iterations: found 50000.0: should be a whole number; write 50000"],
    ),
    "commas in an integer": (
        LENET, "iterations: 50000", "iterations: 50,000",
        ["lenet_imp.training.iterations: found '50,000': should be a whole number; write 50000"],
    ),
    "decimal comma": (
        LENET, "learning_rate: 1.2e-3", "learning_rate: 0,0012",
        ["lenet_imp.training.learning_rate: found '0,0012': should be a number; write 0.0012"],
    ),
    "truth for an integer": (
        LENET, "trials: 5", "trials: true", ["lenet_imp.trials: found True: should be a whole"],
    ),
    "no number at all": (
        LENET, "fc: 0.2", "fc: nan", ["lenet_imp.pruning.fc: found 'nan': should be a number"],
    ),
    "share in percent": (
        LENET, "fc: 0.2", "fc: 20",
        ["lenet_imp.pruning.fc: found 20: should be less than 1; 20 % is written 0.2"],
    ),
    "negative": (
        LENET, "batch_size: 60", "batch_size: -60",
        ["lenet_imp.training.batch_size: found -60: should be greater than 0"],
    ),
    "learning rate that drops after the end": (
        LENET, "iterations: 50000", "iterations: 50000\n    drops: [30000, 60000]",
        ["lenet_imp.training: drops: found 60000, should be before the end at 50000"],
    ),
    "rewinding to where nothing is measured": (
        LENET, "weights: {source: original}\n  rounds: 28",
        "weights: {source: rewind, iteration: 130}\n  rounds: 28",
        ["lenet_imp.arm.weights.iteration: found 130, should be a multiple of"],
    ),
    "augmentation without images": (
        LENET, "iterations: 50000", "iterations: 50000\n    augmentation: flip_crop",
        ["lenet_imp.training.augmentation: 'flip_crop' needs images"],
    ),
    "rearranged weights without a shuffled mask": (
        LENET, "weights: {source: reinit}\n  rounds: 1-28",
        "weights: {source: rearranged}\n  rounds: 1-28",
        ["`rearranged` needs the mask source `shuffled`, found `of`"],
    ),
    "text for a block": (
        LENET, "pruning: {fc: 0.2, output: 0.1, scope: layer}", "pruning: some",
        ["lenet_imp.pruning: found 'some': should be a mapping"],
    ),
    "text for an experiment": (
        LENET, "lenet_imp:", "other: imp\nlenet_imp:",
        ["lenet.yaml: other: found 'imp', should be a mapping"],
    ),
    "list for a sweep": (
        APPENDIX_G, '    "0.2": {}\n', '    "0.2":\n',
        ["lenet_rate.sweep.0.2: found None, should be a mapping such as {}"],
    ),
    "number for a sweep": (
        LENET, "lenet_oneshot:", "other: {sweep: 5}\nlenet_oneshot:",
        ["other.sweep: found 5, should map each point to the keys"],
    ),
    "sweep of a sweep": (
        APPENDIX_G, '    "0.2": {}\n', '    "0.2": {sweep: {a: {}}}\n',
        ["lenet_rate.sweep.0.2.sweep: a point cannot be a sweep; write its points in lenet_rate."],
    ),
    "std without a normal": (
        APPENDIX_G, "{distribution: normal, std: 0.0125}", "{std: 0.0125}",
        ["initstd.sweep.0.0125.initialisation: `std` belongs to distribution `normal`"],
    ),
    "name that cannot stand in a path": (
        LENET, "lenet_random:", "lenet/random:",
        ["lenet.yaml: lenet/random: the name 'lenet/random' may have letters, digits"],
    ),
    "figure without a family": (
        FIGURES, "  notebook: pruning_curves\n", "",
        ["main_text.yaml: fig01: the key notebook is missing", "Valid: architecture_table,"],
    ),
    "no YAML": (
        LENET, "lenet_imp:", "lenet_imp: [", ["lenet.yaml, line "],
    ),
    "networks of one label": (
        FIGURES, "label: Conv-4,", "label: Conv-2,",
        ["main_text.yaml: fig02", "networks: the label 'Conv-2' is given twice"],
    ),
    "rows of one label": (
        "figures/version_2018.yaml",
        "label: Iterative, input magnitude", "label: One-shot, product",
        ["v1_tab2", "rows: the label 'One-shot, product' is given twice"],
    ),
    "lines of one name": (
        "figures/beyond_the_paper.yaml", "- name: super_winning", "- name: winning",
        ["fig121", "series: the name 'winning' is given twice"],
    ),
    # Names that refer to nothing
    "scale": (
        "config.yaml", "scale: quick", "scale: quik",
        ["config.yaml: scale: no scale is called 'quik'", "did you mean 'quick'?"],
    ),
    "architecture": (
        LENET, "lenet_300_100", "lenet_300",
        ["lenet_imp.architecture: no architecture is called", "did you mean 'lenet_300_100'?"],
    ),
    "data set": (
        LENET, "dataset: mnist", "dataset: minst",
        ["lenet_imp.dataset: no data set is called 'minst'", "did you mean 'mnist'?"],
    ),
    "optimiser": (
        LENET, "optimizer: adam", "optimizer: adamax",
        ["lenet_imp.training.optimizer: found 'adamax'; did you mean 'adam'?",
         "Valid: adam, adamw, momentum, sgd"],
    ),
    "momentum of an optimiser without": (
        LENET, "optimizer: adam", "optimizer: sgd\n    momentum: 0.9",
        ["lenet_imp.training: momentum: not used by the optimizer 'sgd'"],
    ),
    "Nesterov's momentum of Adam": (
        LENET, "optimizer: adam", "optimizer: adam\n    nesterov: true",
        ["lenet_imp.training: nesterov: not used by the optimizer 'adam'"],
    ),
    "Adam's constants of momentum": (
        LENET, "optimizer: adam", "optimizer: momentum\n    beta1: 0.9\n    epsilon: 1.0e-8",
        ["lenet_imp.training: beta1, epsilon: not used by the optimizer 'momentum'"],
    ),
    "constants in a sweep of another optimiser": (
        APPENDIX_G, "training: {optimizer: sgd}", "training: {optimizer: sgd, momentum: 0.9}",
        ["lenet_sgdlr.sweep.0.003125.training: momentum: not used by the optimizer 'sgd'"],
    ),
    "factor of drops that there are not": (
        LENET, "optimizer: adam", "optimizer: adam\n    drop_factor: 0.5",
        ["lenet_imp.training: drop_factor: found 0.5, but there are no `drops`"],
    ),
    "factor that is no drop": (
        LENET, "optimizer: adam", "optimizer: adam\n    drops: [9]\n    drop_factor: 1",
        ["lenet_imp.training.drop_factor: found 1: should be less than 1"],
    ),
    "warmup that outlasts training": (
        LENET, "optimizer: adam", "optimizer: adam\n    warmup: 60000",
        ["lenet_imp.training: warmup: found 60000, should be 50000 at most"],
    ),
    "schedule": (
        LENET, "optimizer: adam", "optimizer: adam\n    schedule: cosin",
        ["lenet_imp.training.schedule: found 'cosin'; did you mean 'cosine'?"],
    ),
    "label smoothing in percent": (
        LENET, "optimizer: adam", "optimizer: adam\n    label_smoothing: 10",
        ["lenet_imp.training.label_smoothing: found 10: should be less than 1; 10 % is written"],
    ),
    "batch norm of a single value": (
        LENET, "lenet_oneshot:",
        "single:\n  extends: lenet_imp\n  training: {batch_size: 1}\n  architecture: {input: [784],"
        " layers: [{type: dense, units: 9, batch_norm: true}], classes: 10}\n\nlenet_oneshot:",
        ["lenet.yaml: single: training.batch_size: found 1, but the batch norm of fc1 needs two"],
    ),
    "mask source": (
        LENET, "mask: {source: imp}", "mask: {source: imps}",
        ["lenet_imp.arm.mask: 'source' is 'imps'; did you mean 'imp'?", "Valid: criterion, "],
    ),
    "no mask source": (
        LENET, "mask: {source: imp}", "mask: {}",
        ["lenet_imp.arm.mask: the key 'source' is missing"],
    ),
    "weight source": (
        LENET, "weights: {source: reinit}", "weights: {source: renit}",
        ["lenet_imp_reinit.arm.weights: 'source' is 'renit'; did you mean 'reinit'?"],
    ),
    "layer type": (
        CONV2, "type: conv", "type: convolution",
        ["conv2.yaml: layers.0: 'type' is 'convolution'; did you mean 'conv'?",
         "Valid: average_pool, conv, dense, dropout, max_pool, residual"],
    ),
    "notebook": (
        FIGURES, "notebook: pruning_curves", "notebook: pruning",
        ["fig01.notebook: no family of figures is called 'pruning'",
         "did you mean 'pruning_curves'?"],
    ),
    "column of a table": (
        FIGURES, "y: early_stop_iteration", "y: early_stop",
        ["main_text.yaml: fig01.panels.0.y: found 'early_stop'",
         "did you mean 'early_stop_iteration' or 'early_stop_"],
    ),
    "key of a block within": (
        LENET, "  rounds: 28", "  learning_rate: 0.1\n  rounds: 28",
        ["lenet_imp.learning_rate: this key is unknown here; it belongs in `training`"],
    ),
    "experiment that is extended": (
        LENET, "extends: lenet_oneshot", "extends: lenet_oneshoot",
        ["lenet_oneshot_reinit.extends: no experiment is called", "did you mean 'lenet_oneshot'?"],
    ),
    "experiment of a mask": (
        LENET, REINIT, "mask: {source: of, experiment: lenet_ipm}",
        ["lenet_imp_reinit.arm.mask.experiment: no experiment", "did you mean 'lenet_imp'?"],
    ),
    "chain": (
        LENET, "chain: lenet_continued_chain", "chain: lenet_chain",
        ["lenet_continued.arm.mask.chain: no experiment is called 'lenet_chain'"],
    ),
    "experiment of a figure": (
        "figures/appendices_b_to_f.yaml", "experiment: lenet_continued",
        "experiment: lenet_continud",
        ["fig09: no experiment is called", "did you mean 'lenet_continued'?"],
    ),
    "axis of a figure": (
        FIGURES, "x: percent_every_fourth", "x: percent_every_forth",
        ["main_text.yaml: fig01.panels: no axis is called 'percent_every_forth'",
         "did you mean 'percent_every_fourth'?"],
    ),
    "circle of extends": (
        LENET, "lenet_imp:\n", "lenet_imp:\n  extends: lenet_random\n",
        ["lenet_imp -> lenet_random -> lenet_imp is circular"],
    ),
    "name of two experiments": (
        APPENDIX_F, "lenet_prune0:", "lenet_random:",
        ["lenet_appendix_f.yaml: lenet_random: 'lenet_random' is in", "lenet.yaml already"],
    ),
    # Pieces that do not fit
    "rounds backwards": (
        LENET, "rounds: 1-28", "rounds: 28-1",
        ["lenet_imp_reinit.rounds: found '28-1': range 28-1 ends before it begins"],
    ),
    "rounds in words": (
        LENET, "rounds: 28", "rounds: many",
        ["lenet_imp.rounds: found 'many': should be a number such as 28 or a range"],
    ),
    "rounds that the mask's experiment lacks": (
        LENET, "rounds: 1-28", "rounds: 1-30",
        ["lenet_imp_reinit.arm.mask.experiment: 'lenet_imp' has the rounds 0-28, but 1-30 are"],
    ),
    "rounds beyond the shares": (
        LENET, "rounds: 39", "rounds: 40",
        ["lenet_oneshot.rounds: 0-40 needs 40 sizes, but arm.mask lists 39"],
    ),
    "chain that begins in the middle": (
        LENET, "rounds: 28", "rounds: 3-28",
        ["rounds: 3-28 leaves out round 0, which later rounds start from; should be 0-28"],
    ),
    "round of a figure": (
        FIGURES, "{experiment: lenet_imp, round: 3,", "{experiment: lenet_imp, round: 33,",
        ["main_text.yaml: fig03: round 33 of lenet_imp, which has the rounds 0-28"],
    ),
    "pruning at rate 0": (
        LENET, "pruning: {fc: 0.2, output: 0.1, scope: layer}", "pruning: {}",
        ["lenet_imp.pruning: the rate of every kind of layer that the network has"],
    ),
    "global pruning at two rates": (
        LENET, "scope: layer", "scope: global",
        ["lenet_imp.pruning: scope `global` needs one rate, found [0.1, 0.2]"],
    ),
    "fewer trials than are needed": (
        LENET, "  rounds: 1-28\n  replicates: 3", "  rounds: 1-28\n  trials: 6\n  replicates: 3",
        ["lenet_imp_reinit.arm.mask.experiment: 'lenet_imp' has 5 trials, but 6 are needed"],
    ),
    "masks of another architecture": (
        LENET, REINIT, "mask: {source: of, experiment: lenet_size_25-9}",
        ["lenet_imp_reinit.arm.mask.experiment: 'lenet_size_25-9' has another architecture"],
    ),
    "continuing without a chain": (
        LENET, "mask: {source: random}\n    weights: {source: original}",
        "mask: {source: random}\n    weights: {source: continue}",
        ["lenet_random.arm.weights.source: `continue` needs the mask source `imp`"],
    ),
    "rounds that a pool cannot read": (
        "experiments/peers_pools.yaml", "last: 28", "last: 40",
        ["lenet_pool.arm.mask.experiment: 'lenet_imp' has the rounds 0-28, but 0-32 are needed"],
    ),
    "pooled weights under another mask": (
        "experiments/peers_pools.yaml", "mask: {source: pool, experiment: lenet_imp, last: 28}",
        "mask: {source: imp}", ["lenet_pool.arm.weights.source: `pool` needs the mask source"],
    ),
    "teacher that is no experiment": (
        DISTILLED, "{experiment: lenet_imp, alpha: 0.5", "{experiment: lenet_impp, alpha: 0.5",
        ["lenet_distilled.arm.distillation.experiment: no experiment is called 'lenet_impp'"],
    ),
    "teacher of another architecture": (
        DISTILLED, "{experiment: lenet_imp, alpha: 0.5", "{experiment: conv2_imp, alpha: 0.5",
        ["lenet_distilled.arm.distillation.experiment: 'conv2_imp' has another architecture"],
    ),
    "teacher that is not trained": (
        DISTILLED, "{experiment: lenet_imp, alpha: 0.5", "{experiment: lenet_random, alpha: 0.5",
        ["lenet_distilled.arm.distillation.experiment: 'lenet_random' has the rounds 1-28"],
    ),
    "share of the labels above 1": (
        DISTILLED, "alpha: 0.5", "alpha: 1.5", ["lenet_distilled.arm.distillation.alpha"],
    ),
    "distillation of images that change": (
        DISTILLED, "extends: lenet_imp", "extends: resnet18_lr0.1",
        ["lenet_distilled.arm.distillation: needs training.augmentation `none`"],
    ),
    "distillation while pruning": (
        DISTILLED, "mask: {source: of, experiment: lenet_imp}\n    weights: {source: original}\n"
        "    distillation: {experiment: lenet_imp, alpha: 0.5",
        "mask: {source: gradual, schedule: cubic, end: 0.8, steps: 4}\n"
        "    weights: {source: original}\n    distillation: {experiment: lenet_imp, alpha: 0.5",
        ["lenet_distilled.arm.distillation: should be left out, since the mask source `gradual`"],
    ),
    "part that is no experiment": (
        "experiments/peers_colt.yaml", "parts: [colt_0to4, colt_5to9]",
        "parts: [colt_0to4, colt_5to8]",
        ["colt_0to4.arm.mask.parts.1: no experiment is called 'colt_5to8'"],
    ),
    "end of a line that is no experiment": (
        "experiments/peers_connectivity.yaml", "second: lenet_imp_again", "second: lenet_again",
        ["lenet_imp_between.arm.weights.second: no experiment is called 'lenet_again'"],
    ),
    "pool that does not divide": (
        CONV2, "{type: max_pool, size: 2}", "{type: max_pool, size: 3}",
        ["conv2.yaml: layer 3 (max_pool): a pool of 3x3 does not divide 32x32"],
    ),
    "even kernel without padding": (
        CONV2, "filters: 64}", "filters: 64, kernel: 4}",
        ["conv2.yaml: layers.0: padding: a kernel of 4 is even, so it has to be given"],
    ),
    "padding of nothing but zeros": (
        CONV2, "filters: 64}", "filters: 64, kernel: 5, padding: 5}",
        ["conv2.yaml: layers.0: padding: found 5, should be less than the kernel, 5"],
    ),
    "kernel larger than the image": (
        CONV2, "filters: 64}", "filters: 64, kernel: 37, padding: 2}",
        ["conv2.yaml: layer 1 (conv): a kernel of 37x37 does not fit into 32x32 with a padding"],
    ),
    "pool after an odd size": (
        CONV2, "filters: 64}", "filters: 64, kernel: 4, padding: 1}",
        ["conv2.yaml: layer 3 (max_pool): a pool of 2x2 does not divide 31x31"],
    ),
    "activation": (
        CONV2, "input:", "activation: relv\ninput:",
        ["conv2.yaml: activation: found 'relv'; did you mean 'relu'?",
         "Valid: elu, gelu, relu, sigmoid, tanh"],
    ),
    "another activation for XOR": (
        "xor.yaml", "architecture: xor_10",
        "architecture: {input: [2], activation: tanh, layers: [{type: dense, units: 9}],"
        " classes: 1}",
        ["xor.yaml: experiments.v1_xor_dense_10: architecture: should have ReLU and no batch norm"],
    ),
    "convolution after a dense layer": (
        CONV2, "  - {type: conv, filters: 64}", "  - {type: dense, units: 9}\n"
        "  - {type: conv, filters: 64}",
        ["conv2.yaml: layer 2 (conv): needs an image (channels, height, width)"],
    ),
    "architecture for other data": (
        LENET, "architecture: lenet_300_100", "architecture: conv2",
        ["lenet_imp.architecture.input: [3, 32, 32] does not fit mnist, whose examples are [784]"],
    ),
    "outputs that are no classes": (
        LENET, "architecture: lenet_300_100",
        "architecture: {input: [784], layers: [], classes: 7}",
        ["lenet_imp.architecture.classes: found 7, but mnist has 10 classes"],
    ),
    "stride that does not fit": (
        "architectures/resnet18.yaml", "filters: 32, stride: 2", "filters: 32, stride: 3",
        ["resnet18.yaml: layer 5 (residual): a stride of 3 does not divide 32x32"],
    ),
    "rate of a layer that the network lacks": (
        LENET, "pruning: {fc: 0.2, output: 0.1,", "pruning: {fc: 0.2, output: 0.1, conv: 0.1,",
        ["lenet_imp.pruning.conv: found 0.1, but the network has only layers of the kinds fc, out"],
    ),
    "rate of a layer that the network of a sweep lacks": (
        APPENDIX_G, "{fc: 0.4, output", "{shortcut: 0.4, output",
        ["lenet_rate.sweep.0.4.pruning.shortcut: found 0.4, but the network has only"],
    ),
    # What would hang, eat the memory or leave nothing
    "validation of all examples": (
        "datasets/mnist.yaml", "validation: 5000", "validation: 60000",
        ["mnist.yaml: validation: found 60000, should be from 1 to 59999 of the 60000 training"],
    ),
    "validation that chance may leave empty": (
        "datasets/mnist.yaml", "validation: 5000", "validation: 20\nclasses: [3, 5]",
        ["mnist.yaml: validation: found 20, should be from 150 to 59850"],
    ),
    "network too large for any memory": (
        CONV2, "units: 256", "units: 99999999", ["conv2.yaml: found 1,6", "1,000,000,000 at most"],
    ),
    "rounds too many": (LENET, "rounds: 28", "rounds: 999", ["lenet_imp.rounds", "300 at most"]),
    "trials too many": (LENET, "trials: 5", "trials: 1000000", ["lenet_imp.trials", "10000"]),
    "truncation that never ends": (
        APPENDIX_G, "{distribution: normal, std: 0.0125}",
        "{distribution: normal, std: 0.0125, truncate: 1e-9}",
        ["initialisation.truncate: found 1e-09: should be greater than or equal to 0.01"],
    ),
    "empty image": (CONV2, "input: [3,", "input: [0,", ["conv2.yaml: input.0: found 0"]),
    "pruning only layers that the network lacks": (
        LENET, "pruning: {fc: 0.2, output: 0.1, scope: layer}", "pruning: {conv: 0.0}",
        ["the rate of every kind of layer that the network has (fc, output) is 0"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_refused(case: str, config: Path, edit) -> None:
    file, old, new, expected = CASES[case]
    edit(file, old, new)
    with pytest.raises(ConfigError) as caught:
        load(config)
    message = str(caught.value)
    assert file.rsplit("/", 1)[-1] in message
    for words in expected:
        assert words in message


def test_untouched_copy_is_right(config: Path) -> None:
    assert load(config).experiments


def test_a_mistyped_key_is_told_before_what_is_missing_without_it(config: Path) -> None:
    (config / "experiments/own.yaml").write_text("own: {extnds: lenet_imp, description: Ours.}\n")
    with pytest.raises(ConfigError) as error:
        load(config)
    line = str(error.value).splitlines()[0]
    assert "own.yaml: own.extnds: this key is unknown; did you mean 'extends'? Valid: " in line


def test_unknown_data_set_file(config: Path) -> None:
    (config / "datasets/minst.yaml").write_text((config / "datasets/mnist.yaml").read_text())
    with pytest.raises(ConfigError, match=r"minst\.yaml: no data set .* did you mean 'mnist'"):
        load(config)


def test_a_variant_of_an_unknown_data_set(config: Path) -> None:
    (config / "datasets/minst_l2.yaml").write_text((config / "datasets/mnist_l2.yaml").read_text())
    with pytest.raises(ConfigError, match=r"minst_l2\.yaml: no data set .* did you mean 'mnist'"):
        load(config)


def test_missing_file(config: Path) -> None:
    (config / "axes.yaml").unlink()
    with pytest.raises(ConfigError, match=r"axes\.yaml: there is no such file"):
        load(config)


def test_all_mistakes_of_a_block_are_told_at_once(config: Path, edit) -> None:
    edit("architectures/conv2.yaml", "type: conv, filters: 64", "type: conv, filtres: 64")
    edit("architectures/conv2.yaml", "classes: 10", "classes: 0")
    with pytest.raises(ConfigError) as caught:
        load(config)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3 and all("conv2.yaml: " in line for line in lines)


INTEGERS = ["1:28", "017", "0o17", "0x1F", "1_0", "yes", "true", ".inf", ".nan", "5.0", "1e3"]
INTEGERS += ["~", "2026-01-01", "9" * 20, "9" * 5000]
NUMBERS = ["1:28.5", "017", "0o17", "0x1F", "1_0.5", "on", "true", ".inf", "-.inf", ".nan"]
NUMBERS += ["!!float .inf", "1.0e+400", "1e400", "1e-400", "9" * 400]


@pytest.mark.parametrize("written", INTEGERS)
@pytest.mark.parametrize("key", ["trials: 5", "batch_size: 60", "rounds: 28"])
def test_what_is_no_integer_to_the_eye_is_refused(key: str, written: str, config, edit) -> None:
    name = key.partition(":")[0]
    edit(LENET, key, f"{name}: {written}")
    with pytest.raises(ConfigError, match=rf"lenet\.yaml: lenet_imp\.[a-z.]*{name}: found"):
        load(config)


@pytest.mark.parametrize("written", NUMBERS)
@pytest.mark.parametrize(
    ("file", "key"), [(LENET, "learning_rate: 1.2e-3"), ("figures/version_2018.yaml", "width: 6\n")]
)
def test_what_is_no_number_to_the_eye_is_refused(file, key, written, config, edit) -> None:
    name = key.partition(":")[0]
    edit(file, key, f"{name}: {written}\n")
    with pytest.raises(ConfigError, match=rf"{file}: [\w.]+\.{name}: found"):
        load(config)


@pytest.mark.parametrize(("written", "value"), [("1e-3", 1e-3), ("1.e-3", 1e-3), (".5", 0.5)])
def test_numbers_are_what_they_look_like(written: str, value: float, config, edit) -> None:
    edit(LENET, "learning_rate: 1.2e-3", f"learning_rate: {written}")
    assert load(config).paper_experiments["lenet_imp"].training.learning_rate == value


def test_keys_and_text_are_as_they_are_written(config: Path) -> None:
    (config / "experiments/mine.yaml").write_text(
        "no:\n  extends: lenet_imp\n  description: 1:28\n"
        "  sweep:\n    0.10: {}\n    1e-3: {}\n    017: {}\n"
    )
    experiments = load(config, {"scale": "paper"}).experiments
    assert {"no_0.10", "no_1e-3", "no_017"} <= set(experiments)
    assert experiments["no_017"].description == "1:28"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"mine:\n\textends: lenet_imp\n", "mine.yaml, line 2: .* indented with spaces"),
        (b"mine:\n  description: caf\xe9\n", "mine.yaml: .* save it as UTF-8"),
        (b"mine:\n  description: 2: a\n", "mine.yaml, line 2: .* with a colon .* needs quotes"),
        (b"mine:\n    trials: 2\n  seed: 1\n", "mine.yaml, line 3: .* the same indentation"),
        (b"mine:\n  trials: 2\n   seed: 1\n", "mine.yaml, line 3: .* the same indentation"),
        (b"mine: {trials: 2\n", "mine.yaml, line 2: .* a closing bracket is missing"),
        (b'mine: "a\n', "mine.yaml, line 2: .*a closing quote is missing"),
        (b"mine:\n  description: @home\n", "mine.yaml, line 2: .* needs quotes"),
        (b"mine:\n  description: *best*\n", "mine.yaml, line 2: .* needs quotes"),
        (b"mine:\n  description: !important\n", "mine.yaml, line 2: .* needs quotes"),
        (b"mine:1\n", "mine.yaml: should be a mapping .* with a space"),
    ],
)
def test_text_that_is_no_yaml(written: bytes, told: str, config: Path) -> None:
    (config / "experiments/mine.yaml").write_bytes(written)
    with pytest.raises(ConfigError, match=told):
        load(config)


@pytest.mark.parametrize(
    "file",
    ["experiments/mine.yml", "scales/mine.YAML", "mine.yaml", "experiments/mine/mine.yaml"]
    + ["figures/mine.yml", "figures.yaml"],
)
def test_a_file_that_is_not_read_is_named(file: str, config: Path) -> None:
    (config / file).parent.mkdir(exist_ok=True)
    (config / file).write_text("mine: {}\n")
    with pytest.raises(ConfigError, match=f"{file}: is not read"):
        load(config)


@pytest.mark.parametrize(
    "folder", ["", "experiments", "architectures", "datasets", "scales", "figures"]
)
def test_hidden_files_are_passed_over(folder: str, config: Path) -> None:
    (config / folder / ".x.yaml").write_text("[")
    (config / folder / ".x.yml").write_text("[")
    (config / folder / ".#lenet.yaml").symlink_to("me@host.1234:1")  # an editor's lock
    assert load(config).experiments


def test_all_wrong_files_are_told_at_once(config: Path, edit) -> None:
    edit(LENET, "optimizer: adam", "optimizer: adamx")
    edit(CONV2, "units: 256", "unit: 256")
    edit("scales/smoke.yaml", "trials: 1", "trails: 1")
    edit(FIGURES, "  columns: 2", "  colums: 2")
    edit("axes.yaml", "limits: [100, 0.089]", "limits: [100, 0]")
    edit("config.yaml", "scale: quick", "scale: 1")
    edit("datasets/cifar10.yaml", "validation: 5000", "validation: 50000")
    edit("experiments/vgg19.yaml", "batch_size: 64", "batch_size: many")
    edit("experiments/resnet18.yaml", "extends:", "extends: [")
    (config / "mine.yml").touch()
    with pytest.raises(ConfigError) as caught:
        load(config)
    lines = str(caught.value).splitlines()
    # Not what only names something that is wrong itself, or inherits it.
    assert sorted({line.partition(".y")[0].rpartition("/")[2] for line in lines}) == sorted(
        ["lenet", "conv2", "smoke", "main_text", "axes", "config"]
        + ["cifar10", "vgg19", "resnet18", "mine"]
    )
    assert len(lines) == 11  # two of conv2.yaml


def test_names_that_mean_nothing_are_told_with_all_else(config: Path, edit) -> None:
    edit(FIGURES, "  columns: 2", "  colums: 2")
    edit("figures/version_2018.yaml", "v1_xor_dense_6,", "v1_xor_dense_7,")
    edit("config.yaml", "scale: quick", "scale: quickly")
    with pytest.raises(ConfigError) as caught:
        load(config)
    files = [line.partition(".y")[0].rpartition("/")[2] for line in str(caught.value).splitlines()]
    assert sorted(files) == ["config", "main_text", "version_2018"]


# The weights of an experiment a, other experiments, and what is told.
CIRCLES = {
    "itself": (
        "{source: pretrained, experiment: a}", "",
        ["a.yaml: a.arm.weights.experiment: a -> a is circular"],
    ),
    "one end of a line": (
        "{source: between, first: a, second: lenet_imp}", "",
        ["a.yaml: a.arm.weights.first: a -> a is circular"],
    ),
    "another": (
        "{source: pretrained, experiment: b}",
        "b: {extends: a, arm: {mask: {source: imp}, weights: {source: pretrained, experiment: a}}}",
        ["is circular"],
    ),
    "a mask of its own": (
        "{source: original}",
        "b: {extends: a, arm: {mask: {source: of, experiment: b}, weights: {source: reinit}}}\n"
        "c: {extends: a, arm: {mask: {source: of, experiment: b}, weights: {source: reinit}}}",
        ["a.yaml: b.arm.mask.experiment: b -> b is circular",
         "a.yaml: c.arm.mask.experiment: 'b' takes its own mask from elsewhere"],
    ),
    "a teacher that is its own dense network": (
        "{source: original}, distillation: {experiment: a, alpha: 0.5, temperature: 2}", "", [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CIRCLES)
def test_arms_that_lead_back_to_themselves(case: str, config: Path) -> None:
    weights, others, told = CIRCLES[case]
    arm = f"{{mask: {{source: imp}}, weights: {weights}}}"
    text = f"a: {{description: a, extends: lenet_imp, arm: {arm}}}\n{others}\n"
    (config / "experiments/a.yaml").write_text(text)
    if not told:
        assert load(config).experiments["a"]
        return
    with pytest.raises(ConfigError) as caught:
        load(config)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(told)
    for line, words in zip(lines, told, strict=True):
        assert words in line


# Files, and how the lines that tell of them begin: nothing else is told.
SEVERAL = {
    "two mistyped experiments": (
        {"experiments/a.yaml": "a: {extends: lenet_ipm}\nb: {extends: lenet_onesho}\n"},
        ["a.yaml: a.extends: no experiment is called 'lenet_ipm'",
         "a.yaml: b.extends: no experiment is called 'lenet_onesho'"],
    ),
    "a wrong experiment, what names it, and a mistyped one": (
        {"experiments/a.yaml": "a: {extends: lenet_imp, trials: 0}\nb: {extends: a}\n"
         "c: {extends: lenet_imp, arm: {mask: {source: of, experiment: b},"
         " weights: {source: reinit}}}\n"
         "d: {extends: lenet_imp, arm: {mask: {source: of, experiment: lenet_impp},"
         " weights: {source: reinit}}}\n"},
        ["a.yaml: a.trials: found 0",
         "a.yaml: d.arm.mask.experiment: no experiment is called 'lenet_impp'"],
    ),
    "a wrong sweep and an experiment that extends one of its points": (
        {"experiments/a.yaml": "a: {extends: lenet_imp, sweep: {x: 1, y: {}}}\n"
         "b: {extends: a_y}\nc: {extends: a_z}\n"},
        ["a.yaml: a.sweep.x: found 1", "a.yaml: c.extends: no experiment is called 'a_z'"],
    ),
    "a file that cannot be read": (
        {"experiments/a.yaml": "a: [\n", "experiments/b.yaml": "b: {extends: a}\n"},
        ["a.yaml, line 2:"],
    ),
    "data of one's own and a variant": (
        {"datasets/mine.yaml": "validation: 0\nscaling: unit\n",
         "datasets/mine_l2.yaml": "validation: 5000\nscaling: l2\n",
         "datasets/minst_l2.yaml": "validation: 5000\nscaling: l2\n",
         "experiments/a.yaml": "a: {extends: lenet_imp, dataset: mine_l2}\n"
         "b: {extends: lenet_imp, dataset: minst_l2}\n"},
        ["mine.yaml: validation: found 0", "minst_l2.yaml: no data set is called 'minst'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SEVERAL)
def test_what_only_names_a_mistake_is_passed_over_and_no_other_name(
    case: str, config: Path
) -> None:
    files, expected = SEVERAL[case]
    for file, text in files.items():
        (config / file).write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(config)
    said = str(caught.value).replace(f"{config}/", "").splitlines()
    lines = [line.partition("/")[2] for line in said]
    assert len(lines) == len(expected), lines
    for line, beginning in zip(sorted(lines), sorted(expected), strict=True):
        assert line.startswith(beginning)


TINY = """
tiny:
  description: x
  extends: lenet_imp
  training: {batch_size: 128, drop_last: true}
"""


def test_batches_that_no_training_set_fills(config: Path) -> None:
    (config / "experiments/zz.yaml").write_text(TINY)
    assert load(config, {"scale": "paper"}).experiments["tiny"].training.drop_last
    with pytest.raises(ConfigError, match=r"zz\.yaml: tiny\.training\.drop_last: .* smoke .* 64 "):
        load(config, {"scale": "smoke"})


@pytest.mark.parametrize(
    ("dataset", "examples"),
    [("", 55000), ("share: 0.001", 55), ("classes: [0, 1]", 5500)],
)
def test_batches_of_part_of_a_data_set(dataset: str, examples: int, config: Path, edit) -> None:
    (config / "datasets/mnist_part.yaml").write_text(
        f"validation: 5000\nscaling: unit\n{dataset}\n"
    )
    for batch in (examples, examples + 1):
        text = TINY.replace("128", str(batch)) + "  dataset: mnist_part\n"
        (config / "experiments/zz.yaml").write_text(text)
        if batch == examples:
            load(config, {"scale": "paper"})
    with pytest.raises(ConfigError, match=f"there are {examples} training examples"):
        load(config, {"scale": "paper"})


@pytest.mark.parametrize(
    ("file", "source", "message"),
    [
        ("datasets/a+b.yaml", "datasets/mnist.yaml", "the name 'a+b' may have letters"),
        ("architectures/a b.yaml", CONV2, "the name 'a b' may have letters"),
        ("scales/my scale.yaml", "scales/quick.yaml", "the name 'my scale' may have letters"),
        ("scales/data.yaml", "scales/quick.yaml", "results/data/ is another folder"),
        ("scales/published.yaml", "scales/quick.yaml", "results/published/ is another folder"),
    ],
)
def test_names_that_cannot_be_those_of_files(
    file: str, source: str, message: str, config: Path
) -> None:
    (config / file).write_text((config / source).read_text())
    with pytest.raises(ConfigError, match=re.escape(f"{config / file}: {message}")):
        load(config)
