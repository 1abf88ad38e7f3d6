"""Broken inputs are set aside, whoever else reads them, and nothing is lost."""

from pathlib import Path
from typing import Any

import pytest

from lth_core.files import sha256_file
from lth_core.jobs import inputs
from lth_core.jobs.inputs import BrokenInput, check_inputs
from lth_core.provenance import manifest
from tests.damage import DAMAGE, Damage

RUN = "runs/net/round_00/trial_0/manifest.json"
SHARED = "data/mnist.manifest.json"
PUBLISHED = "results/published/quick/tables/net/manifest.json"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make(name: str) -> dict[str, Any]:
    """Write a job's one file, with its manifest; return a job that reads it."""
    path = Path(name)
    file = path.with_name("out.bin")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"whole")
    manifest.write(path, manifest.build("train", {}, "1", {}, {file.name: sha256_file(file)}))
    return {"reads": {name: [file.name]}}


@pytest.mark.parametrize("name", [RUN, SHARED])
def test_what_was_set_aside_before_stays(name: str) -> None:
    for text in ("first", "second", "third"):
        job = make(name)
        Path(name).with_name("out.bin").write_text(text)
        with pytest.raises(BrokenInput, match=r"out.bin is not what .* set aside as .*\.broken;"):
            check_inputs(job)
    broken = [path for path in Path().rglob("*.broken*")]
    assert all(path.name.endswith(".broken") for path in broken), "else it would count as a run"
    files = [path / "out.bin" if path.is_dir() else path for path in broken]
    assert sorted(file.read_text() for file in files) == ["first", "second", "third"]


@pytest.mark.parametrize("name", [RUN, SHARED])
@pytest.mark.parametrize("at", [1, 2])
def test_another_job_may_set_it_aside_meanwhile(
    name: str, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """at: while the manifest is hashed, or the file."""
    job, path = make(name), Path(name)
    path.with_name("out.bin").write_text("broken")
    hashed = []

    def meanwhile(file: Path) -> str:
        hashed.append(sha256_file(file))
        if len(hashed) == at:
            path.parent.rename("taken")
        return hashed[-1]

    monkeypatch.setattr(inputs, "sha256_file", meanwhile)
    with pytest.raises(BrokenInput, match=f"^{name} is gone; call snakemake again"):
        check_inputs(job)
    assert Path("taken/out.bin").read_text() == "broken"


@pytest.mark.parametrize("name", [RUN, SHARED])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_manifest_is_set_aside(name: str, damage: Damage) -> None:
    job, path = make(name), Path(name)
    path.write_bytes(damage(path.read_bytes()))
    said = "is no manifest, or damaged. It has been set aside as"
    with pytest.raises(BrokenInput, match=rf"^{name} {said} \S*\.broken; call snakemake again"):
        check_inputs(job)
    assert not path.exists()
    (whole,) = Path().rglob("out.bin")
    assert whole.read_bytes() == b"whole"


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_git_has_a_damaged_manifest_that_is_published(damage: Damage) -> None:
    job, path = make(PUBLISHED), Path(PUBLISHED)
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    back = f"get it back with `git checkout {PUBLISHED}`"
    with pytest.raises(BrokenInput, match=f"^{PUBLISHED} is no manifest, or damaged; {back}"):
        check_inputs(job)
    assert path.read_bytes() == damaged
    path.unlink()
    with pytest.raises(BrokenInput, match=f"^{PUBLISHED} is gone; {back}"):
        check_inputs(job)
    path.with_name("out.bin").write_bytes(b"cut")
    manifest.write(path, manifest.build("summary", {}, "1", {}, {"out.bin": "0"}))
    with pytest.raises(
        BrokenInput, match=r"out.bin is not what .*; get it back with `git checkout"
    ):
        check_inputs(job)
    assert path.with_name("out.bin").read_bytes() == b"cut"


def test_what_is_whole_stays() -> None:
    job = make(RUN)
    assert check_inputs(job) == {RUN: sha256_file(Path(RUN))}
    assert not list(Path().rglob("*.broken"))
