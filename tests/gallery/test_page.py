"""The gallery's page: what is on it, in which order, and that it stands alone."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from lth_core.figure_names import chapter, heading, place
from lth_core.files import sha256_file
from tests.gallery.conftest import FIGURES, build


class Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text(results: Path) -> str:
    return (results / "gallery.html").read_text()


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_figure_has_a_card(page: Page) -> None:
    names = [card["id"] for card in page.all("article")]
    assert sorted(names) == sorted(FIGURES)


def test_pictures_say_what_they_show(page: Page, results: Path) -> None:
    pictures = page.all("img")
    assert len(pictures) == len(list((results / "figures").glob("*.png")))
    for picture in pictures:
        assert len(str(picture["alt"])) > 60
        assert int(str(picture["width"])) > 100 < int(str(picture["height"]))


def test_links_lead_to_files_beside_the_page(page: Page, results: Path) -> None:
    links = [str(link["href"]) for link in page.all("a")]
    files = [link for link in links if not link.startswith("#")]
    assert files
    for link in files:
        assert not re.match(r"[a-z]+:|/", link)
        assert (results / unquote(link)).is_file(), link
    ids = {str(attributes["id"]) for _, attributes in page.elements if "id" in attributes}
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_nothing_comes_from_elsewhere(text: str, page: Page) -> None:
    assert page.all("script") == []
    assert "//" not in text
    assert "url(" not in text and "@import" not in text


def test_what_is_not_built_says_so(text: str, results: Path) -> None:
    missing = set(FIGURES) - {path.stem for path in (results / "figures").glob("*.png")}
    assert text.count("Not built yet.") == len(missing)
    for name in missing:
        assert f"snakemake --cores 2 --config scale=quick -- {name}</code>" in text


def test_scale_and_manifest_are_named(text: str, results: Path) -> None:
    manifest = results / "figures/fig04.manifest.json"
    note = json.loads(manifest.read_text())["settings"]["scale"]["note"]
    card = text.split('<article id="fig04"')[1].split("</article>")[0]
    assert f"Scale <strong>quick</strong>: {note}" in card
    assert sha256_file(manifest)[:16] in card


def test_claims_stand_beside_their_figures(text: str) -> None:
    card = text.split('<article id="fig04"')[1].split("</article>")[0]
    assert "2 claims: 1 reproduced, 1 not run" in card
    assert "Tickets learn faster &amp; &lt;better&gt;." in card
    assert "0.3512 [0.3, 0.4] <small>n = 5</small>" in card
    assert '<strong class="not-run">not run</strong>' in card
    assert "<td>– <small>" in card and "nan" not in card
    assert "Of the 3 statements about them: 2 reproduced, 1 not run" in text


def test_claims_of_other_systems_stand_beside_their_figures(text: str) -> None:
    card = text.split('<article id="fig111"')[1].split("</article>")[0]
    assert "1 claim: 1 reproduced" in card
    assert "266,200 <small>" in card


def test_the_manifest_names_what_the_page_was_made_of(results: Path) -> None:
    written = json.loads((results / "gallery.manifest.json").read_text())
    assert written["outputs"] == {"gallery.html": sha256_file(results / "gallery.html")}
    read = {"results/quick/figures/fig04.manifest.json", "results/quick/claims.manifest.json"}
    assert read < set(written["inputs"])
    assert not any(path.startswith("config/") for path in written["inputs"])
    assert written["settings"]["figures"]["fig04"]["title"] == FIGURES["fig04"].title


def test_the_same_results_give_the_same_page(results: Path, text: str) -> None:
    before = (results / "gallery.manifest.json").read_bytes()
    assert (build(results.parents[1]) / "gallery.html").read_text() == text
    assert (results / "gallery.manifest.json").read_bytes() == before


def test_without_claims_or_figures(tmp_path: Path) -> None:
    text = (build(tmp_path) / "gallery.html").read_text()
    total = len(FIGURES)
    assert f"<p>0 of {total} figures are built at scale quick. Curves in" in text
    assert text.count("Not built yet.") == total
    assert "<details>" not in text


def test_places() -> None:
    names = ["v1_fig01", "mine", "fig100", "fig10", "v1_tab2", "fig09", "v1_tab1"]
    ordered = ["fig09", "fig10", "fig100", "mine", "v1_tab1", "v1_tab2", "v1_fig01"]
    assert sorted(names, key=place) == ordered
    assert heading("v1_tab2") == "2018 version, Table 2"
    assert heading("fig04") == "Figure 4"
    assert heading("fig100") == "Figure 100 (not in the paper)"
    assert heading("mine") == "Figure mine (not in the paper)"
    assert chapter("fig28", "G.3.2").startswith("Appendix G.")
    assert chapter("fig02", "1 (table)") == "1. Introduction"
    assert chapter("v1_fig01", "v1, MNIST one-shot") == "The 2018 version"
    assert chapter("fig100", "2") == chapter("mine", "G.6") == "Figures of this project"
