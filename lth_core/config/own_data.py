"""Typed models of a user's own data: its location, and the facts pinned about it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, Strict, field_validator

from lth_core.config.block import Block
from lth_core.data.own.whole import Facts

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(gt=0)]


class FileSource(Block):
    """Your own files."""

    type: Literal["idx", "npz", "image_folder", "cifar"] = Field(
        description="`idx`: a folder of four files named as MNIST's, each plain or gzipped."
        " `npz`: a file with the arrays `train_images` (uint8; N, H, W or N, H, W, C),"
        " `train_labels` (integers from 0), `test_images` and `test_labels`. `image_folder`:"
        " `train/CLASS/*` and `test/CLASS/*`, PNG or JPEG of one size, grey or RGB, in the order of"
        " their file names, classes in the order of theirs. `cifar`: the folder or the .tar.gz of"
        " CIFAR-10 or CIFAR-100 (fine labels), the Python or the binary version."
    )
    path: str = Field(
        min_length=1, description="File or folder, from the folder that holds config/, or absolute."
    )

    @field_validator("path")
    @classmethod
    def _has_a_home(cls, path: str) -> str:
        try:
            Path(path).expanduser()
        except RuntimeError:
            raise ValueError("there is no such home folder; write it out") from None
        return path

    def place(self, file: Path) -> str:
        """Return where the data lie; file: that of config/datasets/ which says this."""
        return str(file.absolute().parents[2] / Path(self.path).expanduser())


class TorchvisionSource(Block):
    """Data from torchvision, or from a folder that has them (`data_root` in config.yaml)."""

    type: Literal["torchvision"]
    name: Literal["CIFAR10", "CIFAR100", "FashionMNIST", "KMNIST", "MNIST"] = Field(
        description="Class of torchvision.datasets. For others, save the arrays as `npz`."
    )

    def place(self, file: Path) -> str:
        """Return which class it is, whichever file says it."""
        return self.name


Source = Annotated[FileSource | TorchvisionSource, Field(discriminator="type")]


class Pinned(Block):
    """Facts found in the data; anything else is refused. `lth data NAME --pin` writes them."""

    images: Annotated[tuple[Count, Count, Count], Strict(False)] = Field(
        description="Channels, height and width."
    )
    classes: int = Field(gt=1, le=256, description="Number of classes; labels count from 0.")
    train: Count = Field(description="Training examples, those for validation included.")
    test: Count = Field(description="Test examples.")
    sha256: dict[str, Digest] = Field(
        min_length=1,
        description="Digest of each file, by name; of an image folder, of `train` and of `test`:"
        " the sha256 of a line `NAME SHA256` for each of its files.",
    )

    # Not among what the job of the data is told: it follows from them.
    unfit: dict[Literal["l2", "standardise"], str] = Field(
        {}, exclude=True, description="Scalings that would divide by zero, and by what."
    )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of an image."""
        return self.images

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of training examples, validation ones included, and of test examples."""
        return self.train, self.test


def with_pinned(
    text: str, facts: Facts, sha256: Mapping[str, str], unfit: Mapping[str, str]
) -> str:
    """Return a file of config/datasets/ with its block `pinned` renewed, at the end."""
    # Indented lines, also after empty ones and comments.
    block = r"^pinned:.*(?:\n(?:(?:[ \t]*|#.*)\n)*[ \t]+\S.*)*\n*"
    kept = re.sub(block, "", text, flags=re.MULTILINE)
    lines = [f"  {key}: {json.dumps(value)}" for key, value in facts._asdict().items()]
    # In quotes: a digest may look like a number.
    lines += [
        "  sha256:",
        *(f"    {json.dumps(name)}: {json.dumps(d)}" for name, d in sha256.items()),
    ]
    if unfit:
        lines += ["  unfit:", *(f"    {key}: {json.dumps(value)}" for key, value in unfit.items())]
    return "\n".join([kept.rstrip("\n"), "", "pinned:", *lines, ""])
