"""Typed models of the claims.

What the paper says (text, value, figures) is in config/paper/claims.csv; how it is checked is in
the YAML files beside it, which were written before any run at scale `paper`. Other systems' are in
config/peers/.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any, Self

from pydantic import Field, Strict, model_validator

from lth_core.config.block import Block
from lth_core.config.estimators import Statistic

# Keys of a statistic that name experiments.
NAMING = ("experiment", "experiments", "rest", "dense", "reference")
_PATTERN = frozenset("*?[")


def plain(number: float | None) -> str:
    """Return a number as a person writes it: 4,250,000 or 0.85."""
    if number is None:
        return ""
    return f"{number:,.0f}" if number == round(number) else f"{number:g}"


class Accept(Block):
    """The values of a statistic with which the claim holds."""

    between: Annotated[tuple[float | None, float | None], Strict(False)] | None = Field(
        None, description="Least and most, both included; null: no end."
    )
    above: float | None = Field(None, description="More than this.")
    below: float | None = Field(None, description="Less than this.")

    @model_validator(mode="after")
    def _one_given(self) -> Self:
        if [self.between, self.above, self.below].count(None) != 2:
            raise ValueError("should have one of the keys between, above and below")
        least, most = self.between or (0, 0)
        order = [end for end in (least, most) if end is not None]
        if not order or sorted(order) != order:
            raise ValueError("between should be [least, most], of which one may be null")
        return self

    def holds(self, value: float) -> bool:
        """Return whether a value is accepted."""
        if self.above is not None:
            return value > self.above
        if self.below is not None:
            return value < self.below
        least, most = self.between or (None, None)
        return (least is None or value >= least) and (most is None or value <= most)

    def excludes(self, low: float, high: float) -> bool:
        """Return whether no value from `low` to `high` is accepted: the region is an interval."""
        if self.holds(low) or self.holds(high):
            return False
        least, most = self.between or (None, None)
        return not (least is not None and most is not None and low < least and high > most)

    def __str__(self) -> str:
        if self.above is not None:
            return f"above {plain(self.above)}"
        if self.below is not None:
            return f"below {plain(self.below)}"
        least, most = self.between or (None, None)
        if least is None or most is None:
            return f"at least {plain(least)}" if most is None else f"at most {plain(most)}"
        return f"{plain(least)} to {plain(most)}" if least != most else f"exactly {plain(least)}"


class Check(Block):
    """One statistic and the values of it that the claim allows."""

    statistic: Statistic = Field(description="What is computed, named by `estimator`.")
    accept: Accept = Field(description="With which values the claim holds.")


class Entry(Block):
    """How a claim is checked: all its checks must hold."""

    statement: str = Field(description="The paper's claim, word for word as in claims.csv.")
    checks: list[Check] = Field([], description="The checks.")
    not_checkable: str | None = Field(None, description="Why no run can check it.")
    note: str = Field("", description="Choices that the claim leaves open.")

    @model_validator(mode="after")
    def _checks_or_reason(self) -> Self:
        if bool(self.checks) == (self.not_checkable is not None):
            raise ValueError("should have either `checks` or a reason in `not_checkable`")
        return self


class Claim(Block):
    """A claim of the paper: its row of claims.csv, and how it is checked.

    quantity: what is stated. value: the paper's, a number or a few words. figures: that show it.
    """

    id: str
    section: str
    quantity: str
    value: str
    unit: str
    figures: Annotated[tuple[str, ...], Strict(False)]
    entry: Entry

    @property
    def statement(self) -> str:
        """What the paper claims."""
        return self.entry.statement

    @property
    def experiments(self) -> list[str]:
        """Names and patterns of the experiments that its checks need."""
        return experiments_of([check.statistic for check in self.entry.checks])


def experiments_of(statistics: Any) -> list[str]:
    """Return the names and patterns of experiments anywhere in statistics, each once."""
    return list(dict.fromkeys(_named(statistics)))


def is_pattern(name: str) -> bool:
    """Return whether a name stands for several experiments."""
    return bool(_PATTERN & set(name))


def matching(patterns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return those of `names` that names or patterns stand for."""
    return [name for name in names if any(fnmatchcase(name, p) for p in patterns)]


def _named(block: Any) -> list[str]:
    if isinstance(block, list):
        return [name for item in block for name in _named(item)]
    if not isinstance(block, Block):
        return []
    found = []
    for key, value in block:
        if key in NAMING:
            found += [value] if isinstance(value, str) else list(value or [])
        else:
            found += _named(value)
    return found
