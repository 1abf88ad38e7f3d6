"""`lth data`: inspects and pins your own data."""

from pathlib import Path
from typing import Annotated

import typer

from lth_core.commands.shared import CONFIG
from lth_core.config.checks import check_scaling
from lth_core.config.dataset import Dataset
from lth_core.config.errors import ConfigError, unknown_name, validated
from lth_core.config.files import mapping_in, named_files, read_mapping
from lth_core.config.own_data import with_pinned
from lth_core.data import root
from lth_core.files import write_bytes
from lth_core.words import plural


def data(
    name: Annotated[str, typer.Argument(help="A file in config/datasets/ with a `source`.")],
    pin: Annotated[bool, typer.Option("--pin", help="Write what is found to that file.")] = False,
) -> None:
    """Check the data of NAME against the config, or pin them as found.

    Pinned data must match byte for byte from then on.
    """
    from lth_core.data.own import find
    from lth_core.data.own.whole import Facts
    from lth_core.data.unfit import unfit

    data_root = read_mapping(CONFIG / "config.yaml").get("data_root")
    root.tell(data_root and str(data_root))
    known = named_files(CONFIG / "datasets")
    if name not in known:
        raise unknown_name("data", name, known, "data set")
    path = known[name]
    dataset = validated(Dataset, path, read_mapping(path))
    source, pinned = dataset.source, dataset.pinned
    if source is None:
        raise ConfigError(f"{path}: source: this key is missing; built-in data need no `lth data`")
    if pinned is None and not pin:
        raise ConfigError(f"{path}: pinned: this key is missing; `lth data {name} --pin` writes it")
    if pin or pinned is None:
        found = find(source.type, source.place(path), None)
    else:
        facts = Facts(pinned.images, pinned.classes, *pinned.sizes)
        found = find(source.type, source.place(path), pinned.sha256, facts)
    scalings = unfit(found.arrays)
    check_scaling(str(path), dataset, scalings)
    if pinned is not None and not pin and pinned.unfit != scalings:
        raise ConfigError(
            f"{path}: pinned.unfit: found {pinned.unfit}, should be {scalings};"
            f" `lth data {name} --pin` writes it"
        )
    if pin:
        text = path.read_text(encoding="utf-8")
        text = with_pinned(text, found.facts, found.sha256, scalings)
        _check_is_right(path, text)
        write_bytes(path, text.encode())
    channels, height, width = found.facts.images
    print(
        f"{name}: {found.facts.train:,} training and {found.facts.test:,} test examples of"
        f" {height} x {width} pixels, {channels} {plural('channel', channels)},"
        f" {found.facts.classes} classes: {'pinned in' if pin else 'as pinned in'} {path}"
    )


def _check_is_right(path: Path, text: str) -> None:
    """Refuse to replace a file by what is none of config/datasets/."""
    try:
        validated(Dataset, path, mapping_in(text.encode(), path))
    except ConfigError:
        raise ConfigError(
            f"{path}: pinned: this block cannot be renewed as it is written; take it out by hand,"
            " and pin again"
        ) from None
