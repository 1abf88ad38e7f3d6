"""The workflow in a crate: the Snakefile, its steps, and the programs that they run."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from lth_core import __version__
from lth_core.audit.repository import locked_versions

_ENGINE = "https://snakemake.github.io/"


def tool_of(kind: str) -> str:
    """Return the file of a kind of job, which is the program's identifier in the crate."""
    return f"lth_core/jobs/{kind}.py"


def add_workflow(
    crate: ROCrate, root: Path, kinds: Iterable[str], file: Mapping[str, str]
) -> Entity:
    """Make the Snakefile of the project `root` the main entity, and return it.

    kinds: of jobs, each of which is a step. file: what there is to say of the Snakefile as a file.
    The files of the programs are in the crate already.
    """
    workflow = crate.add_workflow(
        root / "Snakefile",
        "Snakefile",
        main=True,
        lang="snakemake",
        properties={
            **file,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
            "name": "The Lottery Ticket Hypothesis as a Snakemake pipeline",
            "version": __version__,
            "conformsTo": {
                "@id": "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
            },
        },
    )
    for position, kind in enumerate(kinds, start=1):
        tool = crate.get(tool_of(kind))
        tool._jsonld["@type"] = ["File", "SoftwareSourceCode"]
        tool["name"], tool["version"] = f"python -m lth_core.jobs {kind}", __version__
        workflow.append_to("hasPart", tool)
        step = {"@id": f"#rule/{kind}", "@type": "HowToStep", "name": f"rule {kind}"}
        entity = crate.add_jsonld(step | {"position": str(position)})
        entity["workExample"] = tool
        workflow.append_to("step", entity)
    return workflow


def add_engine(crate: ROCrate, root: Path) -> Entity:
    """Add Snakemake itself, at the version of the lock if there is one, and return it."""
    engine = {"@id": _ENGINE, "@type": "SoftwareApplication", "name": "Snakemake", "url": _ENGINE}
    locked = locked_versions(root / "requirements.txt").get("snakemake")
    if locked:
        engine["softwareVersion"] = ", ".join(sorted(locked))
    return crate.add_jsonld(engine)
