"""Why two results differ."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lth_core.audit.compare import Pair, compare, same_results
from lth_core.audit.differences import Difference, differences, sentence
from lth_core.audit.graph import Graph
from lth_core.audit.load import load_graph
from lth_core.jobs.kind import TABLES
from tests.audit.conftest import job

Make = Callable[..., Path]
RUNS = "results/tiny/runs/net"


def graph(top: Path) -> Graph:
    return load_graph(top, top.parents[4])


def first(pairs: list[Pair]) -> dict[str, tuple[str, ...]]:
    return {pair.first.path: pair.own for pair in pairs if pair.is_first}


def test_the_same_work_elsewhere_differs_in_nothing(make: Make) -> None:
    one, other = graph(make("a")), graph(make("b"))
    assert compare(one, other) == []
    assert same_results(one, other)


def test_a_setting_is_named_where_it_first_matters(make: Make) -> None:
    pairs = compare(graph(make("a")), graph(make("b", rate=0.2)))
    text = "settings: training.learning_rate 0.1, then 0.2"
    roots = {f"{RUNS}/round_00/trial_{trial}/manifest.json" for trial in range(2)}
    assert first(pairs) == {root: (text,) for root in roots}
    assert [pair.own for pair in pairs if not pair.is_first].count((text,)) == 4
    assert pairs[-1].own == ()  # the table differs by its inputs only


def test_code_is_named(make: Make) -> None:
    pairs = compare(graph(make("a")), graph(make("b", code="2")))
    assert set(first(pairs).values()) == {("code: fingerprint 1, then 2",)}


@pytest.mark.parametrize("table", TABLES)
def test_tables_of_two_scales_are_paired(tmp_path: Path, table: str) -> None:
    found = []
    for scale in ("tiny", "small"):
        name = f"results/{scale}/{table}/net"
        path = job(tmp_path, name, "summary", {}, scale, []).relative_to(tmp_path).as_posix()
        figure = job(tmp_path, f"results/{scale}/figures/mine", "figure", {}, "1", [path])
        found.append(load_graph(figure, tmp_path))
    assert set(first(compare(*found)).values()) == {("code: fingerprint tiny, then small",)}


def test_one_more_trial(make: Make) -> None:
    pairs = compare(graph(make("a")), graph(make("b", trials=3)))
    (own,) = first(pairs).values()
    assert own == (
        "settings: trials 2, then 3",
        "inputs: 0 jobs only of the first, 3 only of the second",
    )


def test_other_bits_from_the_same_work(make: Make) -> None:
    one, other = make("a"), make("b")
    path = other.parents[4] / RUNS / "round_00/trial_0/manifest.json"
    out = graph(one).nodes[f"{RUNS}/round_00/trial_0/manifest.json"].outputs[0].recorded
    path.write_text(path.read_text().replace(out, "0" * 64))
    found = compare(graph(path), graph(one.parents[4] / path.relative_to(other.parents[4])))
    assert [pair.own for pair in found] == [
        ("outputs differ, though settings, code and inputs do not",)
    ]


def test_inputs_that_were_overwritten_since_are_said_to_be_gone(make: Make) -> None:
    one, other = make("a"), make("b", rate=0.2)
    path = f"{RUNS}/round_02/trial_0/manifest.json"
    (one.parents[4] / path).write_text((other.parents[4] / path).read_text())
    texts = [text for own in first(compare(graph(one), graph(other))).values() for text in own]
    assert any(f"{path}, as it was" in t and "not here any more" in t for t in texts)


def test_differences_are_the_innermost_keys() -> None:
    one = {"a": {"b": [1, 2], "c": None}, "same": 0}
    other = {"a": {"b": [1, 3], "d": "x"}, "same": 0}
    assert differences(one, other) == [
        Difference("a.b.1", 2, 3),
        Difference("a.c", None, "nothing"),
        Difference("a.d", "nothing", "x"),
    ]
    assert differences([1], [1, 2], "list") == [Difference("list", [1], [1, 2])]
    assert differences({"nan": 1}, {"nan": 1.0}) == []
    text = sentence([Difference("k", n, n + 1) for n in range(5)], "here", most=1)
    assert text == "k 0, here 1 and 4 more"
