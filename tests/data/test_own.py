"""Data of a user's own, from every type of source; real images all along."""

import gzip
import io
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from lth_core.config.dataset import Dataset
from lth_core.config.files import read_mapping
from lth_core.config.own_data import FileSource, TorchvisionSource, with_pinned
from lth_core.data import sets
from lth_core.data.dataset import Arrays
from lth_core.data.errors import DataError
from lth_core.data.formats.idx import FILES
from lth_core.data.own import Found, cifar, find, image_folder, torchvision
from lth_core.data.own.whole import Facts
from lth_core.data.prepare import prepare_own
from lth_core.files import sha256_file

Write = Callable[[Path, Arrays], Path]
CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def mnist(mnist_file: Path) -> Arrays:
    """The whole of MNIST."""
    arrays = load_file(mnist_file)
    return {name: arrays[name] for name in sets.of("mnist").arrays}


@pytest.fixture(scope="module")
def few(mnist: Arrays) -> Arrays:
    """Its first 40 training and 20 test images."""
    return {name: array[: 40 if "train" in name else 20] for name, array in mnist.items()}


@pytest.fixture(scope="module")
def colours(few: Arrays) -> Arrays:
    """The same as images of 32 x 32 pixels in three different colours."""
    grown = {
        name: np.pad(few[name], ((0, 0), (2, 2), (2, 2)))[..., None]
        // np.array([1, 2, 3], np.uint8)
        for name in few
        if "images" in name
    }
    return {**few, **grown}


def idx(folder: Path, arrays: Arrays) -> Path:
    folder.mkdir()
    for name, file in FILES.items():
        sizes = b"".join(size.to_bytes(4, "big") for size in arrays[name].shape)
        header = bytes([0, 0, 8, arrays[name].ndim]) + sizes
        (folder / file).write_bytes(header + arrays[name].tobytes())
    return folder


