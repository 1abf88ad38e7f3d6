"""Inputs of a job, checked against the manifests before anything is computed."""

from collections.abc import Iterable
from itertools import count
from pathlib import Path

from lth_core.errors import Failure
from lth_core.files import sha256_file
from lth_core.jobs.kind import Job
from lth_core.provenance import manifest


class BrokenInput(Failure):
    """A file that a job reads is not what its manifest says."""


def check_inputs(job: Job) -> dict[str, str]:
    """Return the digests of all that `job` reads by path, having checked every file of it.

    What does not match is set aside, so that the next call of Snakemake makes it again. Raises
    BrokenInput, naming the file.
    """
    digests = {}
    for name, files in job["reads"].items():
        path = Path(name)
        try:
            digests[name] = sha256_file(path)
            if files:
                _check(path, files)
        except FileNotFoundError:  # or another job that reads it has just set it aside
            raise BrokenInput(f"{path} is gone; {_way_back(path)}") from None
    return digests


def files_read(job: Job) -> list[str]:
    """Return the paths of the files that `job` reads beside the manifests that vouch for them."""
    read = job["reads"].items()
    return [f"{path.rpartition('/')[0]}/{file}" for path, files in read for file in files]


def _check(path: Path, files: Iterable[str]) -> None:
    try:
        outputs = manifest.read(path)["outputs"]
    except manifest.NoManifest as error:
        raise _broken(path, path, str(error)) from None
    for name in files:
        file = path.with_name(name)
        if not file.is_file() or sha256_file(file) != outputs.get(name):
            said = f"{file} is not what its manifest says (gone, cut off or changed)"
            raise _broken(path, file, said)


def _broken(path: Path, file: Path, said: str) -> BrokenInput:
    """Return the error of a file of the job that left its manifest at `path`, set aside by then.

    What is published stays.
    """
    if not _is_published(file):
        said += f". It has been set aside as {_set_aside(path, file)}"
    return BrokenInput(f"{said}; {_way_back(file)}")


def _way_back(file: Path) -> str:
    if _is_published(file):
        return f"get it back with `git checkout {file}`."
    return "call snakemake again to remake it."


def _is_published(file: Path) -> bool:
    return file.is_relative_to("results/published")


def _set_aside(path: Path, file: Path) -> Path:
    """Move the job's folder out of the way, or the one file where it shares its folder.

    Nothing that was set aside before is overwritten.
    """
    broken = path.parent if path.name == manifest.NAME else file if file.exists() else path
    # No name ends with a number: those of finished runs do.
    names = (Path(f"{broken}{f'.{n}' if n else ''}.broken") for n in count())
    aside = next(name for name in names if not name.exists())
    broken.rename(aside)
    return aside
