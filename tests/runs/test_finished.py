"""Finished runs are found by what their manifests say; one that says no sense is not finished."""

from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from lth_core.provenance import manifest
from lth_core.runs.finished import FinishedJob, finished_below
from tests.damage import DAMAGE, Damage

RUN, OTHER = "net/round_00/trial_0", "net/round_00/trial_1"
SETTINGS = {"engine": "sparse", "lanes": [{"run": "aa"}, {"run": "ab"}]}


def write(runs: Path, folder: str, settings: dict[str, Any]) -> Path:
    path = runs / folder / manifest.NAME
    manifest.write(path, manifest.build("train", settings, "1", {}, {}))
    return path


def test_runs_of_both_kinds_are_found(tmp_path: Path) -> None:
    write(tmp_path, RUN, SETTINGS)
    write(tmp_path, OTHER, {"run": "ba"})
    assert finished_below(tmp_path) == [
        FinishedJob(PurePosixPath(RUN), ("aa", "ab"), "sparse"),
        FinishedJob(PurePosixPath(OTHER), ("ba",), "xor"),
    ]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_one_that_is_damaged_is_not_finished(tmp_path: Path, damage: Damage) -> None:
    path = write(tmp_path, RUN, SETTINGS)
    path.write_bytes(damage(path.read_bytes()))
    write(tmp_path, OTHER, {"run": "ba"})
    assert [str(job.folder) for job in finished_below(tmp_path)] == [OTHER]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"run": None},
        {"run": 3},
        {"run": ["aa"]},
        {"lanes": None},
        {"lanes": 3},
        {"lanes": "aa"},
        {"lanes": {"run": "aa"}},
        {"lanes": []},
        {"lanes": [1]},
        {"lanes": [{}]},
        {"lanes": [{"run": 3}]},
        {"lanes": [{"run": "aa"}, None]},
    ],
)
def test_settings_without_sense_are_of_no_run(tmp_path: Path, settings: dict[str, Any]) -> None:
    write(tmp_path, RUN, settings)
    assert finished_below(tmp_path) == []
