"""Publish figures: copy what they rest on out of results/, and draw them from the copies.

The claims are judged on all that is published by then.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from lth_core.audit.differences import differences, sentence
from lth_core.audit.graph import Graph, Node, load_graph
from lth_core.audit.integrity import integrity
from lth_core.audit.planned import Checkout
from lth_core.audit.status import Status
from lth_core.claims.scale import check_claims
from lth_core.config.at_scale import experiments_at_scale, figure_at_scale, scale_note
from lth_core.config.claims import load_claims
from lth_core.config.errors import unknown_name
from lth_core.config.load import Project
from lth_core.figures.build import FigureJob
from lth_core.files import sha256_file
from lth_core.provenance import manifest
from lth_core.published import claims
from lth_core.published.archive import NAME, PUBLISHED, read_archive, write_archive
from lth_core.published.chains import Conflict, behind
from lth_core.published.figure import code_of, draw
from lth_core.published.needed import rows_needed
from lth_core.published.tables import publish_table


class NotPublished(ValueError):
    """Something can't be published; says what and why, and what to do."""


class _Table(NamedTuple):
    """A table, where it lies in results/, and where it is published."""

    experiment: str
    source: Path
    out: Path

    @property
    def record(self) -> Path:
        return self.source / manifest.NAME


def publish(project: Project, figures: Iterable[str]) -> Iterator[tuple[Path, bool]]:
    """Publish figures at the project's scale, then its claims.

    Yields the path of each, and whether anything changed.

    Works in the current folder, the project's root. A table that is published already and is
    gone from results/ stays as it is. Before anything is written it raises ConfigError for a
    figure or a claim's experiment that there is not, and NotPublished where a table is missing,
    is not what its manifests say, or was made with other settings than the config's.
    """
    names = list(dict.fromkeys(figures))
    for name in names:
        if name not in project.figures:
            raise unknown_name("publish", name, project.figures, "figure")
    wanted = {table.out: table for name in names for table in _tables(project, name)}
    for name in names:
        _check_there(project, name)
    fresh = [table for table in wanted.values() if table.record.is_file()]
    for table in wanted.values():
        if table not in fresh:
            _check_settings(table, load_graph(table.out / manifest.NAME, Path()))
    manifests = {path: data for table in fresh for path, data in _manifests(table).items()}
    said = load_claims(Path("config/paper"))
    check_claims(project, said, "config/paper/claims")
    archive = PUBLISHED / project.config.scale / NAME
    write_archive(archive, _merged(archive, manifests, fresh))
    for table in fresh:
        kept = rows_needed(project, said.values(), table.experiment)
        publish_table(table.source, table.out, kept)
    folder = archive.parent
    for name in names:
        drawn = draw(_job(project, name), folder / "figures", same_code=True)
        yield folder / "figures" / f"{name}.png", drawn
    yield folder / claims.PAGE, claims.judge(folder, same_code=True)


def _tables(project: Project, figure: str) -> list[_Table]:
    scale = project.config.scale
    kind = "distributions" if project.figures[figure].notebook == "distributions" else "tables"
    return [
        _Table(name, Path("results", scale, kind, name), PUBLISHED / scale / kind / name)
        for name in experiments_at_scale(project, figure)
    ]


def _check_there(project: Project, figure: str) -> None:
    tables = _tables(project, figure)
    gone = [
        table.experiment
        for table in tables
        if not table.record.is_file() and not (table.out / manifest.NAME).is_file()
    ]
    if gone:
        scale = project.config.scale
        folder = tables[0].source.parent
        raise NotPublished(
            f"{figure} at scale {scale}: {len(gone)} of its {len(tables)} tables are not in"
            f" {folder}/: {', '.join(gone)}. To make them: snakemake --cores 2 --config"
            f" scale={scale} -- {figure}; what that costs: lth plan {figure} --scale {scale}"
        )


def _manifests(table: _Table) -> dict[str, bytes]:
    """Return the manifests behind a table, which are checked with all files that are there."""
    graph = load_graph(table.record, Path())
    for node in graph.nodes.values():
        _check(node, graph)
    _check_settings(table, graph)
    return {path: Path(path).read_bytes() for path in graph.nodes}


def _check_settings(table: _Table, graph: Graph) -> None:
    node = graph.nodes[table.record.as_posix()]
    planned = Checkout(Path(), graph).planned(node)
    assert planned is not None
    recorded = {key: node.settings.get(key) for key in planned.settings}
    found = differences(recorded, planned.settings)
    if found:
        raise NotPublished(
            f"{node.path}: made with other settings: {sentence(found, 'the config has')}."
            " Have snakemake make it again."
        )


def _check(node: Node, graph: Graph) -> None:
    wrong = [reason for reason in integrity(node, graph) if reason.status == Status.CHANGED]
    if node.manifest is None or (node.kind == "table" and not all(f.same for f in node.outputs)):
        wrong = integrity(node, graph)
    if wrong:
        raise NotPublished(f"{node.path}: {wrong[0].text}. Audit it: lth audit {node.path}")


def _merged(archive: Path, manifests: dict[str, bytes], fresh: list[_Table]) -> dict[str, bytes]:
    """Return the manifests behind all published tables, those to be published included."""
    tables = {
        path.parent: manifest.read(path)["inputs"]
        for kind in ("tables", "distributions")
        for path in archive.parent.glob(f"{kind}/*/{manifest.NAME}")
    }
    for table in fresh:
        tables[table.out] = {table.record.as_posix(): sha256_file(table.record)}
    merged = read_archive(archive) | manifests
    try:
        needed = behind({path.as_posix(): inputs for path, inputs in tables.items()}, merged)
    except Conflict as error:
        raise NotPublished(
            f"{error}: of a scale all has to be of the same runs. Publish the figures that"
            " show that experiment in the same call."
        ) from None
    return {path: merged[path] for path in needed}


def _job(project: Project, figure: str) -> FigureJob:
    paper = Path("config/paper/curves", f"{figure}.csv")
    return FigureJob(
        figure=figure,
        spec=figure_at_scale(project, figure),
        scale={"name": project.config.scale, "note": scale_note(project, figure)},
        tables={table.experiment: table.out for table in _tables(project, figure)},
        paper=paper if paper.exists() else None,
        code=code_of(project.figures[figure].notebook),
    )
