"""The lock of results/: one holder at a time, who is named, and none after it has ended."""

from pathlib import Path

import pytest
from snakemake_interface_common.exceptions import ApiError

from rules.lock import check_writable, lock


def test_a_second_holder_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    with lock(tmp_path) as held:
        assert held
        said = r"\(process \d+ on .*, in /.*\); wait for it or stop"
        with pytest.raises(ApiError, match=said), lock(tmp_path):
            pass
    with lock(tmp_path) as again:
        assert again, "it is free once the first is done"


def test_a_holder_that_fails_frees_it(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock(tmp_path):
        raise ZeroDivisionError
    with lock(tmp_path) as held:
        assert held


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "results").touch()
    with pytest.raises(ApiError, match="results/ cannot be written to: it is there but no folder"):
        check_writable(tmp_path / "results")
