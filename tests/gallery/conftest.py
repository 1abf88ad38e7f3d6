"""A gallery of the published figures, with some claims about them."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from lth_core.gallery.build import build

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "config/figures.yaml"

CLAIMS = [
    {
        "id": "c001", "statement": "Tickets learn faster & <better>.", "paper": "38 % earlier",
        "unit": "iterations", "observed": 0.3512345, "low": 0.3, "high": 0.4, "n": 5.0,
        "scale": "", "verdict": "reproduced", "reason": "all of it is allowed",
        "figures": "fig03;fig04",
    },
    {
        "id": "c002", "statement": "Reinitialised, they learn slower.", "paper": "slower",
        "unit": "", "observed": float("nan"), "low": None, "high": None, "n": None,
        "scale": "", "verdict": "not run", "reason": "no tables of lenet_imp_reinit",
        "figures": "fig04",
    },
]  # fmt: skip


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder results/ with the figures that are published, and the gallery of them."""
    folder = tmp_path_factory.mktemp("gallery") / "results"
    for scale in sorted((ROOT / "results/published").glob("*/figures")):
        shutil.copytree(scale, folder / "figures", dirs_exist_ok=True)
    for path in (folder / "figures").glob("*.manifest.json"):
        name = path.name.removesuffix(".manifest.json")
        # Not published, but a figure has it.
        (folder / f"figures/{name}.ipynb").write_text("{}")
    parquet.write_table(pa.Table.from_pylist(CLAIMS), folder / "claims.parquet")
    (folder / "claims.html").write_text("<!DOCTYPE html><title>Claims</title>")
    build(SPEC, folder / "figures", folder / "claims.parquet", "code", folder / "gallery.html")
    return folder
