"""What a notebook is told about its figure."""

import json
from pathlib import Path

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
