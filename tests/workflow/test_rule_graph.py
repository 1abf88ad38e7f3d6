"""docs/rule_graph.md shows the graph that Snakemake draws."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "rule_graph.md"


def test_the_page_shows_snakemakes_graph(checkout: Callable[[str], Any]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    command = re.search(r"^snakemake (.+)$", text, re.MULTILINE)
    assert command
    drawn = checkout("rule_graph").call(*command[1].split())
    names = dict(re.findall(r"^\s*(id\d+)\[(\w+)\]", drawn, re.MULTILINE))
    edges = re.findall(r"^\s*(id\d+) --> (id\d+)", drawn, re.MULTILINE)
    shown = re.findall(r"^ +(\w+) --> (\w+)$", text, re.MULTILINE)
    assert len(names) > 5
    assert sorted(shown) == sorted((names[one], names[other]) for one, other in edges)