def gzipped(folder: Path, arrays: Arrays) -> Path:
    for path in list(idx(folder, arrays).iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
        path.unlink()
    return folder


def npz(folder: Path, arrays: Arrays) -> Path:
    folder.mkdir()
    # Labels as other libraries have them.
    wide = {name: a.astype(np.int64) if "labels" in name else a for name, a in arrays.items()}
    np.savez_compressed(folder / "own.npz", **wide)
    return folder / "own.npz"


def pictures(folder: Path, arrays: Arrays) -> Path:
    for part in ("train", "test"):
        pairs = zip(arrays[f"{part}_images"], arrays[f"{part}_labels"], strict=True)
        for number, (image, label) in enumerate(pairs):
            path = folder / part / f"{label:02}" / f"{number:05}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path, compress_level=1)
    (folder / ".DS_Store").touch()
    return folder


def rows(images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 3, 1, 2).reshape(len(images), -1)


def cifar_python(folder: Path, arrays: Arrays, key: str, train: list[str], test: str) -> Path:
    folder.mkdir()
    parts = [(test, arrays["test_images"], arrays["test_labels"])]
    images = np.split(arrays["train_images"], len(train))
    labels = np.split(arrays["train_labels"], len(train))
    parts += zip(train, images, labels, strict=True)
    for name, pixels, numbers in parts:
        batch = {"filenames": ["é.png"], "coarse_labels": [3] * len(numbers)}
        batch |= {key: numbers.tolist(), "data": rows(pixels)}
        (folder / name).write_bytes(pickle.dumps(batch, 4))
    return folder


def cifar_binary(folder: Path, arrays: Arrays, before: int, train: list[str], test: str) -> Path:
    folder.mkdir()
    parts = [(test, arrays["test_images"], arrays["test_labels"])]
    images = np.split(arrays["train_images"], len(train))
    labels = np.split(arrays["train_labels"], len(train))
    parts += zip(train, images, labels, strict=True)
    for name, pixels, numbers in parts:
        coarse = np.full((len(numbers), before), 7, np.uint8)
        (folder / name).write_bytes(np.hstack([coarse, numbers[:, None], rows(pixels)]).tobytes())
    return folder


BATCHES = [f"data_batch_{number}" for number in range(1, 6)]
CIFAR: dict[str, Write] = {
    "10, python": lambda f, a: cifar_python(f, a, "labels", BATCHES, "test_batch"),
    "100, python": lambda f, a: cifar_python(f, a, "fine_labels", ["train"], "test"),
    "10, binary": lambda f, a: cifar_binary(
        f, a, 0, [f"{name}.bin" for name in BATCHES], "test_batch.bin"
    ),
    "100, binary": lambda f, a: cifar_binary(f, a, 1, ["train.bin"], "test.bin"),
}


def archived(write: Write) -> Write:
    def packed(folder: Path, arrays: Arrays) -> Path:
        path = folder.with_suffix(".tar.gz")
        with tarfile.open(path, "w:gz") as archive:
            archive.add(write(folder, arrays), "cifar")
        return path

    return packed


GREY: dict[str, tuple[str, Write]] = {
    "idx": ("idx", idx),
    "idx, gzipped": ("idx", gzipped),
    "npz": ("npz", npz),
    "image_folder": ("image_folder", pictures),
}
COLOUR: dict[str, tuple[str, Write]] = {
    "npz": ("npz", npz),
    "image_folder": ("image_folder", pictures),
    **{f"cifar {name}": ("cifar", write) for name, write in CIFAR.items()},
    **{f"cifar {name}, packed": ("cifar", archived(write)) for name, write in CIFAR.items()},
}


def same(found: Found, arrays: Arrays) -> bool:
    return list(found.arrays) == list(arrays) and all(
        found.arrays[name].dtype == np.uint8 and np.array_equal(found.arrays[name], arrays[name])
        for name in arrays
    )


@pytest.mark.parametrize("source", GREY)
def test_grey_images_are_read_back(source: str, few: Arrays, tmp_path: Path) -> None:
    type_, write = GREY[source]
    found = find(type_, str(write(tmp_path / "own", few)), None)
    assert same(found, few)
    assert found.facts == Facts((1, 28, 28), 10, 40, 20)


@pytest.mark.parametrize("source", COLOUR)
def test_images_in_colour_are_read_back(source: str, colours: Arrays, tmp_path: Path) -> None:
    type_, write = COLOUR[source]
    found = find(type_, str(write(tmp_path / "own", colours)), None)
    assert same(found, colours)
    assert found.facts == Facts((3, 32, 32), 10, 40, 20)


@pytest.mark.parametrize("source", ["idx", "idx, gzipped", "npz"])
def test_mnist_written_back_is_prepared_to_the_same_bytes(
    source: str, mnist: Arrays, mnist_file: Path, tmp_path: Path
) -> None:
    """So all that is trained on it is the same, too."""
    type_, write = GREY[source]
    place = str(write(tmp_path / "own", mnist))
    found = find(type_, place, None)
    pinned = {"type": type_, **found.facts._asdict(), "sha256": found.sha256}
    digest = prepare_own("own", tmp_path / "own.safetensors", place, pinned)
    assert sha256_file(tmp_path / "own.safetensors") == sha256_file(mnist_file)
    assert digest == sets.of("mnist").digest


def flipped(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("idx", "t10k-labels-idx1-ubyte"),
        ("idx, gzipped", "train-images-idx3-ubyte.gz"),
        ("npz", ""),
        ("image_folder", "test"),
    ],
)
def test_another_byte_than_pinned_is_refused(
    source: str, file: str, few: Arrays, tmp_path: Path
) -> None:
    type_, write = GREY[source]
    place = write(tmp_path / "own", few)
    found = find(type_, str(place), None)
    assert same(find(type_, str(place), found.sha256, found.facts), few)
    if source == "image_folder":
        picture = next((place / file).rglob("*.png"))
        Image.new("L", (28, 28)).save(picture)
    else:
        flipped(place / file)
    with pytest.raises(DataError) as raised:
        find(type_, str(place), found.sha256, found.facts)
    name = (place / file).name
    assert str(raised.value).startswith(
        f"{place / file}: expected sha256 {found.sha256[name]}, found "
    )


