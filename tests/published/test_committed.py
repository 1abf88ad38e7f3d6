"""The results that are published: each is what it says, and can be drawn again."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from lth_core.claims.verdict import VERDICTS
from lth_core.cli import app
from lth_core.config.claim_files import load_claims
from lth_core.figures.embed import content_digest
from lth_core.files import sha256_file
from lth_core.jobs.kind import code_of, planned
from lth_core.provenance import manifest
from lth_core.publish.page import PAGE, page
from tests.projects import plan_at
from tests.published.conftest import ROOT

PUBLISHED = ROOT / "results" / "published"
FIGURES = sorted(PUBLISHED.glob("*/figures/*.manifest.json"))
CLAIMS = "claims.manifest.json"
RECORDS = [*FIGURES, *sorted(PUBLISHED.glob(f"*/{CLAIMS}"))]
NAMES = [path.relative_to(ROOT).as_posix() for path in RECORDS]


def scale_of(record: Path) -> str:
    return record.relative_to(PUBLISHED).parts[0]


def audited() -> Iterator[Any]:
    """Yield all records. Of a scale's figures with the same notebook all but the first are long."""
    seen = set()
    for path, name in zip(RECORDS, NAMES, strict=True):
        spec = manifest.read(path)["settings"].get("spec", {})
        kind = (scale_of(path), spec.get("notebook"))
        yield pytest.param(name, marks=[pytest.mark.long] if kind in seen else [])
        seen.add(kind)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(audited()))
def test_it_is_proven_down_to_the_data(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be of an older commit; nothing may be missing but what is known to be left out."""
    monkeypatch.chdir(ROOT)
    file = name.replace("manifest.json", "html" if name.endswith(CLAIMS) else "png")
    found = json.loads(CliRunner().invoke(app, ["audit", file, "--json"]).output)
    nodes = found["nodes"]
    assert {node["status"] for node in nodes} <= {"verified", "omitted", "foreign", "stale"}
    assert "plans no job" not in json.dumps(nodes), "of claims: though XOR's jobs pack their trials"
    kinds = {node["kind"] for node in nodes}
    assert "train" not in kinds or "dataset" in kinds


def test_a_point_of_a_comparison_leads_to_its_own_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of mask distances also rests on the runs that it compares with."""
    monkeypatch.chdir(ROOT)
    figure = "results/published/quick/figures/fig127.png"
    point = ["--why", "lenet_early_masks_10@40.1", "--panel", "mask_distance", "--json"]
    found = json.loads(CliRunner().invoke(app, ["audit", figure, *point]).output)
    assert found["agrees"] and len(found["runs"]) == 2
    for trial, run in enumerate(found["runs"]):
        assert f"/lenet_early_masks_10/round_04/trial_{trial}/" in run["job"]


@pytest.mark.parametrize("scale", sorted({scale_of(path) for path in FIGURES}))
def test_with_figures_are_the_verdicts_on_all_claims(scale: str) -> None:
    for source, file in (("paper", "claims.csv"), ("peers", "peers.csv")):
        rows = pd.read_csv(PUBLISHED / scale / file)
        assert list(rows["id"]) == list(load_claims(ROOT / "config" / source))
        assert set(rows["verdict"]) <= set(VERDICTS)


@pytest.mark.parametrize("name", NAMES)
def test_code_and_config_as_they_stand_made_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they have changed, `python -m lth_core.publish.redraw` makes it again."""
    monkeypatch.chdir(ROOT)
    recorded = manifest.read(ROOT / name)
    found = planned(plan_at(scale_of(ROOT / name)), name)
    assert found is not None
    assert json.loads(manifest.canonical_json(found[1])) == recorded["settings"]
    assert recorded["code"] == code_of(recorded["kind"], recorded["settings"])
    read = {path: digest for path, digest in recorded["inputs"].items() if "results/" not in path}
    assert read
    assert read == {path: sha256_file(ROOT / path) for path in read}


@pytest.mark.parametrize("name", NAMES)
def test_what_it_left_is_there(name: str) -> None:
    """All but the executed notebook of a figure."""
    for output, digest in manifest.read(ROOT / name)["outputs"].items():
        file, _, shown = output.partition(":")
        path = (ROOT / name).parent / file
        if path.suffix != ".ipynb":
            assert (content_digest(path) if shown else sha256_file(path)) == digest, file


@pytest.mark.skipif(not RECORDS, reason="no figure is published")
def test_the_page_lists_what_is_there() -> None:
    assert (PUBLISHED / PAGE).read_text(encoding="utf-8") == page(PUBLISHED)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(not RECORDS, reason="no figure is published")
def test_drawn_again_they_have_the_same_bytes(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Snakefile", tmp_path)
    for name in ("lth_core", "notebooks", "config", "rules", "results/published"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    before = _files(tmp_path)
    (tmp_path / "results" / "published" / PAGE).unlink()
    command = [sys.executable, "-m", "lth_core.publish.redraw"]
    subprocess.run(command, cwd=tmp_path, check=True, env={"PYTHONPATH": str(tmp_path)})
    assert _files(tmp_path) == before


def _files(root: Path) -> dict[str, str]:
    published = root / "results" / "published"
    files = [path for path in published.rglob("*") if path.is_file()]
    return {str(path.relative_to(published)): sha256_file(path) for path in files}
