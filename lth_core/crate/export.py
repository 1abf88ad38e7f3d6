"""Writes RO-Crates 1.1: of a figure (Provenance Run Crate 0.5), or of the workflow alone (1.0)."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import yaml
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from lth_core.audit.report import Report
from lth_core.audit.status import Status
from lth_core.crate.actions import add_actions, link
from lth_core.crate.codemeta import authors
from lth_core.crate.files import check_private, media_type, result_files, workflow_files
from lth_core.crate.workflow import add_engine, add_workflow
from lth_core.errors import Failure
from lth_core.figure_names import remarks
from lth_core.files import atomic_path, sha256_file
from lth_core.jobs.kind import kinds
from lth_core.provenance import manifest

_VERSION = "1.1"  # of RO-Crate: what the profiles build on
_WORKFLOW = {"Workflow RO-Crate": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"}
_PROFILES = {
    "Process Run Crate": "https://w3id.org/ro/wfrun/process/0.5",
    "Workflow Run Crate": "https://w3id.org/ro/wfrun/workflow/0.5",
    "Provenance Run Crate": "https://w3id.org/ro/wfrun/provenance/0.5",
    **_WORKFLOW,
}
_SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"
_README = """\
# {name}

This folder is an RO-Crate: a figure, all that it was made of, and the workflow that made it.
`ro-crate-metadata.json` describes every file and job for programs.

{left_out}

When it was exported, the audit of the figure said: {status}. To repeat it, install what
`requirements.txt` lists and then this package (`pip install --no-deps .`), and call here

    lth audit {figure}

What is left out is `missing` then, which contradicts nothing.
"""


def export(report: Report, out: Path, weights: bool) -> list[str]:
    """Write the crate of an audited figure to the zip file `out`; return the names of its files.

    weights: with the weights and masks of all runs.

    Raises Failure where the audit found something changed, or where a file names folders of
    this machine.
    """
    graph = report.graph
    top = graph.nodes[graph.top]
    if report.status == Status.CHANGED:
        raise Failure(f"{report.found.file}: some files differ from the record; see lth audit")
    results = result_files(graph, weights)
    names = sorted({*workflow_files(graph.root), *results})
    check_private(graph.root, names)

    steps = dict.fromkeys(node.kind for node in graph.nodes.values() if node.manifest)
    crate, workflow = _with_workflow(graph.root, names, steps)
    add_actions(crate, graph, workflow, add_engine(crate, graph.root))
    picture = next(output.path for output in top.outputs if output.path.endswith(".png"))
    _describe_figure(crate, report, picture, weights)
    with atomic_path(out) as temporary:
        crate.write_zip(temporary)
    return names


def export_workflow(root: Path, out: Path) -> list[str]:
    """Write the crate of the workflow at `root`, without results; return the names of its files.

    Raises Failure where a file is missing or names folders of this machine.
    """
    names = workflow_files(root, alone=True)
    check_private(root, names)
    crate, _ = _with_workflow(root, names, kinds())
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    _describe(crate, root, project["name"], project["description"], _WORKFLOW)
    crate.get("README.md")["about"] = crate.root_dataset
    with atomic_path(out) as temporary:
        crate.write_zip(temporary)
    return names


def figure_at(path: Path) -> dict[str, Any]:
    """Return the settings of the figure whose manifest this is. Raises Failure if it is none's."""
    content = manifest.read(path)
    if content["kind"] != "figure":
        raise Failure(f"{path} is of the kind {content['kind']}: crates are made of figures")
    settings: dict[str, Any] = content["settings"]
    return settings


def check_target(out: Path) -> None:
    """Raise Failure where a crate would take the place of something else."""
    if out.exists() and not is_zipfile(out):
        raise Failure(f"{out} exists and is no zip file; choose another --out")


def _with_workflow(root: Path, names: list[str], steps: Iterable[str]) -> tuple[ROCrate, Entity]:
    """Return a crate of these files of `root`, and in it the workflow, its main entity.

    steps: the kinds of jobs that are the workflow's steps.
    """
    crate = ROCrate(version=_VERSION)
    crate.metadata.extra_terms["sha256"] = _SHA256
    for name in names:
        if name != "Snakefile":
            crate.add_file(root / name, name, properties=_file(root / name))
    return crate, add_workflow(crate, root, steps, _file(root / "Snakefile"))


def _file(path: Path) -> dict[str, str]:
    return {
        "name": path.name,
        "encodingFormat": media_type(path.name),
        "contentSize": str(path.stat().st_size),
        "sha256": sha256_file(path),
    }


def _describe_figure(crate: ROCrate, report: Report, picture: str, weights: bool) -> None:
    """Say what the crate of a figure is; add a README for people."""
    settings = report.graph.nodes[report.graph.top].settings
    scale = settings["scale"]
    name = f"{settings['spec']['title']} ({settings['figure']}, at scale {scale['name']})"
    left_out = "Data sets are left out" if weights else "Data sets, weights and masks are left out"
    left_out += ": their digests are in the manifests."
    status = f"{report.status}, exit status {report.status.exit_code}"
    remarked = "".join(f" {remark}." for remark in remarks(scale))
    said = f"{settings['spec']['caption']}{remarked} Audit: {status}. {left_out}"
    _describe(crate, report.graph.root, name, said, _PROFILES)
    text = _README.format(name=name, left_out=left_out, status=status, figure=picture)
    readme = {"encodingFormat": "text/markdown", "about": {"@id": "./"}}
    crate.add_file(StringIO(text), "README.md", properties=readme)


def _describe(
    crate: ROCrate, root: Path, name: str, description: str, profiles: Mapping[str, str]
) -> None:
    """Say what the crate is, whose, under which licence, and by which profiles."""
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    crate.name, crate.description = name, description
    crate.datePublished = datetime.now(UTC).date()
    licence = citation["license"]
    address = f"https://spdx.org/licenses/{licence}"
    crate.license = crate.add_jsonld({"@id": address, "@type": "CreativeWork", "name": licence})
    people = [
        crate.add_jsonld({"@id": f"#author-{number}", **author})
        for number, author in enumerate(authors(citation), 1)
    ]
    link(crate.root_dataset, "author", people)
    link(crate.root_dataset, "publisher", people)
    entities = []
    for title, address in profiles.items():
        profile = {"@id": address, "@type": "CreativeWork", "name": title}
        profile["version"] = address.rpartition("/")[2]
        entities.append(crate.add_jsonld(profile))
    link(crate.root_dataset, "conformsTo", entities)
