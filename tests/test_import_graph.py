"""Which way imports point: no module needs itself, a room of `lth_core/` only those below it."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The rooms, from the bottom: packages and modules right below lth_core/.
ROOMS = (
    *("errors", "words", "partial", "files", "streams", "early_stop", "devices"),
    # Science: arrays in, arrays out.
    *("networks", "pruning", "data", "arms", "training", "xor", "tables"),
    # What is to be done.
    *("provenance", "config", "runs", "costs"),
    # What is shown.
    *("pages", "figure_names", "claims", "figures", "gallery"),
    # What does it, and looks at what was done.
    *("jobs", "audit", "publish", "ticket", "crate", "commands", "cli"),
)
# What does not fit, module by module.
EXCEPTIONS = {
    # The settings of a source are blocks of the config.
    ("lth_core.arms.source", "lth_core.config.block"),
    ("lth_core.provenance.source", "lth_core.config.written"),
    ("lth_core.provenance.source", "lth_core.jobs.kind"),
    ("lth_core.jobs.claims", "lth_core.publish.needed"),
    ("lth_core.jobs.published", "lth_core.publish.needed"),
    ("lth_core.jobs.published", "lth_core.publish.thin"),
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in (ROOT / "lth_core").rglob("*.py")}


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a tree imports, anywhere in it but for type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from chain.from_iterable(map(imports, node.orelse))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in MODULES else str(node.module) for name in names)
        else:
            yield from imports(node)


GRAPH = {
    name: {found for found in imports(ast.parse(path.read_text(encoding="utf-8")))} & {*MODULES}
    for name, path in MODULES.items()
}


def room_of(module: str) -> int:
    """Return the place of a module's room in ROOMS; the package itself lies below them all."""
    _, *rest = module.split(".")
    return ROOMS.index(rest[0]) if rest else -1


def test_every_room_is_there() -> None:
    rooms = {name.split(".")[1] for name in MODULES if "." in name}
    assert rooms == set(ROOMS)


def test_no_module_needs_itself() -> None:
    list(TopologicalSorter(GRAPH).static_order())  # raises CycleError


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_rooms_below_it(room: str) -> None:
    upwards = {
        (module, other)
        for module, others in GRAPH.items()
        for other in others
        if room_of(module) == ROOMS.index(room) < room_of(other)
    }
    assert upwards - EXCEPTIONS == set()


def test_no_exception_is_left_over() -> None:
    assert {pair for pair in EXCEPTIONS if pair[1] not in GRAPH.get(pair[0], set())} == set()
