"""Typed models of the paper's claims, and a reader of config/paper/claims/.

What the paper says (text, value, figures) is in config/paper/claims.csv; how it is checked is in
the YAML files beside it, which were written before any run.
"""

import csv
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, Strict, model_validator

from lth_core.config.block import Block
from lth_core.config.errors import ConfigError, unknown_name, validated
from lth_core.config.estimators import Statistic
from lth_core.config.files import named_files, read_mapping

# Keys of a statistic that name experiments.
_NAMING = ("experiment", "experiments", "rest", "dense", "reference")
_PATTERN = frozenset("*?[")
_TABLE = "claims.csv"
# Folders of config/: the statements of the paper, and of other systems.
SOURCES = ("paper", "peers")


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

    value: the paper's, a number or a few words. figures: that show it.
    """

    id: str
    section: str
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


def figure_claims(figure: str, folder: Path) -> list[dict[str, Any]]:
    """Return the claims of `folder` (config/paper) that name a figure, as JSON, in its order.

    Claim.model_validate reads them. Raises ConfigError, as `load_claims` does.
    """
    files = [folder / _TABLE, *_entry_files(folder)]
    written = tuple((path, path.stat().st_mtime_ns) for path in files)
    return [
        claim.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for claim in _load_once(folder, written).values()
        if figure in claim.figures
    ]


def all_claims(config: Path) -> list[Claim]:
    """Return the claims of all sources. Raises as `load_claims`."""
    return [claim for source in SOURCES for claim in load_claims(config / source).values()]


def load_claims(folder: Path) -> dict[str, Claim]:
    """Return the claims by id from `folder` (config/paper): claims.csv and claims/*.yaml.

    Raises ConfigError, with file and id, where a claim has no checks, two entries, or a text
    that is not the paper's.
    """
    table = folder / _TABLE
    with table.open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    entries: dict[str, Entry] = {}
    for path in _entry_files(folder):
        for name, written in read_mapping(path).items():
            entry = validated(Entry, path, written, name)
            if name not in rows:
                raise unknown_name(str(path), name, rows, "claim")
            if name in entries:
                raise ConfigError(f"{path}: {name}: this claim is in another file already")
            if entry.statement != rows[name]["statement"]:
                raise ConfigError(
                    f"{path}: {name}.statement: found {entry.statement!r}, {table} has"
                    f" {rows[name]['statement']!r}"
                )
            entries[name] = entry
    missing = sorted(rows.keys() - entries.keys())
    if missing:
        raise ConfigError(f"{folder / 'claims'}: no entry for {', '.join(missing[:10])}")
    return {name: _claim(row, entries[name]) for name, row in rows.items()}


@lru_cache(maxsize=1)
def _load_once(folder: Path, _: tuple[tuple[Path, int], ...]) -> dict[str, Claim]:
    """Return the claims, read once for all figures until a file changes."""
    return load_claims(folder)


def _entry_files(folder: Path) -> list[Path]:
    return list(named_files(folder / "claims").values())


def _claim(row: Mapping[str, str], entry: Entry) -> Claim:
    named = {key: row[key] for key in ("id", "section", "value", "unit")}
    return Claim(**named, figures=tuple(filter(None, row["figure"].split(";"))), entry=entry)


def _named(block: Any) -> list[str]:
    if isinstance(block, list):
        return [name for item in block for name in _named(item)]
    if not isinstance(block, Block):
        return []
    found = []
    for key, value in block:
        if key in _NAMING:
            found += [value] if isinstance(value, str) else list(value or [])
        else:
            found += _named(value)
    return found
