"""Evaluate all claims on the tables that exist, and write results/claims.parquet and .html.

python -m lth_core.claims.evaluate --scale quick --manifests results/quick/tables/a/manifest.json \
    results/quick/distributions/a/manifest.json --pictures fig04 fig05 --code CODE --out results
"""

import argparse
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from lth_core.claims import page
from lth_core.claims.results import evaluate
from lth_core.claims.scale import all_experiments, check_claims, scale_of_claim
from lth_core.claims.tables import Facts, Tables
from lth_core.config.claims import Claim, load_claims
from lth_core.config.files import read_mapping
from lth_core.config.load import Project, load
from lth_core.files import sha256_bytes, write_bytes
from lth_core.provenance import manifest
from lth_core.tables.parquet import environment, write_table


def read(config: Path, scale: str) -> tuple[Project, dict[str, Claim]]:
    """Return the project at a scale and its claims, from the folder `config`.

    Raises ConfigError, also where a claim is about an experiment that there is not.
    """
    project = load(config, read_mapping(config / "config.yaml") | {"scale": scale})
    claims = load_claims(config / "paper")
    check_claims(project, claims, f"{config}/paper/claims")
    return project, claims


def judged(
    project: Project,
    claims: Mapping[str, Claim],
    manifests: Collection[Path],
    thinned: Collection[str] = (),
) -> pd.DataFrame:
    """Return the table of verdicts on the tables beside `manifests`; thinned: as in Tables."""
    folders = {kind: {m.parent.name: m.parent for m in manifests if m.parts[-3] == kind}
               for kind in ("tables", "distributions")}  # fmt: skip
    names = all_experiments(project)
    facts = Facts(project.architectures, project.paper_experiments)
    tables = Tables(folders["tables"], folders["distributions"], names, facts, thinned)
    scale = {claim.id: scale_of_claim(project, claim) for claim in claims.values()}
    return evaluate(claims.values(), tables, scale)


def build(
    project: Project,
    claims: Mapping[str, Claim],
    manifests: list[Path],
    drawn: Iterable[str],
    code: str,
    out: Path,
    inputs: Iterable[Path],
) -> pd.DataFrame:
    """Write claims.parquet, claims.html and, last, claims.manifest.json to the folder `out`.

    manifests: of the tables that exist. drawn: figures with a picture in `out`/figures.
    inputs: the files of the config that verdicts rest on.
    """
    table = judged(project, claims, manifests)
    last = out / "claims.manifest.json"
    last.unlink(missing_ok=True)
    pictures = {name: f"figures/{name}.png" for name in drawn}
    html = page.render(table, project.config.scale, pictures).encode()
    write_bytes(out / "claims.html", html)
    written = manifest.build(
        kind="claims",
        settings={"scale": project.config.scale},
        code=code,
        inputs={*manifests, *inputs},
        outputs={
            "claims.parquet": write_table(table, out / "claims.parquet"),
            "claims.html": sha256_bytes(html),
        },
        environment={**environment(), "scipy": version("scipy")},
    )
    manifest.write(last, written)
    return table


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", required=True, help="name of the scale of the tables")
    parser.add_argument("--manifests", type=Path, nargs="*", default=[], metavar="FILE")
    parser.add_argument("--inputs", type=Path, nargs="*", default=[], help="files of the config")
    parser.add_argument("--pictures", nargs="*", default=[], metavar="FIGURE", help="those drawn")
    parser.add_argument("--code", required=True, help="fingerprint of this code")
    parser.add_argument("--out", type=Path, default=Path("results"), metavar="FOLDER")
    arguments = parser.parse_args()
    project, claims = read(Path("config"), arguments.scale)
    table = build(
        project,
        claims,
        arguments.manifests,
        arguments.pictures,
        arguments.code,
        arguments.out,
        arguments.inputs,
    )
    counts = table["verdict"].value_counts()
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))


if __name__ == "__main__":
    main()
