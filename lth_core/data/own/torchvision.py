"""A class of torchvision.datasets whose files are in MNIST's format or in CIFAR's.

They are read where the variable LTH_DATA says, else downloaded. Only files that it downloads are
read: they are what is published, and what is pinned.
"""

import tempfile
from pathlib import Path

from lth_core.data import root
from lth_core.data.errors import DataError
from lth_core.data.own import cifar, idx
from lth_core.data.own.files import Files
from lth_core.data.own.whole import Pieces
from lth_core.data.sources import download

# By class: where its files lie below the folder that torchvision is given.
IDX = {name: f"{name}/raw" for name in ("MNIST", "FashionMNIST", "KMNIST")}
CIFAR = {"CIFAR10": "cifar-10-python.tar.gz", "CIFAR100": "cifar-100-python.tar.gz"}


def read(name: Path, files: Files) -> Pieces:
    """Read the class called `name`. Raises DataError where its files are not to be had."""
    known = sorted({**IDX, **CIFAR})
    if str(name) not in known:
        raise DataError(
            f"torchvision's {name}: expected one of {', '.join(known)}; of another class, save the"
            " arrays with numpy.savez, and take `type: npz`"
        )
    given = root.told()
    if given is not None:
        return _read(str(name), given, files)
    with tempfile.TemporaryDirectory(prefix="lth-data-") as folder:
        try:
            download(str(name), folder)
        except DataError as error:
            raise DataError(
                f"torchvision's {name}: {error}. Without internet, set data_root in"
                " config/config.yaml to a folder that holds it in torchvision's layout."
            ) from error
        return _read(str(name), Path(folder), files)


def _read(name: str, folder: Path, files: Files) -> Pieces:
    if name in CIFAR:
        path = folder / CIFAR[name]
        if not path.is_file():
            raise DataError(f"{path}: there is no such file")
        return cifar.read(path, files)
    return idx.read(folder / IDX[name], files)
