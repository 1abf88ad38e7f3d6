"""`lth crate`: what it packs is a valid RO-Crate, and can be audited on another machine."""

import getpass
import json
import os
import shutil
import socket
import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests_cache
import rocrate
from click.testing import Result
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from rocrate_validator.models import Severity, ValidationSettings
from rocrate_validator.services import validate
from typer.testing import CliRunner
from urllib3 import HTTPResponse

from lth_core.cli import app
from lth_core.figure_names import remarks
from lth_core.files import sha256_file

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

ROOT = Path(__file__).resolve().parents[2]
FIGURE = "results/tiny/figures/fig91.png"
RUN = "results/tiny/runs/net_imp/round_01/trial_0"
METRICS = "metrics.parquet"
METADATA = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
# rocrate carries the context of 1.3. In that of 1.1 these terms have other addresses; all other
# terms that these crates use are the same.
TERMS_OF_1_1 = {
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
    "output": "https://bioschemas.org/ComputationalWorkflow#output",
}
# What the profiles recommend and these crates do not have, on purpose: neither who nor when is
# recorded; the project has no address.
NOT_FOLLOWED = {
    "The Action SHOULD have an endTime in ISO 8601 format",
    "The Action SHOULD have an agent that is a Person or Organization",
    "The Application SHOULD have a url",
    "The SoftwareApplication id SHOULD be an absolute URI",
    "The organization SHOULD have a URL.",
}


class Carried(HTTPAdapter):
    """Answers every request with the context, as if it came from the network."""

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        document = json.loads((Path(rocrate.__file__).parent / "data/ro-crate.jsonld").read_text())
        document["@context"] |= TERMS_OF_1_1
        raw = HTTPResponse(
            body=BytesIO(json.dumps(document).encode()),
            headers={"Content-Type": "application/ld+json"},
            status=200,
            preload_content=False,
        )
        return self.build_response(request, raw)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The validator's cache, with the context in it: nothing else is asked for."""
    path = tmp_path_factory.mktemp("cache") / "http"
    session = requests_cache.CachedSession(str(path), backend="sqlite")
    session.mount("https://", Carried())
    session.get(CONTEXT)
    return path


def problems(
    crate: Path, cache: Path, severity: Severity, profile: str = "provenance-run-crate"
) -> set[str]:
    """Return what the validator finds, by a profile and all profiles below it."""
    settings = ValidationSettings(
        rocrate_uri=str(crate),
        profile_identifier=profile,
        requirement_severity=severity,
        cache_path=cache,
        offline=True,
    )
    return {str(issue.message) for issue in validate(settings).get_issues()}


