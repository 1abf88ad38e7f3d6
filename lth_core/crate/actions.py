"""The jobs behind a figure as actions of a crate: inputs, outputs and tools."""

from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from lth_core.audit.graph import Graph, Node
from lth_core.audit.groups import label
from lth_core.audit.integrity import short
from lth_core.crate.files import job_files
from lth_core.crate.workflow import tool_of
from lth_core.jobs.inputs import files_read

_DONE = "http://schema.org/CompletedActionStatus"


def add_actions(crate: ROCrate, graph: Graph, workflow: Entity, engine: Entity) -> None:
    """Add all jobs, and the run of the workflow that orchestrated them.

    They have no times and no agents: neither is recorded.
    """
    controls = [_add_job(crate, node) for node in graph.nodes.values() if node.manifest is not None]
    top = graph.nodes[graph.top]
    whole = _action(crate, "#run", "CreateAction", f"All jobs of {label(top)}")
    whole["instrument"] = workflow
    whole["description"] = f"snakemake {top.settings['figure']}"
    given = _present(crate, ["config/config.yaml"])
    made = _present(crate, list(job_files(top, weights=False)))
    link(whole, "object", given)
    link(whole, "result", made)
    organised = _action(crate, "#execution", "OrganizeAction", "Execution by Snakemake")
    organised["instrument"], organised["result"] = engine, whole
    link(organised, "object", controls)
    crate.root_dataset.append_to("mentions", whole)
    _add_parameter(crate, workflow, "input", "config", given)
    _add_parameter(crate, workflow, "output", "figure", made)


def _add_job(crate: ROCrate, node: Node) -> Entity:
    """Add one job, and return the control of its execution."""
    assert node.manifest is not None
    name = node.path.removesuffix("/manifest.json").removesuffix(".manifest.json")
    action = _action(crate, f"#job/{name}", "CreateAction", label(node))
    action["instrument"] = crate.get(tool_of(node.kind))
    action["description"] = (
        f"{node.path} has settings, seeds, and the digests of all that was read and written; the"
        f" context beside it has versions. Code fingerprint {node.manifest['code']}, commit"
        f" {short(node.source.get('commit'))}"
    )
    used = [*node.settings["reads"], *files_read(node.settings)]
    link(action, "object", _present(crate, used))
    link(action, "result", _present(crate, list(job_files(node, weights=True))))
    crate.root_dataset.append_to("mentions", action)
    control = _action(crate, f"#control/{name}", "ControlAction", f"Execution of {label(node)}")
    control["instrument"] = crate.get(f"#rule/{node.kind}")
    control["object"] = action
    return control


def _present(crate: ROCrate, names: list[str]) -> list[Entity]:
    return [entity for name in names if (entity := crate.get(name))]


def _action(crate: ROCrate, identifier: str, type_: str, name: str) -> Entity:
    content = {"@id": identifier, "@type": type_, "name": name, "actionStatus": _DONE}
    return crate.add_jsonld(content)


def link(entity: Entity, key: str, values: list[Entity]) -> None:
    """Set a property, which RO-Crate wants to be no list where it has one value."""
    if values:
        entity[key] = values if len(values) > 1 else values[0]


def _add_parameter(
    crate: ROCrate, workflow: Entity, slot: str, name: str, examples: list[Entity]
) -> None:
    """Say what one gives to the workflow ("input"), or what it gives back ("output")."""
    required = slot == "input"
    parameter = crate.add_formal_parameter(name, "File", f"#{slot}/{name}", valueRequired=required)
    link(parameter, "workExample", examples)
    workflow[slot] = parameter
    for example in examples:
        example["exampleOfWork"] = parameter
