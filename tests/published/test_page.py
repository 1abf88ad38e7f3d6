"""The page of published figures."""

from pathlib import Path

import pytest

from lth_core.claims.page import counts
from lth_core.errors import Failure
from lth_core.provenance import manifest
from lth_core.publish.page import page
from tests.damage import DAMAGE, Damage


def add(folder: Path, scale: str, name: str, note: str, **said: str) -> None:
    path = folder / scale / "figures" / f"{name}.manifest.json"
    spec = {"title": f"Title of {name}", "caption": f"Caption of {name}."}
    settings = {"figure": name, "spec": spec, "scale": {"name": scale, "note": note, **said}}
    manifest.write(path, manifest.build("figure", settings, "1", {}, {}))


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


@pytest.mark.parametrize("name", ["figures/fig04.manifest.json", "masks/lenet_imp/manifest.json"])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_manifest_is_told(tmp_path: Path, name: str, damage: Damage) -> None:
    add(tmp_path, "quick", "fig04", "")
    masks = {"experiment": "lenet_imp", "runs": []}
    path = tmp_path / "quick/masks/lenet_imp/manifest.json"
    manifest.write(path, manifest.build("published_masks", masks, "1", {}, {}))
    assert "Masks: lenet_imp (0 runs, " in page(tmp_path)
    path = tmp_path / "quick" / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Failure, match=f"^{path} is no manifest, or damaged; get it back with"):
        page(tmp_path)