def test_a_pinned_file_that_is_gone_is_missed(few: Arrays, tmp_path: Path) -> None:
    place = gzipped(tmp_path / "own", few)
    pinned = {**find("idx", str(place), None).sha256, "more.gz": "0" * 64}
    with pytest.raises(DataError, match=r"^pinned.sha256.more.gz: no such file was read$"):
        find("idx", str(place), pinned)


@pytest.mark.parametrize("file", FILES.values())
def test_truncated_and_missing_idx_files_are_named(file: str, few: Arrays, tmp_path: Path) -> None:
    path = idx(tmp_path / "own", few) / file
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=f"^{path}: truncated"):
        find("idx", str(path.parent), None)
    packed = path.with_name(f"{file}.gz")
    packed.write_bytes(gzip.compress(b"x" * 99)[:-9])
    with pytest.raises(DataError, match=f"^{packed}: damaged gzip file"):
        find("idx", str(path.parent), None)
    packed.unlink()
    path.unlink()
    with pytest.raises(DataError, match=f"^{path}: there is no such file$"):
        find("idx", str(path.parent), None)


def changed(arrays: Arrays, name: str, change: Callable[[np.ndarray], np.ndarray]) -> Arrays:
    return {**arrays, name: change(arrays[name])}


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (
            "test_images",
            lambda a: a[:, 1:],
            r"images of shape \(27, 28\), but those of .* \(28, 28",
        ),
        (
            "test_images",
            lambda a: np.stack([a] * 3, 1),
            r"found \(20, 3, 28, 28\): channels come last; save images.transpose\(0, 2, 3, 1\)$",
        ),
        ("train_images", lambda a: a[:, None], r"found \(40, 1, 28, 28\): channels come last"),
        ("train_images", lambda a: a[0], r"expected images as uint8 .* found uint8 of shape \(28,"),
        ("train_images", lambda a: a / 255, "expected images as uint8 .* found float64"),
        ("test_images", lambda a: a[:0], "expected images as uint8 .* found"),
        ("train_labels", lambda a: a[1:], "39 labels, but .*train_images has 40 images"),
        ("test_labels", lambda a: a[:, None], r"expected labels as integers of shape \(N,\)"),
        ("test_labels", lambda a: a / 1, "expected labels as integers .* found float64"),
        ("test_labels", lambda a: a + 5, "label 12 of example 0 is no class: expected 0 to 9"),
        ("train_labels", lambda a: a.astype(int) - 1, "label -1 of example .* expected 0 to 8"),
        ("train_labels", lambda a: a.astype(int) + 252, "label .* no class: expected 0 to 255"),
        ("train_labels", lambda a: a + 1, "class 0 has no training example: .* found 1 to 10$"),
        ("train_labels", lambda a: a + (a > 1), "class 2 has no training example: .* 0 to 10$"),
    ],
)
def test_wrong_arrays_are_named(
    name: str,
    change: Callable[[np.ndarray], np.ndarray],
    words: str,
    few: Arrays,
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, **changed(few, name, change))
    with pytest.raises(DataError, match=f"^{path}: {name}: {words}"):
        find("npz", str(path), None)


@pytest.mark.parametrize(("label", "missing"), [(0, 1), (3, 0)])
def test_a_single_class_is_none(label: int, missing: int, few: Arrays, tmp_path: Path) -> None:
    alike = changed(few, "train_labels", lambda a: a * 0 + label)
    path = idx(tmp_path / "own", alike) / FILES["train_labels"]
    with pytest.raises(DataError, match=f"^{path}: class {missing} has no training example"):
        find("idx", str(path.parent), None)


def test_a_test_split_may_lack_a_class(few: Arrays, tmp_path: Path) -> None:
    fewer = changed(few, "test_labels", lambda a: np.where(a == 7, 6, a))
    assert find("npz", str(npz(tmp_path / "own", fewer)), None).facts.classes == 10


