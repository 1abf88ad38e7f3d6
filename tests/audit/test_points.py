"""Choosing a drawn point, and the lock's versions."""

from pathlib import Path

import pytest

from lth_core.audit.points import NoSuchPoint, Point, read_points, select
from lth_core.audit.repository import locked_versions

CSV = """panel,series,x,mean
a,net,100,1
a,net,51.28205128,2
b,net,51.28205128,3
b,net@51.3,2000,4
b,net@51.3,2100,5
"""


@pytest.fixture
def points(tmp_path: Path) -> list[Point]:
    (tmp_path / "fig.csv").write_text(CSV)
    return read_points(tmp_path / "fig.csv")


@pytest.mark.parametrize("text", ["net@51.3", "net@51.28", "net@51", "net@51.28205128"])
def test_a_position_may_be_rounded(points: list[Point], text: str) -> None:
    assert [row["mean"] for row in select(points, text, "b").rows] == ["3"]


def test_a_series_may_hold_an_at(points: list[Point]) -> None:
    assert [row["mean"] for row in select(points, "net@51.3@2100", None).rows] == ["5"]


def test_rounds_with_equally_many_weights_are_one_place(tmp_path: Path) -> None:
    (tmp_path / "fig.csv").write_text(CSV.replace("a,net,51.28205128,2", "a,net,100,2"))
    first, *_ = read_points(tmp_path / "fig.csv")
    assert [row["mean"] for row in first.rows] == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "panel", "message"),
    [
        ("net@51.3", None, "several panels: choose one with --panel: a, b"),
        ("net@51.3", "c", "no panel 'c'. There are: "),
        ("net@51.2", "a", "but at 100, 51.2821"),
        ("net", None, "should be SERIES@X"),
        ("other@100", None, "There are: net, net@51.3"),
    ],
)
def test_what_is_not_there(points: list[Point], text: str, panel: str | None, message: str) -> None:
    with pytest.raises(NoSuchPoint, match=message):
        select(points, text, panel)


def test_a_table_of_architectures_has_no_points(tmp_path: Path) -> None:
    (tmp_path / "fig02.csv").write_text("network,weights\nLenet,266610\n")
    with pytest.raises(NoSuchPoint, match="draws no points of runs; columns network, weights"):
        read_points(tmp_path / "fig02.csv")


def test_the_versions_of_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(
        "# comment\nnumpy==2.4.6 ; python_version < '3.12' \\\n    --hash=sha256:ab\n"
        "numpy==2.5.0 ; python_version >= '3.12' \\\n    --hash=sha256:cd\ntorch==2.9.0+cpu \\\n"
    )
    assert locked_versions(path) == {"numpy": {"2.4.6", "2.5.0"}, "torch": {"2.9.0"}}
    assert locked_versions(tmp_path / "none.txt") == {}
