"""Notebooks are kept as sources: parameters first, nothing executed."""

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_hold_no_output(path: Path) -> None:
    cells = [c for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"]
    assert [cell["metadata"].get("tags") for cell in cells][0] == ["parameters"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
