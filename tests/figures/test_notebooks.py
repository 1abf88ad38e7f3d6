"""Notebooks are kept as sources: parameters first, nothing executed; what they read is found."""

import json
from pathlib import Path

import pytest

from lth_core.files import nearby

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_hold_no_output(path: Path) -> None:
    cells = [c for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"]
    assert [cell["metadata"].get("tags") for cell in cells][0] == ["parameters"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_notebooks_read_is_found_from_their_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = json.loads(path.read_text())["cells"]
    [source] = [c["source"] for c in cells if "parameters" in c["metadata"].get("tags", ())]
    given: dict[str, object] = {}
    exec("".join(source), given)  # the notebook's own parameters
    monkeypatch.chdir(path.parent)
    for name in ("spec", "paper", "claims"):
        file = given[name]
        if isinstance(file, str) and not file.startswith("results/"):
            assert nearby(file).exists(), name
