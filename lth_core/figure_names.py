"""A figure's name in words, its chapter, and its place among all figures."""

import re
from collections.abc import Mapping

from lth_core.config.figure import is_own
from lth_core.partial import whole

# The paper's own headings.
_CHAPTERS = {
    "1": "1. Introduction",
    "2": "2. Winning Tickets in Fully-Connected Networks",
    "3": "3. Winning Tickets in Convolutional Networks",
    "4": "4. VGG and Resnet for CIFAR10",
    "B": "Appendix B. Iterative Pruning Strategies",
    "C": "Appendix C. Early Stopping Criterion",
    "D": "Appendix D. Training Accuracy for Lottery Tickets",
    "E": "Appendix E. Comparing Random Reinitialization and Random Sparsity",
    "F": "Appendix F. Examining Winning Tickets",
    "G": "Appendix G. Hyperparameter Exploration for Fully-Connected Networks",
    "H": "Appendix H. Hyperparameter Exploration for Convolutional Networks",
    "I": "Appendix I. Hyperparameter Exploration for VGG-19 and Resnet-18 on CIFAR10",
}
_V1 = "The 2018 version"
_OWN = "Figures of this project"


def heading(name: str) -> str:
    """Return what a figure is called: `v1_tab2` is "2018 version, Table 2"; of ours it says so."""
    if name != whole(name):
        return f"{heading(whole(name))}, in part"
    if is_own(name):
        own = name.removeprefix("fig")
        return f"Figure {own if own.isdigit() else name} (not in the paper)"
    version, kind, number = _parts(name)
    word = "Table" if kind == "tab" else "Figure"
    return f"{'2018 version, ' if version else ''}{word} {number}"


def chapter(name: str, section: str) -> str:
    """Return the chapter of a figure, from its section such as `G.3.1`."""
    if is_own(name):
        return _OWN
    if _parts(name)[0]:
        return _V1
    return _CHAPTERS.get(re.split(r"\W", section, maxsplit=1)[0], _OWN)


def place(name: str) -> tuple[str, str, int, str]:
    """Return what sorts figures into the order of the papers; ours stand between the two."""
    if is_own(name):
        return "", "own", 0, name
    version, kind, number = _parts(name)
    # The slides' tables (XOR) come before their figures.
    return version, "" if kind == "tab" else kind, number, name


def remarks(scale: Mapping[str, str]) -> list[str]:
    """Return what a figure says of its scale, as it is recorded: what is less, what is not run."""
    not_run = scale.get("not_run")
    found = [scale["note"], f"not run: {not_run}" if not_run else ""]
    return [remark for remark in found if remark]


def _parts(name: str) -> tuple[str, str, int]:
    """Return version, kind and number of a figure of the papers."""
    match = re.fullmatch(r"(v1_)?(fig|tab)(\d+)", whole(name))
    assert match is not None, f"{name} is of no paper"
    return match[1] or "", match[2], int(match[3])
