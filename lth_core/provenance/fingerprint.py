"""Fingerprints of code: what a rule's result depends on, and nothing else.

Snakemake doesn't look into imported modules, so each rule carries the fingerprint of the
modules that its command reaches. It is made of syntax trees without docstrings: comments,
formatting and documentation rerun nothing.
"""

import ast
import hashlib
import json
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "lth_core"
# These write results down and describe them, but compute none.
WITHOUT_RESULT = ("lth_core.files", "lth_core.provenance")


def reached(*modules: str) -> list[str]:
    """Return `modules` and all modules of the package that their results depend on, sorted."""
    found: set[str] = set()
    pending = list(modules)
    while pending:
        module = pending.pop()
        if module not in found and not module.startswith(WITHOUT_RESULT):
            found.add(module)
            pending += _imports(module)
    return sorted(found)


@cache
def fingerprint(*modules: str) -> str:
    """Return the fingerprint of the code that `modules` reach."""
    whole = hashlib.sha256()
    for module in reached(*modules):
        whole.update(f"{module}:{_module_digest(module)}\n".encode())
    return whole.hexdigest()[:16]


def notebook_modules(path: Path) -> list[str]:
    """Return the modules of the package that the code cells of a notebook import."""
    cells = json.loads(path.read_text())["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return list(_imported(ast.parse(code)))


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(_path(module).read_text())


def _path(module: str) -> Path:
    base = ROOT.joinpath(*module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


@cache
def _imports(module: str) -> tuple[str, ...]:
    return _imported(_tree(module))


def _imported(tree: ast.Module) -> tuple[str, ...]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.append(node.module)
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(name for name in names if name.split(".")[0] == PACKAGE and _path(name).is_file())


@cache
def _module_digest(module: str) -> str:
    tree = ast.parse(_path(module).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            _drop_docstring(node)
    text = ast.dump(tree) + _c_source(_path(module))
    return hashlib.sha256(text.encode()).hexdigest()


def _drop_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> None:
    first = node.body[0] if node.body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        node.body = node.body[1:] or [ast.Pass()]


def _c_source(path: Path) -> str:
    """Return the C sources that lie beside a module and begin with its name, less comments."""
    texts = [file.read_text() for file in sorted(path.parent.glob(f"{path.stem}_*.c"))]
    stripped = [re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL) for text in texts]
    return "".join(" ".join(text.split()) for text in stripped)
