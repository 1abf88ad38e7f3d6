"""Make the one prepared file of a data set that every run reads.

python -m lth_core.data.prepare --dataset mnist --code DIGEST --out results/data/mnist.safetensors

The manifest, mnist.manifest.json, lies beside it: the root of every result's provenance.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from safetensors.numpy import save_file

from lth_core.data.digests import DIGESTS, Arrays, dataset_digest, verify
from lth_core.data.errors import DataError
from lth_core.data.sources import SOURCES, Source
from lth_core.files import atomic_path, sha256_file
from lth_core.provenance import manifest


def prepare(
    dataset: str, out: Path, root: Path | None = None, sources: Mapping[str, Source] = SOURCES
) -> str:
    """Write `out` from the first source whose arrays are the right ones; return its name.

    `out` is a safetensors file of uint8 arrays `train_images`, `train_labels`, `test_images`
    and `test_labels` (shapes in `digests.DIGESTS`), with the metadata `dataset`, `source` and
    `digest`. It appears whole or not at all.

    Raises:
        DataError: no source gave the right arrays; says why for each.
    """
    if dataset not in DIGESTS:
        raise DataError(f"unknown data set {dataset!r}; known: {', '.join(DIGESTS)}")
    name, arrays = _first_good(dataset, root, sources)
    metadata = {"dataset": dataset, "source": name, "digest": dataset_digest(dataset)}
    with atomic_path(out) as temporary:
        save_file(dict(arrays), temporary, metadata=metadata)
    return name


def write_manifest(dataset: str, source: str, code: str, out: Path) -> None:
    """Write the manifest of the prepared file `out` beside it, naming the data's digest."""
    manifest.write(
        out.with_suffix(".manifest.json"),
        manifest.build(
            "data",
            settings={"dataset": dataset, "source": source},
            code=code,
            inputs=[],
            outputs={out.name: sha256_file(out)},
            environment={},
            digest=dataset_digest(dataset),
        ),
    )


def _first_good(
    dataset: str, root: Path | None, sources: Mapping[str, Source]
) -> tuple[str, Arrays]:
    reasons = []
    for name, source in sources.items():
        try:
            arrays = source(dataset, root)
            verify(dataset, arrays)
            return name, arrays
        except (DataError, OSError) as error:
            reasons.append(f"{name}: {error}")
            print(f"{dataset}: not from {reasons[-1]}", file=sys.stderr, flush=True)
    raise DataError(f"{dataset}: no source had it\n  " + "\n  ".join(reasons))


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and prepare one data set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dataset", required=True, choices=sorted(DIGESTS))
    parser.add_argument("--code", required=True, help="fingerprint of this code")
    parser.add_argument("--out", required=True, type=Path, help="safetensors file to write")
    parser.add_argument(
        "--root",
        type=Path,
        default=os.environ.get("LTH_DATA") or None,
        help="folder in torchvision's layout to look in first (default: $LTH_DATA)",
    )
    options = parser.parse_args(arguments)
    try:
        source = prepare(options.dataset, options.out, options.root)
        write_manifest(options.dataset, source, options.code, options.out)
    except (DataError, OSError) as error:
        sys.exit(f"error: {error}")
    print(f"{options.dataset}: from {source}, every digest right: {options.out}")


if __name__ == "__main__":
    main()
