"""Are a job's files what its manifest, and its manifest what its children, say they are?"""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load_file

from lth_core.audit.find import PICTURES, content_digest, embedded_provenance
from lth_core.audit.graph import UNREADABLE, File, Graph, Node
from lth_core.audit.manifests import is_manifest, output_file
from lth_core.audit.status import Reason, Status
from lth_core.data.digests import DIGESTS, dataset_digest, verify
from lth_core.data.errors import DataError
from lth_core.figures import embed
from lth_core.provenance import manifest

TABLES = ("table", "published")  # kinds of jobs that figures are drawn from
_SHORT = 8  # characters of a digest that are shown


def integrity(node: Node, graph: Graph, removed: Collection[str] = ()) -> list[Reason]:
    """Return what is changed or missing in one job.

    removed: names of the files of finished runs that are not kept.
    """
    reasons = _manifest_itself(node)
    outputs = node.outputs
    if node.archived:
        reasons += _omitted(outputs, "published")
        outputs = ()
    elif node.kind == "training":
        reasons += _omitted([file for file in outputs if file.name in removed], "kept")
        outputs = tuple(file for file in outputs if file.found or file.name not in removed)
    reasons += [reason for file in outputs for reason in _output(file)]
    if node.manifest is None:
        return reasons
    if node.kind == "data":
        reasons += _dataset(node, graph.root)
    for file in node.outputs:
        if Path(output_file(file.name)).suffix in PICTURES and file.found:
            reasons += picture(graph.root / file.path, node, graph)
    return reasons


def subject(file: Path, node: Node, graph: Graph) -> list[Reason]:
    """Return what is wrong with a copy of an output that lies elsewhere than its job's own."""
    own = {(graph.root / output.path).resolve() for output in node.outputs}
    if is_manifest(file.name) or file.resolve() in own:
        return []
    digest = content_digest(file)
    reasons = picture(file, node, graph) if embedded_provenance(file) else []
    if digest in {output.recorded for output in node.outputs}:
        return reasons
    alike = [o for o in node.outputs if Path(output_file(o.name)).suffix == file.suffix]
    for output in alike:
        name = f"{file.name}:{output.name.partition(':')[2]}"
        reasons += _output(File(name, str(file), output.recorded, digest))
    return reasons or [Reason(Status.CHANGED, f"{file.name} is nothing that this job wrote")]


def picture(path: Path, node: Node, graph: Graph) -> list[Reason]:
    """Return where the provenance in a picture or notebook contradicts its figure's manifest."""
    assert node.manifest is not None
    try:
        found = embed.read_metadata(path)
    except (ValueError, OSError, SyntaxError) as error:
        return [Reason(Status.CHANGED, f"{path.name}: its provenance cannot be read: {error}")]
    if found.get("manifest") != node.found:
        text = f"names manifest {short(found.get('manifest'))}, here is {short(node.found)}"
        return [Reason(Status.CHANGED, f"{path.name}: {text}")]
    expected = _provenance(node, graph)
    return [
        Reason(Status.CHANGED, f"{path.name}: says {key} {found.get(key)}, the manifest {value}")
        for key, value in expected.items()
        if found.get(key) != value
    ]


def short(digest: Any) -> str:
    """Return how a digest begins."""
    return str(digest)[:_SHORT]


def _manifest_itself(node: Node) -> list[Reason]:
    if node.found is None:
        digests = ", ".join(sorted({short(digest) for digest in node.recorded.values()}))
        return [Reason(Status.MISSING, f"the manifest is gone (it was {digests})")]
    reasons = []
    if node.manifest is None:
        reasons.append(Reason(Status.CHANGED, "the manifest is not one: it cannot be read"))
    wrong: dict[str, list[str]] = {}
    for who, digest in node.recorded.items():
        if digest != node.found:
            wrong.setdefault(digest, []).append(who)
    for digest, names in wrong.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        text = f"the manifest is {short(node.found)}; it was {short(digest)} when {names[0]}{more}"
        reasons.append(Reason(Status.CHANGED, f"{text} was made: edited, or made again since"))
    return reasons


def _omitted(files: Iterable[File], what: str) -> list[Reason]:
    """Return that those of `files` that are gone are not `what`, if there are any."""
    names = [output_file(file.name) for file in files if not file.found]
    if not names:
        return []
    are, they_were = ("is", "it was") if len(names) == 1 else ("are", "they were")
    text = f"{', '.join(names)} {are} not {what}; what {they_were} is recorded"
    return [Reason(Status.OMITTED, text)]


def _output(file: File) -> list[Reason]:
    if file.same:
        return []
    name = output_file(file.name)
    if file.found is None:
        return [Reason(Status.MISSING, f"{name} is gone (it was {short(file.recorded)})")]
    what = {"pixels": "the pixels of ", "content": "the content of "}
    text = f"{what.get(file.name.partition(':')[2], '')}{name}"
    if file.found == UNREADABLE:
        return [Reason(Status.CHANGED, f"{text} cannot be read: cut off or damaged")]
    verb = "are" if "pixels" in text else "is"
    found, recorded = short(file.found), short(file.recorded)
    return [Reason(Status.CHANGED, f"{text} {verb} {found}, recorded is {recorded}")]


def _dataset(node: Node, root: Path) -> list[Reason]:
    """Check that the arrays are those of the data set by its name, whatever is recorded."""
    assert node.manifest is not None
    name = node.settings.get("dataset")
    if name not in DIGESTS:
        return [Reason(Status.FOREIGN, f"data set {name!r} is unknown here")]
    reasons = []
    if node.manifest.get("digest") != dataset_digest(name):
        found, right = short(node.manifest.get("digest")), short(dataset_digest(name))
        reasons.append(Reason(Status.CHANGED, f"its digest is {found}; {name}'s is {right}"))
    for file in node.outputs:
        if not file.found:
            continue
        try:
            verify(name, load_file(root / file.path))
        except (DataError, KeyError, SafetensorError) as error:
            reasons.append(Reason(Status.CHANGED, f"{file.name} is not {name}: {error}"))
    return reasons


def _provenance(node: Node, graph: Graph) -> dict[str, Any]:
    """Return what a figure's files should say of themselves; trials where they are known."""
    assert node.manifest is not None
    settings = node.settings
    expected = {
        "figure": settings["figure"],
        "config": manifest.digest(settings),
        "commit": node.manifest["source"]["commit"],
        "scale": settings["scale"]["name"],
    }
    parents = [graph.nodes[path] for path in node.parents]
    if all(parent.manifest for parent in parents):
        tables = [parent.settings for parent in parents if parent.kind in TABLES]
        expected["trials"] = {table["experiment"]: table["trials"] for table in tables}
    return expected
