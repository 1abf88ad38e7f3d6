"""What the entries of config/figures.yaml have in common, whatever their family."""

from collections.abc import Iterable
from typing import ClassVar, Literal, get_args

from pydantic import Field

from lth_core.config.block import Block

Colour = Literal[
    "blue", "orange", "green", "red", "purple", "brown", "pink", "grey", "olive", "cyan"
]
COLOURS: tuple[Colour, ...] = get_args(Colour)
Limits = tuple[float, float]
LAST_OF_THE_PAPER = 45  # the number of its last figure


def is_own(name: str) -> bool:
    """Whether a figure is in neither version of the paper, as its number tells: fig100."""
    number = name.removeprefix("fig")
    return number.isdigit() and int(number) > LAST_OF_THE_PAPER


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
    columns: int = Field(3, ge=1, description="Panels in a row.")
    width: float = Field(3.7, gt=0, description="Width of a panel in inches.")

    @property
    def experiments(self) -> list[str]:
        """Experiments whose tables the figure reads, each once."""
        return list(dict.fromkeys(self._experiments()))

    def _experiments(self) -> Iterable[str]:
        """What each family says of `experiments`, maybe repeatedly."""
        return ()


def colours_from(first: Colour, number: int) -> list[Colour]:
    """Return `number` colours in the order of the palette, from `first` on."""
    start = COLOURS.index(first)
    return [COLOURS[(start + step) % len(COLOURS)] for step in range(number)]