def lth(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture(scope="module")
def source(built: "Project", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built project, with what else a whole checkout has."""
    folder = tmp_path_factory.mktemp("source") / "project"
    shutil.copytree(built.folder, folder, symlinks=True)
    for name in ("LICENSE", "CITATION.cff", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def crate(source: Path) -> Path:
    """The crate of a figure. Not to be changed."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(source)
        result = lth("crate", FIGURE)
    assert result.exit_code == 0, result.stderr
    return source / "results/tiny/crates/fig91.zip"


@pytest.fixture
def unpacked(crate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The crate unpacked elsewhere; work there."""
    folder = tmp_path / "elsewhere"
    with zipfile.ZipFile(crate) as archive:
        archive.extractall(folder)
    monkeypatch.chdir(folder)
    return folder


def entities(folder: Path) -> dict[str, dict[str, Any]]:
    graph = json.loads((folder / METADATA).read_text())["@graph"]
    return {entity["@id"]: entity for entity in graph}


@pytest.mark.slow
def test_the_validator_accepts_it(crate: Path, cache: Path) -> None:
    # Asked for recommendations it also finds what breaks a requirement.
    assert problems(crate, cache, Severity.RECOMMENDED) == NOT_FOLLOWED


@pytest.mark.slow
@pytest.mark.long
def test_the_validator_accepts_the_workflow_alone(cache: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(ROOT)
        result = lth("crate", "--workflow", "--out", str(tmp_path / "workflow.zip"))
    assert result.exit_code == 0, result.stderr
    found = problems(tmp_path / "workflow.zip", cache, Severity.RECOMMENDED, "workflow-ro-crate")
    assert found <= NOT_FOLLOWED
    with zipfile.ZipFile(tmp_path / "workflow.zip") as archive:
        names = set(archive.namelist())
    assert {"Snakefile", "README.md", "docs/cluster.md", "lth_core/jobs/train.py"} <= names
    assert not [name for name in names if name.startswith(("results/", ".", "tests/"))]


def test_a_figure_or_the_workflow(tmp_path: Path) -> None:
    for arguments in ([], ["--workflow", FIGURE]):
        result = lth("crate", *arguments, "--out", str(tmp_path / "a.zip"))
        assert result.exit_code == 2 and "name a figure, or give --workflow" in result.output


@pytest.mark.slow
@pytest.mark.long
def test_the_validator_would_refuse_it(unpacked: Path, cache: Path) -> None:
    metadata = json.loads((unpacked / METADATA).read_text())
    for entity in metadata["@graph"]:
        if entity["@id"] == f"#job/{RUN}":
            del entity["instrument"]
    (unpacked / METADATA).write_text(json.dumps(metadata))
    found = problems(unpacked, cache, Severity.REQUIRED)
    assert any("MUST have an instrument" in text for text in found)


def test_the_whole_says_what_the_figure_does(unpacked: Path) -> None:
    told = json.loads((unpacked / FIGURE).with_suffix(".manifest.json").read_text())["settings"]
    caption, remarked = told["spec"]["caption"], "".join(f" {r}." for r in remarks(told["scale"]))
    description = entities(unpacked)["./"]["description"]
    assert description.startswith(f"{caption}{remarked} Audit: ")
    assert entities(unpacked)["./"]["author"] == {"@id": "#author-1"}


def test_each_file_is_described(unpacked: Path) -> None:
    described = {
        name: entity for name, entity in entities(unpacked).items() if "File" in entity["@type"]
    }
    files = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert set(described) == files - {METADATA}
    for name, entity in described.items():
        if name != "README.md":
            assert entity["sha256"] == sha256_file(unpacked / name), name
    for name in (FIGURE, f"{RUN}/manifest.json", f"{RUN}/metrics.parquet", "config/config.yaml"):
        assert name in files
    assert not any(name.endswith(".safetensors") for name in files)


def test_each_job_is_an_action(unpacked: Path) -> None:
    known = entities(unpacked)
    jobs = {name: known[name] for name in known if name.startswith("#job/")}
    assert len(jobs) == 12
    job = jobs[f"#job/{RUN}"]
    used = {entity["@id"] for entity in job["object"]}
    parent = RUN.replace("round_01", "round_00")
    assert used == {"results/data/mnist.manifest.json", f"{parent}/manifest.json"}
    made = {entity["@id"] for entity in job["result"]}
    assert made == {f"{RUN}/{name}" for name in ("manifest.json", "context.json", METRICS)}
    assert job["instrument"]["@id"] == "lth_core/jobs/train.py"
    table = jobs["#job/results/tiny/tables/net_imp"]
    assert f"{RUN}/{METRICS}" in {entity["@id"] for entity in table["object"]}
    control = known[f"#control/{RUN}"]
    assert control["object"]["@id"] == f"#job/{RUN}"
    assert known[control["instrument"]["@id"]]["name"] == "rule train"
    assert len(known["#execution"]["object"]) == len(jobs)


def test_it_is_audited_elsewhere(unpacked: Path) -> None:
    result = lth("audit", FIGURE, "--json")
    nodes = json.loads(result.output)["nodes"]
    assert (result.exit_code, len(nodes)) == (1, 12)
    found = {node["kind"]: node["status"] for node in nodes}
    assert found["figure"] == found["summary"] == "foreign"  # made by no commit
    assert found["train"] == "missing"  # the weights
    gone = [reason for node in nodes for reason in node["reasons"] if "safetensors" in str(reason)]
    assert len(gone) == 2 * 8 + 1
    path = unpacked / RUN / "metrics.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    assert lth("audit", FIGURE).exit_code == 2


def test_with_weights_and_data_nothing_is_missing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source)
    assert lth("crate", FIGURE, "--weights", "--out", str(tmp_path / "all.zip")).exit_code == 0
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        archive.extractall(tmp_path / "all")
    data = "results/data/mnist.safetensors"
    os.symlink((source / data).resolve(), tmp_path / "all" / data)
    monkeypatch.chdir(tmp_path / "all")
    result = lth("audit", FIGURE, "--replay", "1", "--json")
    content = json.loads(result.output)
    reasons = str([node["reasons"] for node in content["nodes"]])
    assert "gone" not in reasons
    assert content["replay"]["jobs"][0]["outcome"] == "identical"


def test_it_tells_nothing_about_people_and_machines(source: Path, unpacked: Path) -> None:
    names = {str(source), str(ROOT), socket.gethostname(), getpass.getuser(), str(Path.home())}
    secrets = {name.encode() for name in names if len(name) > 5}  # shorter ones may be words
    for path in unpacked.rglob("*"):
        if path.is_file():
            assert not [secret for secret in secrets if secret in path.read_bytes()], path


@pytest.fixture
def changed(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, to be changed; work there."""
    shutil.copytree(source, tmp_path / "changed", symlinks=True)
    monkeypatch.chdir(tmp_path / "changed")
    return tmp_path / "changed"


def refused(file: str, text: str) -> None:
    result = lth("crate", file, "--out", "crate.zip")
    assert result.exit_code == 1
    assert text in result.stderr
    assert not Path("crate.zip").exists()


def test_what_is_not_packed(changed: Path) -> None:
    refused(RUN, "is of the kind train: crates are made of figures")
    notes = changed / "config/README.md"
    notes.write_text(f"My data are in {changed}/data.")
    refused(FIGURE, "names the folder")
    notes.unlink()
    handed = changed.parent / "handed"
    shutil.copytree(Path(FIGURE).parent, handed)
    for file in ("../handed/fig91.png", str(handed / "fig91.csv")):
        refused(file, "../handed/fig91.context.json lies outside")
    (changed / RUN / "metrics.parquet").write_bytes(b"")
    refused(FIGURE, "some files differ from the record")
