"""The record of something made again."""

from pathlib import Path
from typing import Any

import pytest

from lth_core.provenance import manifest
from lth_core.published.record import standing

FIRST: dict[str, Any] = {
    "kind": "figure",
    "settings": {"figure": "fig04"},
    "inputs": {"a/manifest.json": "1", "notebooks/x.ipynb": "2"},
    "outputs": {"fig04.png:pixels": "3"},
    "code": "4",
    "environment": {"processor": "5"},
    "source": {"commit": "6", "dirty": False},
}


@pytest.mark.parametrize(
    ("change", "stands", "stands_with_same_code"),
    [
        ({"source": {"commit": "7"}, "environment": {"processor": "8"}}, True, True),
        ({"code": "5"}, True, False),
        ({"inputs": FIRST["inputs"] | {"notebooks/x.ipynb": "9"}}, True, False),
        ({"inputs": FIRST["inputs"] | {"config/x.yaml": "9"}}, True, False),
        ({"inputs": FIRST["inputs"] | {"a/manifest.json": "9"}}, False, False),
        ({"outputs": {"fig04.png:pixels": "4"}}, False, False),
        ({"settings": {"figure": "fig05"}}, False, False),
    ],
)
def test_the_first_record_stands_while_the_result_is_the_same(
    tmp_path: Path, change: dict[str, Any], stands: bool, stands_with_same_code: bool
) -> None:
    path = tmp_path / "manifest.json"
    manifest.write(path, FIRST)
    written = FIRST | change
    assert standing(path, written, same_code=False) == (FIRST if stands else written)
    assert standing(path, written, same_code=True) == (FIRST if stands_with_same_code else written)


def test_without_a_record_the_new_one_stands(tmp_path: Path) -> None:
    assert standing(tmp_path / "manifest.json", FIRST, same_code=True) == FIRST
