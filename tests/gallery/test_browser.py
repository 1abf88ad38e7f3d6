"""The gallery in a real browser, from a disk: no server, no network."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gallery import browser
from tests.gallery.browser import Browser
from tests.gallery.conftest import FIGURES

EXECUTABLE = browser.find()
pytestmark = pytest.mark.skipif(
    EXECUTABLE is None, reason="there is no Chromium (Debian: apt-get install chromium)"
)


@pytest.fixture(scope="module")
def opened(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that shows the gallery."""
    assert EXECUTABLE
    with Browser(EXECUTABLE, tmp_path_factory.mktemp("profile")) as window:
        yield window


@pytest.fixture
def gallery(opened: Browser, results: Path) -> Browser:
    opened.resize(1280, 900)
    opened.open((results / "gallery.html").as_uri())
    return opened


def test_all_figures_and_no_errors(gallery: Browser, results: Path) -> None:
    cards = gallery.evaluate("document.querySelectorAll('article').length")
    assert cards == len(FIGURES)
    loaded = gallery.evaluate("""
        Promise.all([...document.images].map(image => {
            image.loading = "eager";
            return image.decode().then(() => image.naturalWidth > 0, () => false);
        })).then(found => found.filter(Boolean).length)
    """)
    assert loaded == len(list((results / "figures").glob("*.png")))
    assert gallery.errors == []


def test_following_links(gallery: Browser) -> None:
    link = "document.querySelector('#fig04 .links a[href$=\"manifest.json\"]').href"
    url = gallery.evaluate(link)
    gallery.open(url)
    assert gallery.evaluate("location.href") == url
    assert '"figure": "fig04"' in gallery.evaluate("document.body.innerText")
    assert gallery.errors == []


def test_keyboard_alone(gallery: Browser) -> None:
    """The first stop skips to the figures; claims open with Enter."""
    gallery.press("Tab", 9)
    assert gallery.evaluate("document.activeElement.className") == "skip"
    gallery.press("Enter", 13)
    assert gallery.evaluate("location.hash") == "#figures"
    gallery.evaluate("document.querySelector('#fig04 summary').focus()")
    gallery.press("Enter", 13)
    assert gallery.evaluate("document.querySelector('#fig04 details').open") is True


def test_on_a_phone(gallery: Browser) -> None:
    gallery.resize(360, 640, phone=True)
    gallery.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert gallery.evaluate("document.documentElement.scrollWidth") <= 360
    assert gallery.evaluate("document.querySelector('img').clientWidth") <= 360
