"""From config/xor.yaml to a figure, through Snakemake, in a private copy of the checkout."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from lth_core.figures.embed import read_metadata
from lth_core.files import sha256_file

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("Snakefile", "environment.yml", "config", "lth_core", "notebooks", "profiles", "rules")
SHOWN = ("v1_xor_dense_10", "v1_xor_iter_product")


def snakemake(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with two XOR experiments and one figure, which is built."""
    folder = tmp_path_factory.mktemp("xor")
    for source in SOURCES:
        path = ROOT / source
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, folder / source)
    config = yaml.safe_load((folder / "config/xor.yaml").read_text())
    config["experiments"] = {name: config["experiments"][name] for name in SHOWN}
    config["experiments"]["v1_xor_iter_product"]["pruning"]["units"] = [4, 2]
    config["scales"]["smoke"] = {"iterations": 3000, "trials": 20}
    (folder / "config/xor.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    table = yaml.safe_load((folder / "config/figures/version_2018.yaml").read_text())["v1_tab2"]
    table["rows"] = table["rows"][-1:]
    shutil.rmtree(folder / "config/figures")
    (folder / "config/figures").mkdir()
    (folder / "config/figures/table.yaml").write_text(yaml.safe_dump({"v1_tab2": table}))
    snakemake(folder, "--config", "scale=smoke", "--", "v1_tab2")
    return folder


@pytest.mark.slow
def test_the_figure_shows_the_table_and_carries_its_proof(project: Path) -> None:
    summary = pd.read_parquet(project / "results/smoke/tables/v1_xor_iter_product/summary.parquet")
    rates = 100 * summary.groupby("units")[["decision_boundary", "zero_loss"]].mean()
    drawn = pd.read_csv(project / "results/smoke/figures/v1_tab2.csv")
    assert len(drawn) == 6
    for row in drawn.itertuples():
        assert row.percent == pytest.approx(rates.loc[row.units, row.quantity])
    manifest = project / "results/smoke/figures/v1_tab2.manifest.json"
    note = json.loads(manifest.read_text())["settings"]["scale"]["note"]
    assert note == "3,000 of 10,000 iterations, 20 of 1,000 trials"
    embedded = read_metadata(project / "results/smoke/figures/v1_tab2.png")
    assert embedded["manifest"] == sha256_file(manifest)


@pytest.mark.slow
def test_equal_dense_runs_are_trained_once(project: Path) -> None:
    runs = {
        str(p.parent.relative_to(project)) for p in project.glob("results/smoke/runs/*/*/*/m*n")
    }
    assert runs == {
        "results/smoke/runs/v1_xor_dense_10/round_00/trials_0-19",
        "results/smoke/runs/v1_xor_iter_product/round_01/trials_0-19",
        "results/smoke/runs/v1_xor_iter_product/round_02/trials_0-19",
    }


@pytest.mark.slow
def test_only_what_a_key_reaches_is_done_again(project: Path) -> None:
    path = project / "config/xor.yaml"
    text = path.read_text()
    dry = ("-n", "--config", "scale=smoke", "--", "v1_tab2")
    try:
        assert "Training" not in snakemake(project, *dry)
        path.write_text(text.replace("tie_margin: 0.05", "tie_margin: 0.0"))
        output = snakemake(project, *dry)
        assert "Summing up v1_xor_iter_product" in output and "Training" not in output
        path.write_text(text.replace("score: product", "score: output"))
        output = snakemake(project, *dry)
    finally:
        path.write_text(text)
    assert re.findall("Training (.*)", output) == [
        f"v1_xor_iter_product, round 0{round_}, trials_0-19" for round_ in (1, 2)
    ]
