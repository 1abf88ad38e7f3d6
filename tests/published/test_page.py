"""The page of published figures."""

import json
from pathlib import Path

from lth_core.claims.page import counts
from lth_core.publish.page import page


def add(folder: Path, scale: str, name: str, note: str, **said: str) -> None:
    path = folder / scale / "figures" / f"{name}.manifest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    spec = {"title": f"Title of {name}", "caption": f"Caption of {name}."}
    settings = {"figure": name, "spec": spec, "scale": {"name": scale, "note": note, **said}}
    path.write_text(json.dumps({"settings": settings}))


def test_figures_stand_by_scale_the_papers_first(tmp_path: Path) -> None:
    add(tmp_path, "quick", "fig09", "2 of 5 trials")
    add(tmp_path, "paper", "fig15", "")
    add(tmp_path, "paper", "fig04", "")
    text = page(tmp_path)
    heads = [line for line in text.splitlines() if line.startswith(("## ", "### "))]
    assert heads == [
        "## Scale paper",
        "### Figure 4: Title of fig04",
        "### Figure 15: Title of fig15",
        "## Scale quick",
        "### Figure 9: Title of fig09",
    ]
    assert "Caption of fig09. 2 of 5 trials. ([numbers](quick/figures/fig09.csv)" in text
    assert "![Figure 4](paper/figures/fig04.png)" in text


def test_a_figure_in_part_says_what_was_not_run(tmp_path: Path) -> None:
    add(tmp_path, "quick", "fig04_partial", "2 of 5 trials", not_run="Random reinit")
    text = page(tmp_path)
    assert "### Figure 4, in part: Title of fig04_partial" in text
    assert "2 of 5 trials. Not run: Random reinit. ([numbers](quick/figures/fig04_partial" in text
    assert "snakemake --cores 2 --config scale=quick -- fig04\n" in text


def test_a_scale_says_how_its_claims_came_out(tmp_path: Path) -> None:
    add(tmp_path, "paper", "fig04", "")
    add(tmp_path, "quick", "fig04", "")
    assert "claims: " not in page(tmp_path)
    (tmp_path / "paper" / "claims.csv").write_text("id,verdict\na,not run\nb,reproduced\n")
    (tmp_path / "paper" / "claims.manifest.json").write_text("{}")
    text = page(tmp_path)
    said = f"{counts(['not run', 'reproduced'])} ([page](paper/claims.html), "
    assert said.startswith("2 claims: 1 reproduced, 0 inconclusive, 1 not run, 0 not reproduced")
    assert text.index("## Scale paper") < text.index(said) < text.index("## Scale quick")
