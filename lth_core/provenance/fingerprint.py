"""Fingerprints of code: what a job's result depends on, and nothing else.

Snakemake doesn't look into imported modules, so each job carries the fingerprint of the modules
that it reaches. It is made of syntax trees without what computes nothing: comments, format,
docstrings, descriptions of settings, imports for type checkers, and how a kind plans its jobs
(the plan is compared itself). The tree's text is the same under every version of Python.
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "lth_core"
_CODE = {".py", ".c", ".h", ".ipynb"}
# These write results down, describe and check them, but compute none.
WITHOUT_RESULT = (
    *("lth_core.errors", "lth_core.files", "lth_core.provenance", "lth_core.config.block"),
    *("lth_core.jobs.kind", "lth_core.jobs.inputs", "lth_core.jobs.run"),
    *("lth_core.training.registry", "lth_core.jobs.dataset"),
)
_VOUCHED: dict[tuple[str, ...], str] = {}
# Functions of a kind of job that plan.
_PLANNING = ("job", "modules")


def reached(*modules: str) -> list[str]:
    """Return `modules` and all modules of the package that their results depend on, sorted."""
    found: set[str] = set()
    pending = list(modules)
    while pending:
        module = pending.pop()
        if module not in found and not _is_below(module, WITHOUT_RESULT):
            found.add(module)
            pending += _imports(module)
    return sorted(found)


@cache
def fingerprint(*modules: str) -> str:
    """Return the fingerprint of the code that `modules` reach."""
    bytes_digest()  # first: where it is the same later, so are the files read here
    if modules in _VOUCHED:
        return _VOUCHED[modules]
    whole = hashlib.sha256()
    for module in reached(*modules):
        whole.update(f"{module}:{module_digest(module)}\n".encode())
    return whole.hexdigest()[:16]


@cache
def bytes_digest() -> str:
    """Return the sha256 of all code of the checkout, byte by byte: cheap, and too strict to judge.

    The same bytes have the same fingerprints, which another process need not work out again.
    """
    whole = hashlib.sha256()
    for folder in (PACKAGE, "notebooks"):
        for path in sorted(ROOT.joinpath(folder).rglob("[!.]*.*")):  # no editor's lock files
            if path.suffix in _CODE:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                whole.update(f"{path.relative_to(ROOT).as_posix()}:{digest}\n".encode())
    return whole.hexdigest()


def _is_below(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in packages)


def vouch(code: str, *modules: str) -> None:
    """Take `code` as the fingerprint of `modules`, from a process that saw the same bytes."""
    _VOUCHED[modules] = code


def files_of(module: str) -> list[Path]:
    """Return the files that hold a module: itself, or a kernel too.

    A kernel is the C source beside it that bears its name, with the headers there.
    """
    path = _path(module)
    kernel = path.with_suffix(".c")
    return [path, kernel, *sorted(path.parent.glob("*.h"))] if kernel.is_file() else [path]


def notebook_modules(path: Path) -> list[str]:
    """Return the modules of the package that the code cells of a notebook import."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return list(_imported(ast.parse(code)))


@cache
def module_digest(module: str) -> str:
    """Return the sha256 of a module's code, without what computes nothing."""
    source, *kernels = files_of(module)
    text = _dump(_tree(module)) + "".join(map(_c_source, kernels))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _tree(module: str) -> ast.Module:
    """Return the syntax tree of a module without what computes nothing."""
    tree = ast.parse(_path(module).read_text(encoding="utf-8"))
    planning = _PLANNING if module.startswith("lth_core.jobs.") else ()
    tree.body = [node for node in tree.body if not _is_idle(node, planning)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            _drop_docstring(node)
        elif isinstance(node, ast.Call):
            node.keywords = [word for word in node.keywords if word.arg != "description"]
        elif isinstance(node, ast.JoinedStr):  # Python 3.12 adds empty texts
            node.values = [v for v in node.values if getattr(v, "value", None) != ""]
    return tree


def _is_idle(node: ast.stmt, planning: tuple[str, ...]) -> bool:
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name):
        return node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef) and node.name in planning


def _drop_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> None:
    first = node.body[0] if node.body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        node.body = node.body[1:] or [ast.Pass()]


def _dump(node: Any) -> str:
    """Return a tree as text. Empty fields are left out: versions of Python add such fields."""
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
        return f"{type(node).__name__}({','.join(f'{k}={_dump(v)}' for k, v in fields)})"
    if isinstance(node, list):
        return f"[{','.join(map(_dump, node))}]"
    return repr(node)


def _path(module: str) -> Path:
    base = ROOT.joinpath(*module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


@cache
def _imports(module: str) -> tuple[str, ...]:
    return tuple(_imported(_tree(module)))


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield the modules of the package that a tree imports, anywhere in it."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.append(node.module)
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    yield from (name for name in names if name.split(".")[0] == PACKAGE and _path(name).is_file())


def _c_source(path: Path) -> str:
    """Return a C source less comments and format."""
    text = path.read_text(encoding="utf-8")
    return " ".join(re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL).split())
