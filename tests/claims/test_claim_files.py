"""The claims of all sources, read and checked at once; of one file see test_claims_yaml.py."""

import csv
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.config.check_claims import checked_claims
from lth_core.config.errors import ConfigError
from tests.projects import project_at

ROOT = Path(__file__).parents[2]
FILE, TABLE = "peers/claims/aksu.yaml", "peers/claims.csv"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of config/ in the current folder."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(ROOT / "config", tmp_path / "config")


def said() -> str:
    with pytest.raises(ConfigError) as raised:
        checked_claims(Path("config"), project_at("smoke"))
    return str(raised.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            FILE,
            "aksu_size_*",
            "aksu_sise_*",
            "aksu.yaml: p045: no experiment is called 'aksu_sise_*'",
        ),
        (TABLE, "p001,Zhou et al. 2019,", "p001,", f"{TABLE}, line 2: should have a value for"),
        (TABLE, "p002,", "p001,", f"{TABLE}, line 3: the id p001 is given twice"),
    ],
)
def test_a_wrong_claim(folder: Path, file: str, old: str, new: str, told: str) -> None:
    path = folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert told in said()


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    for file, old in ((FILE, "accept:"), ("peers/claims/colt.yaml", "checks:")):
        path = folder / file
        path.write_text(path.read_text().replace(old, f"x{old}"))
    told = said()
    for name in ("p045.checks.0.xaccept", "p046.checks.0.xaccept", "colt.yaml: p026.xchecks"):
        assert name in told


def test_without_a_table(folder: Path) -> None:
    (folder / TABLE).unlink()
    assert f"config/{TABLE}: there is no such file" in said()


@pytest.mark.parametrize(
    ("encoding", "comma", "told"),
    [
        ("utf-8-sig", ",", None),
        ("latin-1", ",", f"{TABLE}: invalid continuation byte: save it as UTF-8"),
        (
            "utf-8-sig",
            ";",
            f"{TABLE}, line 1: the columns id, section, statement, quantity, value,",
        ),
        ("utf-8", ";", "figure are missing; should name id, section, statement, quantity"),
    ],
)
def test_a_table_as_spreadsheets_save_it(
    folder: Path, encoding: str, comma: str, told: str | None
) -> None:
    path = folder / TABLE
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][-1] += " café"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=comma).writerows(rows)
    if told is None:
        assert list(checked_claims(Path("config"), project_at("smoke"))["peers"])[0] == "p001"
    else:
        assert told in said()


def test_the_command_tells_them(folder: Path) -> None:
    (folder / FILE).write_text("p045: {}\n")
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 1
    assert f"config/{FILE}: p045.statement: this key is missing" in " ".join(result.output.split())
