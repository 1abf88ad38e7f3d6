"""Reads the claims: a source's claims.csv says what is claimed, claims/*.yaml how it is checked.

Whether the config has what they name, check_claims.py checks, which notebooks do without.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from lth_core.config.claims import Claim, Entry, is_pattern, matching
from lth_core.config.errors import ConfigError, Errors, validated
from lth_core.config.files import named_files, read_mapping

# Folders of config/: the statements of the paper, and of other systems.
SOURCES = ("paper", "peers")
TABLE = "claims.csv"
# Those of its columns that are read.
_COLUMNS = ("id", "section", "statement", "quantity", "value", "unit", "figure")


def figure_claims(figure: str, folder: Path, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the claims of `folder` (config/paper) that name a figure, as JSON, in its order.

    Claim.model_validate reads them. names: experiments in the config's order; a pattern becomes
    those that it stands for, if any. Raises ConfigError, as `load_claims` does.
    """
    found = []
    for claim in load_claims(folder).values():
        if figure in claim.figures:
            written = claim.model_dump(mode="json", by_alias=True, exclude_unset=True)
            for check in written["entry"].pop("checks", []):
                written["entry"].setdefault("checks", []).extend(_named_checks(check, names))
            found.append(written)
    return found


def _named_checks(check: dict[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return a check without patterns: one check for each experiment that it is to hold of."""
    statistic = _named(check["statistic"], names)
    pattern = statistic.get("experiment", "")
    meant = matching([pattern], names) if is_pattern(pattern) else []
    copies = [{**statistic, "experiment": name} for name in meant] or [statistic]
    return [{**check, "statistic": copy} for copy in copies]


def _named(written: Any, names: Sequence[str]) -> Any:
    """Return part of a statistic with the `names` that patterns in its lists stand for."""
    if isinstance(written, dict):
        return {key: _named(value, names) for key, value in written.items()}
    if not isinstance(written, list):
        return written
    found: list[Any] = []
    for item in written:
        stands_for_others = isinstance(item, str) and is_pattern(item)
        found += (stands_for_others and matching([item], names)) or [_named(item, names)]
    return found


def all_claims(config: Path) -> list[Claim]:
    """Return the claims of all sources. Raises as `load_claims`."""
    return [claim for source in SOURCES for claim in load_claims(config / source).values()]


def load_claims(folder: Path) -> Mapping[str, Claim]:
    """Return the claims by id from `folder` (config/paper): claims.csv and claims/*.yaml.

    There are none where there is no such folder: a project may do without claims. Raises
    ConfigError, with file and id, where a claim has no checks, two entries, or a text that is not
    the paper's. They are read once, until a file changes.
    """
    return _read(folder).claims


def claim_file(folder: Path, claim: str) -> Path:
    """Return the file that says how a claim of `folder` is checked. Raises as `load_claims`."""
    return _read(folder).files[claim]


class _Read(NamedTuple):
    """Claims by id, and the files of their entries."""

    claims: Mapping[str, Claim]
    files: Mapping[str, Path]


def _read(folder: Path) -> _Read:
    if not folder.is_dir():
        return _Read({}, {})
    if not (folder / TABLE).is_file():
        raise ConfigError(f"{folder / TABLE}: there is no such file")
    files = [folder / TABLE, *_entry_files(folder)]
    return _load(folder, tuple((path.absolute(), path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=len(SOURCES))
def _load(folder: Path, _: tuple[tuple[Path, int], ...]) -> _Read:
    rows, errors = _rows(folder / TABLE), Errors()
    entries: dict[str, Entry] = {}
    files: dict[str, Path] = {}
    for path in _entry_files(folder):
        with errors.gathered():
            written = read_mapping(path)
            for name, value in written.items():
                with errors.gathered():
                    if name in entries:
                        raise ConfigError(f"{path}: {name}: this claim is in {files[name]} already")
                    entries[name] = _entry(path, name, value, rows, folder / TABLE)
                    files[name] = path
    errors.raise_found()
    missing = sorted(rows.keys() - entries.keys())
    if missing:
        raise ConfigError(f"{folder / 'claims'}: no entry for {', '.join(missing[:10])}")
    return _Read({name: _claim(row, entries[name]) for name, row in rows.items()}, files)


def _rows(table: Path) -> dict[str, dict[str, str]]:
    """Return the lines of claims.csv by id."""
    try:
        text = table.read_text(encoding="utf-8-sig")  # as spreadsheets write it, too
    except UnicodeDecodeError as error:
        raise ConfigError(f"{table}: {error.reason}: save it as UTF-8") from None
    rows: dict[str, dict[str, str]] = {}
    reader = csv.DictReader(StringIO(text, newline=""))
    columns = reader.fieldnames or ()
    missing = [column for column in _COLUMNS if column not in columns]
    if missing:
        raise ConfigError(
            f"{table}, line 1: the columns {', '.join(missing)} are missing; should name"
            f" {', '.join(_COLUMNS)}, with a comma between any two"
        )
    for row in reader:
        where = f"{table}, line {reader.line_num}"
        if None in row or None in row.values():
            raise ConfigError(f"{where}: should have a value for each of {', '.join(columns)}")
        if row["id"] in rows:
            raise ConfigError(f"{where}: the id {row['id']} is given twice")
        rows[row["id"]] = row
    return rows


def _entry(
    path: Path, name: str, value: Any, rows: Mapping[str, Mapping[str, str]], table: Path
) -> Entry:
    """Return how the claim called `name` is checked."""
    entry = validated(Entry, path, value, name)
    if name not in rows:
        raise ConfigError(f"{path}: {name}: {table} has no line with this id")
    if entry.statement != rows[name]["statement"]:
        raise ConfigError(
            f"{path}: {name}.statement: found {entry.statement!r}, {table} has"
            f" {rows[name]['statement']!r}"
        )
    return entry


def _entry_files(folder: Path) -> list[Path]:
    return list(named_files(folder / "claims").values())


def _claim(row: Mapping[str, str], entry: Entry) -> Claim:
    named = {key: row[key] for key in ("id", "section", "quantity", "value", "unit")}
    return Claim(**named, figures=tuple(filter(None, row["figure"].split(";"))), entry=entry)
