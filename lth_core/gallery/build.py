"""Write the gallery of what has been built.

python -m lth_core.gallery.build --spec config/figures.yaml --figures results/figures \
    --claims results/claims.parquet --code DIGEST --out results/gallery.html
"""

import argparse
import os
from pathlib import Path

from lth_core.config import figures as config
from lth_core.files import sha256_file, write_bytes
from lth_core.gallery.cards import Card, cards, read_claims
from lth_core.gallery.page import page
from lth_core.provenance import manifest


def build(spec: Path, figures: Path, claims: Path, code: str, out: Path) -> list[Card]:
    """Write the page `out` and, last, its manifest; return what is on the page.

    spec: figures.yaml. figures: folder of the drawn figures. claims: table of the claims,
    which may be missing. code: fingerprint of this code.
    """
    by_figure = read_claims(claims) if claims.is_file() else {}
    found = cards(config.load(spec).figures, figures, by_figure)
    text = page(found, Path(os.path.relpath(figures, out.parent)).as_posix())
    write_bytes(out, text.encode())
    drawn = [figures / card.built.files["manifest"] for card in found if card.built]
    written = manifest.build(
        "gallery",
        settings={"figures": [card.name for card in found]},
        code=code,
        inputs=[spec, *drawn, *([claims] if claims.is_file() else [])],
        outputs={out.name: sha256_file(out)},
        environment={},
    )
    manifest.write(out.with_suffix(".manifest.json"), written)
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--spec", type=Path, required=True, help="figures.yaml")
    parser.add_argument("--figures", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--claims", type=Path, required=True, metavar="PARQUET")
    parser.add_argument("--code", required=True, help="fingerprint of this code")
    parser.add_argument("--out", type=Path, required=True, metavar="HTML")
    arguments = parser.parse_args()
    found = build(**vars(arguments))
    print(
        f"{arguments.out}: {sum(card.built is not None for card in found)} of {len(found)} figures"
    )


if __name__ == "__main__":
    main()
