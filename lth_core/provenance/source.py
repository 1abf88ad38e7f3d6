"""The commit that made a job, and the files that it used that were not committed.

Only what the job used counts: its code, the files of the checkout that it read, and the entries
of config/ that it came from. An edit of anything else leaves it untouched.
"""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

from lth_core.errors import Failure
from lth_core.jobs.kind import Job, Place, named_modules, place_of
from lth_core.provenance.fingerprint import PACKAGE, ROOT, files_of, reached
from lth_core.provenance.git import NoAnswer, git
from lth_core.provenance.manifest import is_manifest

CONFIG = "config/"


def source_of(name: str, job: Job, manifest: Path) -> dict[str, Any]:
    """Return the commit of the checkout, and which files that the job used differ from it.

    commit: None where git does not know this very folder; why: git's reason then. changed: paths
    of what the job used that is not as committed, with the entry of config/ that is not.
    """
    try:
        commit = git(ROOT, "rev-parse", "HEAD").strip()
        read = [path for path in job["reads"] if not is_manifest(path)]
        paths = (PACKAGE, *read, CONFIG)
        status = git(ROOT, "status", "--porcelain", "-z", "-uall", "--no-renames", "--", *paths)
    except NoAnswer as error:
        return {"commit": None, "why": str(error)}
    differing = [line[3:] for line in status.split("\0") if line]
    used = set(read)
    if any(path.startswith(f"{PACKAGE}/") for path in differing):  # else the code is as committed
        used |= set(_code(name, job))
    changed = [path for path in differing if path in used]
    changed += _config_changed(manifest, {p for p in differing if p.startswith(CONFIG)} - used)
    return {"commit": commit, "changed": sorted(changed)}


def _code(name: str, job: Job) -> Iterator[str]:
    """Yield the files that hold a job's code, relative to the checkout's root."""
    for module in reached(f"lth_core.jobs.{name}", *named_modules(name, job)):
        yield from (path.relative_to(ROOT).as_posix() for path in files_of(module))


def _config_changed(manifest: Path, differing: set[str]) -> list[str]:
    """Return the entries of config/ behind a job that are other than committed.

    All files that differ where config/ cannot be read, as while somebody writes an experiment:
    that is no reason for a job of another one to fail.
    """
    if not differing:
        return []
    # `lth train` may name it from another folder.
    found = place_of(f"results/{manifest.as_posix().rpartition('results/')[2]}")
    if found is None:
        return []
    import yaml  # late: few jobs need it

    try:
        with chdir(ROOT):  # `lth train` works in another folder
            return list(_entries_changed(found[1], differing))
    except (Failure, OSError, ValueError, yaml.YAMLError):
        return sorted(differing)


def _entries_changed(place: Place, differing: set[str]) -> Iterator[str]:
    from lth_core.config.written import entries_behind

    for path, key in entries_behind(Path("config"), place):
        if path in differing and _entry(_committed(path), key) != _entry(_present(path), key):
            yield f"{path}: {'.'.join(key)}" if key else path


def _entry(content: Any, key: tuple[str, ...]) -> Any:
    for part in key:
        content = content.get(part) if isinstance(content, dict) else None
    return content


def _present(path: str) -> Any:
    return _parsed(Path(path).read_text(encoding="utf-8"))


def _committed(path: str) -> Any:
    try:
        return _parsed(git(ROOT, "show", f"HEAD:./{path}"))
    except NoAnswer:
        return None  # it is not in the commit


def _parsed(text: str) -> Any:
    import yaml

    return yaml.safe_load(text)