@pytest.mark.parametrize("channels", [1, 3])
def test_images_three_pixels_high_are_read(channels: int, few: Arrays, tmp_path: Path) -> None:
    images = {n: np.stack([a[:, :3]] * channels, -1) for n, a in few.items() if "images" in n}
    found = find("npz", str(npz(tmp_path / "own", {**few, **images})), None)
    assert same(found, {**few, **images})
    assert found.facts.images == (channels, 3, 28)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts((1, 20, 20), 10, 40, 20), r"train_images: expected images of \[1, 20, 20\]"),
        (Facts((1, 28, 28), 9, 40, 20), "train_labels: label 9 of example 4 is no class"),
        (Facts((1, 28, 28), 11, 40, 20), "train_labels: class 10 has no training example"),
        (Facts((1, 28, 28), 10, 41, 20), "train_labels: expected 41 training and 20 test examples"),
    ],
)
def test_other_facts_than_pinned_are_refused(
    facts: Facts, words: str, few: Arrays, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=words):
        find("npz", str(npz(tmp_path / "own", few)), None, facts)


class Evil:
    """Runs code where it is unpickled."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, ...]:
        return (self.witness.write_text, ("x",))


def test_other_files_than_numpys_are_refused(few: Arrays, tmp_path: Path) -> None:
    path, witness = tmp_path / "own.npz", tmp_path / "it-ran"
    whole = npz(tmp_path / "own", few).read_bytes()
    lone = io.BytesIO()
    np.save(lone, few["train_labels"])
    right = f"^{path}: expected a file of numpy.savez with the arrays train_images, .*, test_labels"
    for raw in (b"", b"text", pickle.dumps(few), whole[:2000], whole[:-100]):
        path.write_bytes(raw)
        with pytest.raises(DataError, match=f"{right}, found no npz file, or a damaged one$"):
            find("npz", str(path), None)
    path.write_bytes(lone.getvalue())
    with pytest.raises(DataError, match=f"{right}, found a lone array$"):
        find("npz", str(path), None)
    middle = len(whole) // 2
    damaged = whole[:middle] + bytes(9) + whole[middle + 9 :]
    np.savez(path, **changed(few, "test_labels", lambda a: np.array([Evil(witness)] * 20)))
    for raw, name in ((path.read_bytes(), "test_labels"), (damaged, "train_images")):
        path.write_bytes(raw)
        with pytest.raises(DataError, match=f"^{path}: {name}: expected an array of numbers, fou"):
            find("npz", str(path), None)
    assert not witness.exists()
    np.savez(path, x_train=few["train_images"])
    with pytest.raises(DataError, match="train_images is not among x_train$"):
        find("npz", str(path), None)


def another_size(root: Path) -> Path:
    path = next((root / "test").rglob("*.png"))
    Image.new("L", (28, 27)).save(path)
    return path


def another_mode(root: Path) -> Path:
    path = next((root / "train").rglob("*.png"))
    Image.new("P", (28, 28)).save(path)
    return path


def one_in_colour(root: Path) -> Path:
    path = next((root / "test").rglob("*.png"))
    Image.new("RGB", (28, 28)).save(path)
    return path


def truncated(root: Path) -> Path:
    path = next((root / "train").rglob("*.png"))
    path.write_bytes(path.read_bytes()[:-30])
    return path


def no_image(root: Path) -> Path:
    path = root / "train" / "05" / "notes.txt"
    path.write_text("a five", encoding="utf-8")
    return path


def another_class(root: Path) -> Path:
    path = root / "test" / "eleven"
    path.mkdir()
    return path


def a_folder_too_deep(root: Path) -> Path:
    path = root / "train" / "05" / "more"
    path.mkdir()
    return path


def a_file_too_high(root: Path) -> Path:
    path = root / "train" / "0.png"
    path.touch()
    return path


def no_test(root: Path) -> Path:
    (root / "test").rename(root / "validation")
    return root / "test"


def an_empty_class(root: Path) -> Path:
    path = root / "train" / "03a"
    path.mkdir()
    (path / ".DS_Store").touch()
    return path


def nothing_to_test(root: Path) -> Path:
    (root / "test").rename(root / "validation")
    (root / "test" / "05").mkdir(parents=True)
    return root / "test"


FIRST = (
    "first image, .*/train/05/00000.png, has 28 x 28 pixels, grey; all should be of one size, and"
    " all grey or all in colour$"
)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (another_size, f"27 x 28 pixels, grey, but the {FIRST}"),
        (one_in_colour, f"28 x 28 pixels, colour, but the {FIRST}"),
        (another_mode, r"expected a grey image \(mode L\) or one in colour \(RGB\), found mode P"),
        (truncated, "damaged, or no image in PNG or JPEG"),
        (no_image, "damaged, or no image in PNG or JPEG"),
        (another_class, "no class: .*train has no such folder"),
        (a_folder_too_deep, "expected an image, found a folder"),
        (a_file_too_high, "expected a folder, named by a class"),
        (an_empty_class, "expected training images of this class, found none"),
        (no_test, "there is no such folder"),
        (nothing_to_test, "expected a folder of images for each class, found none"),
    ],
)
def test_the_wrong_image_is_named(
    spoil: Callable[[Path], Path], words: str, few: Arrays, tmp_path: Path
) -> None:
    root = pictures(tmp_path / "own", few)
    path = spoil(root)
    with pytest.raises(DataError, match=f"^{path}: {words}"):
        find("image_folder", str(root), None)


def test_a_jpeg_is_an_image(few: Arrays) -> None:
    file = io.BytesIO()
    Image.fromarray(few["test_images"][0]).save(file, "JPEG")
    assert image_folder.decode(file.getvalue(), "x").shape == (28, 28)


@pytest.mark.parametrize("layout", CIFAR)
def test_wrong_batches_of_cifar_are_named(layout: str, colours: Arrays, tmp_path: Path) -> None:
    root = CIFAR[layout](tmp_path / "own", colours)
    [names] = [found for found in cifar.LAYOUTS if (root / found.test).is_file()]
    path = root / names.train[-1]
    raw = path.read_bytes()
    path.write_bytes(raw[:-1500])
    with pytest.raises(DataError, match=f"^{path}: not a "):
        find("cifar", str(root), None)
    path.unlink()
    with pytest.raises(DataError, match=f"^{path}: there is no such file"):
        find("cifar", str(root), None)
    (root / names.test).unlink()
    with pytest.raises(DataError, match=f"^{root}: expected a folder or .tar.gz of CIFAR with one"):
        find("cifar", str(root), None)


@pytest.mark.parametrize("layout", CIFAR)
def test_labels_outside_of_cifars_classes_are_named(
    layout: str, colours: Arrays, tmp_path: Path
) -> None:
    labels = colours["train_labels"].copy()
    labels[33] = 100
    root = CIFAR[layout](tmp_path / "own", {**colours, "train_labels": labels})
    with pytest.raises(DataError, match="/(data_batch_5|train)[.bin]*: label 100 is no class"):
        find("cifar", str(root), None)


def test_a_pickle_of_cifar_is_not_loaded(colours: Arrays, tmp_path: Path) -> None:
    root, witness = CIFAR["100, python"](tmp_path / "own", colours), tmp_path / "it-ran"
    (root / "train").write_bytes(pickle.dumps({"fine_labels": [1], "data": Evil(witness)}))
    with pytest.raises(DataError, match=f"^{root}/train: not a CIFAR-100 batch"):
        find("cifar", str(root), None)
    assert not witness.exists()


def test_a_damaged_archive_is_named(colours: Arrays, tmp_path: Path) -> None:
    path = archived(CIFAR["100, binary"])(tmp_path / "own", colours)
    path.write_bytes(path.read_bytes()[:-99])
    with pytest.raises(DataError, match=f"^{path}: damaged archive"):
        find("cifar", str(path), None)


def test_what_torchvision_downloads_is_read(
    few: Arrays, colours: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(name: str, folder: str) -> None:
        if name == "FashionMNIST":
            (Path(folder) / "FashionMNIST").mkdir()
            raw = gzipped(Path(folder) / "FashionMNIST/raw", few)
            for path in list(raw.iterdir()):  # torchvision leaves both
                path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        else:
            archived(CIFAR["100, python"])(Path(folder) / "cifar-100-python", colours)

    monkeypatch.delenv("LTH_DATA", raising=False)
    monkeypatch.setattr(torchvision, "download", download)
    found = find("torchvision", "FashionMNIST", None)
    assert same(found, few)
    assert set(found.sha256) == shipped("fashionmnist")
    found = find("torchvision", "CIFAR100", None)
    assert same(found, colours)
    assert set(found.sha256) == shipped("cifar100")

    for name in ("FashionMNIST", "CIFAR100"):
        download(name, str(tmp_path))
    monkeypatch.setattr(torchvision, "download", None)
    monkeypatch.setenv("LTH_DATA", str(tmp_path))
    assert same(find("torchvision", "FashionMNIST", None), few)
    assert same(find("torchvision", "CIFAR100", None), colours)
    with pytest.raises(DataError, match=f"^{tmp_path}/KMNIST/raw/train-images-idx3-ubyte: there"):
        find("torchvision", "KMNIST", None)
    with pytest.raises(
        DataError, match="^torchvision's SVHN: expected one of CIFAR10, CIFAR100, F"
    ):
        find("torchvision", "SVHN", None)


def shipped(name: str) -> set[str]:
    """The names of the files that are pinned in config/."""
    pinned = Dataset.model_validate(read_mapping(CONFIG / f"datasets/{name}.yaml")).pinned
    return set(pinned.sha256) if pinned else set()


def test_the_config_knows_every_type_and_class() -> None:
    folder = Path(image_folder.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "files", "whole"}
    types = [model.model_fields["type"].annotation for model in (FileSource, TorchvisionSource)]
    assert {name for type_ in types for name in get_args(type_)} == files
    classes = get_args(TorchvisionSource.model_fields["name"].annotation)
    assert list(classes) == sorted({**torchvision.IDX, **torchvision.CIFAR})


FACTS, DIGESTS = Facts((1, 28, 28), 10, 40, 20), {"a: #b.gz": "1" * 63 + "e", 'é"': "2" * 64}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("\n\n# A remark.\n", "\n\n# A remark.\n"),
        ("\npinned:\n  classes: 3\n\n  sha256: {}\n", ""),
        ("pinned:\n  classes: 3\n# A remark.\nblur: 1\n", "# A remark.\nblur: 1\n"),
        ("pinned:\n  classes: 3\n# Why.\n\n  train: 3\nblur: 1\n", "blur: 1\n"),
        ("pinned: {classes: 3,\n  train: 3}\n\n# A remark.", "# A remark.\n"),
        ("pinned: {classes: 3}", ""),
    ],
)
def test_the_pinned_block_is_renewed_and_all_else_kept(
    before: str, after: str, tmp_path: Path
) -> None:
    start = "# Mine.\nsource: {type: npz, path: a.npz}\nvalidation: 5  # few\nscaling: unit\n"
    unfit = {"l2": "the length of image 3 of test_images, which is all black"}
    text = with_pinned(start + before, FACTS, DIGESTS, unfit)
    assert text.startswith((start + after).rstrip("\n") + "\n\npinned:\n  images: [1, 28, 28]\n")
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    pinned = Dataset.model_validate(read_mapping(path)).pinned
    assert pinned is not None and pinned.sha256 == DIGESTS
    assert (pinned.images, pinned.classes, *pinned.sizes) == FACTS
    assert pinned.unfit == unfit
    assert with_pinned(text, FACTS, DIGESTS, unfit) == text
    assert "unfit" not in with_pinned(text, FACTS, DIGESTS, {})
