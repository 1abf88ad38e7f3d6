"""Publish figures: copy what they rest on out of results/, and draw them from the copies.

Masks are included if they are kept. The claims are judged on all that is published by then.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lth_core.audit.archive import NAME, PUBLISHED, is_published, read_archive, write_archive
from lth_core.audit.checkout import Checkout
from lth_core.audit.graph import Graph, Node
from lth_core.audit.integrity import integrity
from lth_core.audit.load import load_graph
from lth_core.audit.staleness import other_job
from lth_core.audit.status import Status
from lth_core.config.check_claims import checked_claims
from lth_core.config.errors import unknown_name
from lth_core.config.figure_at_scale import experiments_at_scale
from lth_core.config.in_part import has_parts
from lth_core.config.load import Project
from lth_core.errors import Failure, NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs.kind import kind
from lth_core.jobs.published_masks import MASKS
from lth_core.partial import PARTIAL, whole
from lth_core.provenance import manifest
from lth_core.provenance.context import context_path
from lth_core.publish.chains import behind
from lth_core.publish.manifests import read_published
from lth_core.publish.masks import masks_there
from lth_core.publish.remake import remake
from lth_core.runs.finished import finished_below
from lth_core.runs.plan import Plan


class _Table(NamedTuple):
    """The manifests of a table in results/ and of its published copy."""

    whole: Path
    copy: Path

    @property
    def experiment(self) -> str:
        return self.whole.parent.name


def publish(project: Project, figures: Iterable[str], with_masks: bool) -> Iterator[str]:
    """Publish figures at the project's scale, the masks behind them, then its claims.

    Figures that are published in part are drawn again of what is there by then: as a whole if
    nothing is missing any more. Yields a line on each: its path, and whether it is as it was; of
    masks that are left out, why.

    Works in the current folder, the project's root. A table that is published already and is
    gone from results/ stays as it is. Before anything is written it raises ConfigError for a
    figure or a claim's experiment that is unknown, and Failure where a table is missing,
    is not what its manifests say, or was made, or rests on a run that was, with other settings
    than the config's.
    """
    scale, names = project.config.scale, list(dict.fromkeys(figures))
    plan = Plan(project, finished_below(Path("results", scale, "runs")))
    for name in names:
        if whole(name) not in project.figures:
            raise unknown_name("publish", name, project.figures, "figure")
    wanted = [table for name in names for table in _tables_there(project, name)]
    fresh = [table for table in dict.fromkeys(wanted) if table.whole.is_file()]
    files = {path: data for table in fresh for path, data in _files_behind(table).items()}
    for table in (table for table in wanted if table not in fresh):
        _check_settings(load_graph(table.copy, Path()))
    checked_claims(Path("config"), project)

    folder = PUBLISHED / scale
    place = {"results": folder.as_posix()}
    # A table of distributions rests on some rounds only.
    shown = [table.experiment for table in fresh if table.whole.parts[-3] != "distributions"]
    masks = {e: masks_there(plan, e, folder.as_posix()) for e in dict.fromkeys(shown) if with_masks}
    inputs = {table.copy: [table.whole.as_posix()] for table in fresh}
    for name, (job, _) in masks.items():
        inputs |= {folder / "masks" / name / manifest.NAME: list(job["reads"])} if job else {}
    write_archive(folder / NAME, _merged(folder, files, inputs))
    for table in fresh:
        which = {"experiment": table.experiment, "table": table.whole.parts[-3]}
        _remake("published", plan, place | which)
    for name, (job, why) in masks.items():
        if job:
            changed = _remake("published_masks", plan, place | {"experiment": name})
            yield _line(folder / "masks" / name / MASKS, changed)
        elif why:
            yield f"the masks of {name} are left out: {why}"
    for name in dict.fromkeys([*names, *_published_in_part(project)]):
        changed = _remake("figure", plan, place | {"figure": name})
        yield _line(folder / "figures" / f"{name}.png", changed)
    yield _line(folder / "claims.html", _remake("claims", plan, place))


def _line(path: Path, changed: bool) -> str:
    return f"{path}{'' if changed else ' is as it was'}"


def _remake(name: str, plan: Plan, place: Mapping[str, str]) -> bool:
    out = Path(kind(name).MANIFEST.format(**place)).parent
    return remake(name, kind(name).job(plan, place), out)


def _tables_there(project: Project, figure: str) -> list[_Table]:
    """Return the tables of a figure. Raises Failure where some are nowhere.

    Of one to draw in part those that are somewhere; raises Failure where that is all, or none.
    """
    scale, tables, name = project.config.scale, _tables(project, figure), whole(figure)
    spec = project.figures[name]
    there = [t for t in tables if t.whole.is_file() or t.copy.is_file()]
    gone = [t.experiment for t in tables if t not in there]
    if figure != name:
        if not gone or not has_parts(spec):
            raise Failure(f"no part of {name} to publish at scale {scale}: publish {name} itself")
        if there:
            return there
    if gone:
        part = f"lth publish {name}{PARTIAL} --scale {scale}"
        raise Failure(
            f"{name} at scale {scale}: {len(gone)} of its {len(tables)} tables are not in"
            f" results/{scale}/{spec.folder}/: {', '.join(gone)}. To make them: snakemake --cores 2"
            f" --config scale={scale} -- {name}; what that costs: lth plan {name} --scale {scale}"
            + (f"; to publish what there is: {part}" if there and has_parts(spec) else "")
        )
    return tables


def _tables(project: Project, figure: str) -> list[_Table]:
    """Return where the tables of a whole figure are, or would be."""
    scale, name = project.config.scale, whole(figure)
    paths = [
        Path(scale, project.figures[name].folder, one, manifest.NAME)
        for one in experiments_at_scale(project, name)
    ]
    return [_Table("results" / path, PUBLISHED / path) for path in paths]


def _published_in_part(project: Project) -> Iterator[str]:
    """Yield the figures that are published in part; as whole ones if their tables are all there."""
    ending = f"{PARTIAL}.{manifest.NAME}"
    for path in sorted((PUBLISHED / project.config.scale / "figures").glob(f"*{ending}")):
        name = path.name.removesuffix(ending)
        complete = all(table.copy.is_file() for table in _tables(project, name))
        yield name if complete else f"{name}{PARTIAL}"


def _files_behind(table: _Table) -> dict[str, bytes]:
    """Return the manifests behind a table and their contexts, checked with all that is there."""
    graph = load_graph(table.whole, Path())
    for node in graph.nodes.values():
        _check(node, graph)
    _check_settings(graph)
    paths = [path for name in graph.nodes for path in (Path(name), context_path(Path(name)))]
    return {path.as_posix(): path.read_bytes() for path in paths if path.is_file()}


def _check(node: Node, graph: Graph) -> None:
    wrong = [reason for reason in integrity(node, graph) if reason.status == Status.CHANGED]
    if node.manifest is None or (node.path == graph.top and not all(f.same for f in node.outputs)):
        wrong = integrity(node, graph)
    if wrong:
        raise Failure(f"{node.path}: {wrong[0].text}. Audit it: lth audit {node.path}")


def _check_settings(graph: Graph) -> None:
    """Raise Failure where the config has no such job, or another one, of any behind a table."""
    checkout = Checkout(Path(), graph)
    for node in reversed(list(graph.nodes.values())):  # the table first, which says it best
        if node.manifest is None or is_published(node.path):  # copies are made again
            continue
        try:
            planned = checkout.planned(node)
        except NotPlanned as error:
            raise Failure(f"{node.path}: the config does not plan it: {error}") from None
        if planned is None:
            raise Failure(f"{node.path}: no job leaves its files there")
        other = next(other_job(node, *planned[:2]), None)
        if other:
            raise Failure(f"{node.path}: made with other {other}. Remake it with snakemake.")


def _merged(
    folder: Path, files: Mapping[str, bytes], fresh: Mapping[Path, list[str]]
) -> dict[str, bytes]:
    """Return manifests and contexts behind all that is published below `folder`.

    fresh: the manifests that copies yet to be made will rest on, by that of the copy. Raises
    Failure where the manifest of another copy is damaged.
    """
    copies = folder.glob(f"*/*/{manifest.NAME}")
    tables = {path: read_published(path)["inputs"] for path in copies if path not in fresh}
    for copy, paths in fresh.items():
        tables[copy] = {path: sha256_file(Path(path)) for path in paths}
    merged = {**read_archive(folder / NAME), **files}
    needed = behind({path.as_posix(): inputs for path, inputs in tables.items()}, merged)
    needed |= {context_path(Path(path)).as_posix() for path in needed}
    return {path: data for path, data in merged.items() if path in needed}
