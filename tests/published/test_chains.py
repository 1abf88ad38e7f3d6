"""The manifests behind published tables, and the file that holds them."""

import json
from pathlib import Path

import pytest

from lth_core.audit.archive import NAME, archive_of, read_archive, write_archive
from lth_core.files import sha256_bytes, sha256_file
from lth_core.publish.chains import Conflict, behind


def manifest(**inputs: str) -> bytes:
    return json.dumps({"inputs": inputs}).encode()


DATA = manifest(**{"raw.bin": "0"})
RUN = manifest(**{"data/manifest.json": sha256_bytes(DATA)})
MANIFESTS = {"data/manifest.json": DATA, "run/manifest.json": RUN, "other/manifest.json": DATA}


def test_everything_behind_a_table_and_nothing_else() -> None:
    tables = {"a": {"run/manifest.json": sha256_bytes(RUN)}}
    assert behind(tables, MANIFESTS) == {"run/manifest.json", "data/manifest.json"}
    assert behind({}, MANIFESTS) == set()


def test_a_table_of_another_run_is_a_conflict() -> None:
    tables = {"a": {"run/manifest.json": sha256_bytes(RUN)}, "b": {"run/manifest.json": "0"}}
    with pytest.raises(Conflict, match="b rests on another run/manifest.json"):
        behind(tables, MANIFESTS)


def test_also_further_down() -> None:
    changed = MANIFESTS | {"data/manifest.json": DATA + b"\n"}
    with pytest.raises(Conflict, match="a rests on another data/manifest.json"):
        behind({"a": {"run/manifest.json": sha256_bytes(RUN)}}, changed)


def test_what_is_not_there_is_named() -> None:
    del (lacking := dict(MANIFESTS))["data/manifest.json"]
    with pytest.raises(Conflict, match="a rests on data/manifest.json, which is missing"):
        behind({"a": {"run/manifest.json": sha256_bytes(RUN)}}, lacking)


def test_the_archive_gives_the_bytes_back_and_is_stable(tmp_path: Path) -> None:
    odd = {"b.json": '{"é": "\\n"}\n'.encode(), "a.json": b" {}"}
    write_archive(tmp_path / "one.parquet", odd)
    write_archive(tmp_path / "two.parquet", dict(reversed(odd.items())))
    assert read_archive(tmp_path / "one.parquet") == odd
    assert sha256_file(tmp_path / "one.parquet") == sha256_file(tmp_path / "two.parquet")
    assert read_archive(tmp_path / "none.parquet") == {}
    write_archive(tmp_path / "empty.parquet", {})
    assert read_archive(tmp_path / "empty.parquet") == {}


def test_only_what_is_published_has_an_archive_that_of_its_scale(tmp_path: Path) -> None:
    figure = "figures/fig04.manifest.json"
    published = f"results/published/paper/{figure}"
    assert archive_of(published, tmp_path) is None
    right = tmp_path / "results/published/paper" / NAME
    for folder in (".", "results", "results/published", "results/paper", "results/paper/figures"):
        write_archive(tmp_path / folder / NAME, {})
    write_archive(right, {})
    assert archive_of(published, tmp_path) == right
    assert archive_of("results/published/paper/claims.manifest.json", tmp_path) == right
    for other in (
        f"results/paper/{figure}",
        f"handed/{figure}",
        "results/published/x.manifest.json",
    ):
        assert archive_of(other, tmp_path) is None
    assert archive_of(f"../{tmp_path.name}/{published}", tmp_path) is None
