"""The workflow in a crate: the Snakefile, its steps, and the programs that they run."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from lth_core import __version__
from lth_core.audit.currency import locked_versions
from lth_core.audit.graph import Graph, Node
from lth_core.audit.rerun import program_of

_ENGINE = "https://snakemake.github.io/"


class Step(NamedTuple):
    """A rule of the workflow, and the module that it runs."""

    rule: str
    module: str

    @property
    def tool(self) -> str:
        """The file of the module, which is the program's identifier in the crate."""
        return f"{self.module.replace('.', '/')}.py"


_FIRST, _LAST = Step("dataset", "lth_core.data.prepare"), Step("figure", "lth_core.figures.build")
_PUBLISHED = Step("published", "lth_core.published.tables")
_BY_MODULE = {
    "lth_core.xor.job": "train_xor",
    "lth_core.tables.build": "summary",
    "lth_core.tables.build_distributions": "distributions",
    "lth_core.xor.table": "summary_xor",
}


def step_of(node: Node) -> Step | None:
    """Return the step that a job is one of; None where its manifest is gone."""
    other = {"data": _FIRST, "figure": _LAST, "published": _PUBLISHED}
    program = program_of(node)
    if program is None:
        return other.get(node.kind)
    training = "train" if node.settings.get("engine") == "sparse" else "train_torch"
    return Step(_BY_MODULE.get(program.module, training), program.module)


def steps_of(graph: Graph) -> list[Step]:
    """Return the steps of all jobs in a graph, the first ones first."""
    found = (step_of(node) for node in graph.nodes.values())
    return list(dict.fromkeys(step for step in found if step))


def add_workflow(crate: ROCrate, graph: Graph, file: Mapping[str, str]) -> Entity:
    """Make the Snakefile the main entity, with all steps, and return it.

    file: what there is to say of it as a file. The files of the programs are in the crate already.
    """
    workflow = crate.add_workflow(
        graph.root / "Snakefile",
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
    for position, step in enumerate(steps_of(graph), start=1):
        tool = crate.get(step.tool)
        if tool not in workflow.get("hasPart", []):
            tool._jsonld["@type"] = ["File", "SoftwareSourceCode"]
            tool["name"], tool["version"] = f"python -m {step.module}", __version__
            workflow.append_to("hasPart", tool)
        entity = ContextEntity(crate, f"#rule/{step.rule}", {"@type": "HowToStep"})
        entity["name"], entity["position"] = f"rule {step.rule}", str(position)
        entity["workExample"] = tool
        workflow.append_to("step", crate.add(entity))
    return workflow


def add_engine(crate: ROCrate, root: Path) -> Entity:
    """Add Snakemake itself, at the version of the lock if there is one, and return it."""
    properties = {"@type": "SoftwareApplication", "name": "Snakemake", "url": _ENGINE}
    locked = locked_versions(root / "requirements.txt").get("snakemake")
    if locked:
        properties["softwareVersion"] = ", ".join(sorted(locked))
    return crate.add(ContextEntity(crate, _ENGINE, properties))
