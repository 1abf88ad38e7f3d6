"""Checks files against manifests, and manifests against each other."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load_file

from lth_core.audit.graph import File, Graph, Node
from lth_core.audit.load import UNREADABLE
from lth_core.audit.manifests import output_file
from lth_core.audit.pictures import PICTURES, content_digest, embedded_provenance, suffix_of
from lth_core.audit.status import Reason, Status
from lth_core.data import sets
from lth_core.data.errors import DataError
from lth_core.provenance import manifest

_SHORT = 8  # characters of a digest that are shown


def integrity(node: Node, graph: Graph, removed: Collection[str] = ()) -> list[Reason]:
    """Return what is changed or missing in one job.

    removed: names of the files of finished runs that are not kept.
    """
    reasons = _manifest_itself(node)
    if node.manifest is None:
        return reasons
    left_out = _left_out(node, removed)
    if left_out:
        reasons.append(_omitted(left_out, "published" if node.published else "kept"))
    reasons += [r for file in node.outputs if file not in left_out for r in _output(file)]
    if node.kind == "dataset":
        reasons += _dataset(node, graph.root)
    for file in node.outputs:
        if Path(output_file(file.name)).suffix in PICTURES and file.found:
            reasons += picture(graph.root / file.path, node)
    return reasons


def subject(file: Path, node: Node, graph: Graph) -> list[Reason]:
    """Return what is wrong with a copy of an output that lies elsewhere than its job's own."""
    own = {(graph.root / output.path).resolve() for output in node.outputs}
    if node.manifest is None or manifest.is_manifest(file.name) or file.resolve() in own:
        return []
    suffix, digest = suffix_of(file), content_digest(file)
    reasons = picture(file, node) if embedded_provenance(file) else []
    if digest in {output.recorded for output in node.outputs}:
        return reasons
    alike = [o for o in node.outputs if Path(output_file(o.name)).suffix == suffix]
    for output in alike:
        name = f"{file.name}:{output.name.partition(':')[2]}"
        reasons += _output(File(name, str(file), output.recorded, digest))
    return reasons or [Reason(Status.CHANGED, f"{file.name} is nothing that this job wrote")]


def picture(path: Path, node: Node) -> list[Reason]:
    """Return where the provenance in a picture or notebook contradicts its figure's manifest."""
    found = embedded_provenance(path)
    if not found:
        return [Reason(Status.CHANGED, f"{path.name}: its provenance is gone, or damaged")]
    if found.get("manifest") != node.found:
        text = f"names manifest {short(found.get('manifest'))}, here is {short(node.found)}"
        return [Reason(Status.CHANGED, f"{path.name}: {text}")]
    settings = {key: value for key, value in node.settings.items() if key != "reads"}
    expected = {
        "figure": settings["figure"],
        "config": manifest.digest(settings),
        "scale": settings["scale"]["name"],
    }
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


def _left_out(node: Node, removed: Collection[str]) -> list[File]:
    """Return the outputs that are gone on purpose."""
    gone = [file for file in node.outputs if file.found is None]
    if node.archived:
        return gone
    if node.published:
        return [file for file in gone if output_file(file.name).endswith(".ipynb")]
    return [file for file in gone if node.trains and file.name in removed]


def _omitted(files: list[File], what: str) -> Reason:
    names = ", ".join(output_file(file.name) for file in files)
    are, they_were = ("is", "it was") if len(files) == 1 else ("are", "they were")
    text = f"{names} {are} not {what}; what {they_were} is recorded"
    return Reason(Status.OMITTED, text)


def _output(file: File) -> list[Reason]:
    if file.same:
        return []
    name = output_file(file.name)
    if file.found is None:
        return [Reason(Status.MISSING, f"{name} is gone (it was {short(file.recorded)})")]
    what = {"pixels": "the pixels of ", "content": "the content of "}
    part = file.name.partition(":")[2]
    text = f"{what.get(part, '')}{name}"
    if file.found == UNREADABLE:
        return [Reason(Status.CHANGED, f"{text} cannot be read: cut off or damaged")]
    verb = "are" if part == "pixels" else "is"
    found, recorded = short(file.found), short(file.recorded)
    return [Reason(Status.CHANGED, f"{text} {verb} {found}, recorded is {recorded}")]


def _dataset(node: Node, root: Path) -> list[Reason]:
    """Check that the arrays are those of the data set by its name, whatever is recorded."""
    assert node.manifest is not None
    name = node.settings.get("dataset")
    if "source" in node.settings:
        return []  # of a user's own: known by its files' digests, which are among the settings
    if name not in sets.names():
        return [Reason(Status.FOREIGN, f"data set {name!r} is unknown here")]
    known, reasons = sets.of(name), []
    if node.manifest.get("digest") != known.digest:
        found, right = short(node.manifest.get("digest")), short(known.digest)
        reasons.append(Reason(Status.CHANGED, f"its digest is {found}; {name}'s is {right}"))
    for file in node.outputs:
        if not file.found:
            continue
        try:
            known.verify(load_file(root / file.path))
        except (DataError, KeyError, SafetensorError) as error:
            reasons.append(Reason(Status.CHANGED, f"{file.name} is not {name}: {error}"))
    return reasons
