"""Base of the entries of config/figures/*.yaml, whatever their family."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, Field

from lth_core.config.block import Block, Pair
from lth_core.partial import whole

Colour = Literal[
    "blue", "orange", "green", "red", "purple", "brown", "pink", "grey", "olive", "cyan"
]
COLOURS: tuple[Colour, ...] = get_args(Colour)
FARTHEST = 1e15  # that an axis reaches


def drawable(limits: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of an axis; raises ValueError where nothing lies between them."""
    if limits[0] == limits[1] or max(map(abs, limits)) > FARTHEST:
        raise ValueError(f"should be two numbers, not the same, up to {FARTHEST:g}")
    return limits


def _rising(limits: tuple[float, float]) -> tuple[float, float]:
    if limits[0] > limits[1]:
        raise ValueError("should be the lower end, then the upper")
    return limits


def _text(text: str) -> str:
    """Refuse what cannot be typeset, and labels that matplotlib leaves out of its legends."""
    if text.startswith("_"):
        raise ValueError("should not start with _")
    if "$" in text:
        from matplotlib.mathtext import MathTextParser

        try:
            MathTextParser("path").parse(text)
        except ValueError:
            raise ValueError("is not a formula; write a literal dollar sign as \\$") from None
    return text


def filling(*names: str) -> AfterValidator:
    """Return a validator of texts: {name} is filled in for each of `names`, and no other."""

    def check(text: str) -> str:
        formulas = r"\$[^$]*\$"  # their braces are TeX's
        unknown = sorted(set(re.findall(r"\{(\w+)\}", re.sub(formulas, "", text))) - set(names))
        if unknown:
            known = f"; valid: {', '.join(f'{{{name}}}' for name in names)}" if names else ""
            raise ValueError(f"{{{unknown[0]}}} is not filled in here{known}")
        return text

    return AfterValidator(check)


Limits = Annotated[Pair, AfterValidator(drawable), AfterValidator(_rising)]
_Typeset = Annotated[str, AfterValidator(_text)]
Text = Annotated[_Typeset, filling()]
PercentText = Annotated[_Typeset, filling("percent")]
SeriesText = Annotated[_Typeset, filling("point", "trial")]
AxisText = Annotated[_Typeset, filling("iterations", "at")]
# Figures 1 to 45, and of the version of 2018 Figures 1 to 11 and Tables 1 and 2.
_OF_THE_PAPER = r"fig(0[1-9]|[1-3]\d|4[0-5])|v1_fig(0[1-9]|1[01])|v1_tab[12]"


def is_own(name: str) -> bool:
    """Whether a figure is in neither version of the paper, as its name tells: fig100, mine."""
    return re.fullmatch(_OF_THE_PAPER, whole(name)) is None


class Figure(Block):
    """What every figure has, whatever its family.

    folder and files: what its family reads of each experiment, below the results of a scale.
    """

    folder: ClassVar[str] = "tables"
    files: ClassVar[tuple[str, ...]] = ("summary.parquet", "curves.parquet")
    section: str = Field(
        description="Section of the paper that shows the figure, or that one of your own is about."
    )
    title: str = Field(description="Heading of the figure, a few words.")
    caption: str = Field(description="What the figure shows, in one sentence.")
    columns: int = Field(3, ge=1, le=20, description="Panels in a row.")
    width: float = Field(3.7, ge=1, le=20, description="Width of a panel in inches.")

    @property
    def experiments(self) -> list[str]:
        """Experiments whose tables the figure reads, each once."""
        return list(dict.fromkeys(self._experiments()))

    @property
    def references(self) -> Iterable[str]:
        """Experiments that others are compared with."""
        return ()

    def _experiments(self) -> Iterable[str]:
        """What each family says of `experiments`, maybe repeatedly."""
        return ()


def named_once(panels: Sequence[Any]) -> None:
    """Refuse two panels of one name, by which their numbers are told apart."""
    given_once("panels", [f"the name {panel.name!r}" for panel in panels])


def given_once(where: str, items: Sequence[Any]) -> None:
    """Refuse two equal items, of which a figure would show one."""
    for number, item in enumerate(items):
        if item in items[:number]:
            raise ValueError(f"{where}: {item} is given twice")


def colours_from(first: Colour, number: int) -> list[Colour]:
    """Return `number` colours in the order of the palette, from `first` on."""
    start = COLOURS.index(first)
    return [COLOURS[(start + step) % len(COLOURS)] for step in range(number)]
