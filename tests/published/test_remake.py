"""Making a published file again keeps what was there until it is made."""

import shutil
from pathlib import Path

import pytest

from lth_core.errors import Failure
from lth_core.jobs import figure
from lth_core.provenance import manifest
from lth_core.publish.remake import remake
from tests.published.conftest import ROOT

RECORD = Path("figures") / "v1_tab2.manifest.json"


def test_a_figure_that_fails_stays_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its manifest, by which the next call would find it, is there as before."""
    monkeypatch.chdir(ROOT)
    shutil.copytree(ROOT / "results/published/paper/figures", tmp_path / "figures")
    path = tmp_path / RECORD
    before = path.read_bytes()

    def fail(job: object, out: Path) -> None:
        assert not path.exists()
        raise Failure("no more disk")

    monkeypatch.setattr(figure, "run", fail)
    with pytest.raises(Failure, match="no more disk"):
        remake("figure", manifest.read(path)["settings"], path.parent)
    assert path.read_bytes() == before
