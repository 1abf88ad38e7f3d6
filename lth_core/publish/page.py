"""The page of published results, results/published/README.md, from manifests and verdicts."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from lth_core.claims.page import counts
from lth_core.figure_names import heading, remarks
from lth_core.files import write_bytes
from lth_core.partial import whole
from lth_core.provenance.manifest import NAME
from lth_core.publish.drawn import drawn_in
from lth_core.publish.manifests import read_published

PAGE = "README.md"
_INTRODUCTION = """\
# Published figures

Small copies of results, kept in git, by scale: `SCALE/figures/`, the tables that they are drawn
from, and in `SCALE/manifests.parquet` the manifests of all runs behind them. Metrics, weights and
executed notebooks are not here, but their digests are. Masks are in `SCALE/masks/`, one bit per
weight, where they are small enough for git; [tickets](../../docs/tickets.md) are made of them.

```sh
snakemake --cores 2 published                           # make all of it again,
git status results/published                            # to the same bytes
lth audit results/published/quick/figures/fig04.png     # check every digest, down to the data set
lth publish fig04 --scale paper                         # bring a figure here from results/
```

Summaries are complete, and so are the learning curves that a figure draws. Other runs keep every
20th evaluation, that of early stopping, and those that claims read. The versions in
requirements.txt give the same bytes; with others, pixels may differ. The context of a picture
records the versions that drew it.

The [paper's claims](../../config/paper/claims.csv) and those of
[other systems](../../docs/peers.md) are judged on these tables alone. The verdicts are in
`SCALE/claims.html` (download it and open it in a browser) and `SCALE/claims.csv`, those on other
systems in `SCALE/peers.csv`.

An audit finds nothing stale. It calls runs `omitted`, since their weights are not here, and jobs
`foreign` that were made with other versions, or by a commit that this history lacks.

Pale bands are the paper's own curves, read off its figures.
"""


def write_page(folder: Path) -> None:
    """Write the page of all figures published below `folder`."""
    write_bytes(folder / PAGE, page(folder).encode())


def page(folder: Path) -> str:
    """Return the page, in Markdown: the paper's scale first."""
    scales = {path.parent.parent.name for path in folder.glob("*/figures/*.manifest.json")}
    ordered = sorted(scales, key=lambda scale: (scale != "paper", scale))
    parts = [part for scale in ordered for part in _scale(folder, scale)]
    return "\n".join([_INTRODUCTION, *parts])


def _scale(folder: Path, scale: str) -> Iterator[str]:
    yield f"## Scale {scale}\n"
    names = drawn_in(folder / scale / "figures")
    figures = " ".join(map(whole, names))
    yield f"```sh\nsnakemake --cores 2 --config scale={scale} -- {figures}\n```\n"
    if (folder / scale / "claims.manifest.json").is_file():
        yield _claims(folder, scale)
    masks = sorted(folder.glob(f"{scale}/masks/*/{NAME}"))
    if masks:
        yield f"Masks: {', '.join(_masks(folder, path) for path in masks)}.\n"
    for name in names:
        settings = read_published(folder / scale / "figures" / f"{name}.{NAME}")["settings"]
        spec = settings["spec"]
        said = [f"{text[0].upper()}{text[1:]}. " for text in remarks(settings["scale"])]
        figure = f"{scale}/figures/{name}"
        links = f"[numbers]({figure}.csv), [manifest]({figure}.manifest.json)"
        yield f"### {heading(name)}: {spec['title']}\n"
        yield f"{spec['caption']} {''.join(said)}({links})\n"
        yield f"![{heading(name)}]({figure}.png)\n"


def _masks(folder: Path, path: Path) -> str:
    settings = read_published(path)["settings"]
    link = path.relative_to(folder).as_posix()
    return f"{settings['experiment']} ({len(settings['runs'])} runs, [manifest]({link}))"


def _claims(folder: Path, scale: str) -> str:
    said = counts(pd.read_csv(folder / scale / "claims.csv")["verdict"])
    files = {"page": "claims.html", "verdicts": "claims.csv", "manifest": "claims.manifest.json"}
    linked = ", ".join(f"[{text}]({scale}/{name})" for text, name in files.items())
    return f"{said} ({linked}).\n"
