"""What a notebook is told about its figure."""

import json
from pathlib import Path

import pandas as pd
import pytest

from lth_core.config.errors import ConfigError
from lth_core.config.pruning_figures import PruningCurves
from lth_core.figures.inputs import Inputs, open_figure

CONFIG = str(Path(__file__).resolve().parents[2] / "config")


def opened(figure: str, spec: str = CONFIG) -> Inputs:
    return open_figure(PruningCurves, figure, spec, {}, None)


def test_captions_say_where_the_figure_is_from():
    assert opened("fig04").caption.endswith("(Section 2 of the paper.)")
    own = opened("fig100").caption
    assert own.startswith("## Figure 100 (not in the paper). ")
    assert own.endswith("(Not a figure of the paper; about its Section 2.)")
    first = opened("v1_fig04").caption
    assert first.endswith("(v1, MNIST iterative; numbering ours, in slide order; slides only.)")


def test_an_entry_may_come_from_a_manifest(tmp_path: Path):
    entry = opened("fig04").spec
    path = tmp_path / "fig04.manifest.json"
    path.write_text(json.dumps({"settings": {"spec": entry.model_dump(mode="json")}}))
    assert opened("fig04", str(path)).spec == entry


def test_patience_is_read_from_learning_curves(tmp_path: Path):
    """Of the runs of each experiment, whose lengths differ."""
    tables = {}
    for name, every in (("taoudi_imp", 100), ("taoudi_reinit", 200)):
        folder = tmp_path / name
        folder.mkdir()
        run = {"experiment": name, "round": 1, "trial": 0, "replicate": 0}
        accuracies = [0.1, 0.9, *[0.8] * 18]
        curves = [run | {"iteration": every * (i + 1), "split": "validation", "accuracy": accuracy}
                  for i, accuracy in enumerate(accuracies)]  # fmt: skip
        pd.DataFrame([run]).to_parquet(folder / "summary.parquet")
        pd.DataFrame(curves).to_parquet(folder / "curves.parquet")
        tables[name] = str(folder)
    runs = open_figure(PruningCurves, "fig122", CONFIG, tables, None).runs()
    assert runs.set_index("experiment")["patience_iteration"].to_dict() == {
        "taoudi_imp": 1200, "taoudi_reinit": 2400,
    }  # fmt: skip


def test_a_figure_of_another_notebook_is_refused():
    """As when somebody opens a notebook and types the name of another figure."""
    with pytest.raises(ConfigError, match=r"fig03 is drawn by another notebook: learning_curves"):
        opened("fig03")
