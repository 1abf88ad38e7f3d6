"""Making a published file again keeps what was there until it is made."""

import shutil
from pathlib import Path

import pytest

from lth_core.errors import Failure
from lth_core.jobs import figure
from lth_core.jobs.kind import Job, Written
from lth_core.provenance import manifest
from lth_core.publish.remake import remake
from tests.damage import DAMAGE, Damage
from tests.published.conftest import ROOT

FIGURES = ROOT / "results/published/paper/figures"
RECORD = "v1_tab2.manifest.json"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a published figure's manifest, beside its files; the checkout is where we are."""
    monkeypatch.chdir(ROOT)
    for file in FIGURES.glob("v1_tab2.*"):
        shutil.copy(file, tmp_path)
    return tmp_path / RECORD


def settings() -> Job:
    job: Job = manifest.read(FIGURES / RECORD)["settings"]
    return job


def test_a_figure_that_fails_stays_published(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its manifest, by which the next call would find it, is there as before."""
    before = path.read_bytes()

    def fail(job: object, out: Path) -> None:
        assert not path.exists()
        raise Failure("no more disk")

    monkeypatch.setattr(figure, "run", fail)
    with pytest.raises(Failure, match="no more disk"):
        remake("figure", settings(), path.parent)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_made_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, damage: Damage
) -> None:
    recorded = manifest.read(path)
    path.write_bytes(damage(path.read_bytes()))
    monkeypatch.setattr(figure, "run", lambda job, out: Written(recorded["outputs"]))
    monkeypatch.setattr(figure, "sign", lambda job, out, digest: None)
    assert remake("figure", settings(), path.parent)
    assert manifest.read(path) == recorded | {"code": manifest.read(path)["code"]}
    assert not remake("figure", settings(), path.parent)


def test_where_nothing_can_be_written_the_first_thing_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that what was there could not be written back either: it still is there."""

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise OSError(30, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match=f"Read-only file system: '{path}'"):
        remake("figure", settings(), path.parent)
