"""Makes a published file in its place, or makes it again."""

from collections.abc import Iterable
from pathlib import Path

from lth_core.audit.manifests import output_file
from lth_core.files import write_bytes
from lth_core.jobs.kind import Job, code_of, manifest_name
from lth_core.jobs.run import run
from lth_core.provenance import manifest
from lth_core.provenance.context import context_path


def remake(kind: str, job: Job, out: Path) -> bool:
    """Do a job in the folder `out`, and return whether any of its files has changed.

    While its manifest is the same, its context stays as it was: made again elsewhere it has the
    same bytes. The executed notebook of a figure, which holds the picture once more, is removed.
    """
    path = out / manifest_name(kind, job)
    before = _contents(path)
    try:
        run(kind, job, code_of(kind, job), out)
    except BaseException:
        if path in before and not path.exists():  # else nothing says any more that it was published
            write_bytes(path, before[path])
        raise
    context = context_path(path)
    if context in before and before.get(path) == path.read_bytes():
        write_bytes(context, before[context])
    for notebook in [file for file in _contents(path) if file.suffix == ".ipynb"]:
        notebook.unlink()
    return _contents(path) != before


def _contents(path: Path) -> dict[Path, bytes]:
    """Return the bytes of a manifest, its context and all outputs that are there."""
    outputs = [path.with_name(output_file(name)) for name in _outputs(path)]
    files = {path, context_path(path), *outputs}
    return {file: file.read_bytes() for file in files if file.is_file()}


def _outputs(path: Path) -> Iterable[str]:
    """Return the names of a manifest's outputs; none where it is gone, or damaged."""
    try:
        outputs: dict[str, str] = manifest.read(path)["outputs"]
    except (FileNotFoundError, manifest.NoManifest):
        return ()  # it is made again
    return outputs
