"""What is said where there is no such ticket."""

from pathlib import Path

import pytest

from lth_core.errors import Failure
from lth_core.files import sha256_file
from lth_core.provenance import manifest
from lth_core.ticket import load
from lth_core.ticket.find import folder_of
from lth_core.ticket.stores import Results


def finish(root: Path, folder: str) -> None:
    """Put the manifest of a job of round 0 there, at scale tiny."""
    path = root / "results/tiny/runs/net/round_00" / folder / manifest.NAME
    manifest.write(path, manifest.build("train", {"round": 0}, "0", {}, {}))


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (["trial_0"], "round 0, trial 0"),
        (["trial_0", "trial_1", "trial_2", "trial_10"], "round 0, trials 0-10"),
        (["trials_0-3", "trials_4-7"], "round 0, trials 0-7"),
    ],
)
def test_trials_are_said_as_rounds_are(folders: list[str], said: str, tmp_path: Path) -> None:
    for folder in folders:
        finish(tmp_path, folder)
    with pytest.raises(Failure, match=rf"There is scale tiny: {said}\."):
        load("net", round=5, scale="tiny", folder=tmp_path)


@pytest.mark.parametrize(
    ("run", "there"),
    [((1, 0, 0), True), ((0, 0, 0), False), ((1, 2, 0), False), ((1, 0, 1), False)],
)
def test_of_a_job_that_two_experiments_share_each_has_only_its_own_runs(
    run: tuple[int, int, int], there: bool, tmp_path: Path
) -> None:
    folder = "results/tiny/runs/other/round_01"
    lanes = [{"trial": trial, "replicate": draw} for trial in range(3) for draw in range(2)]
    inputs = {}
    for number in range(2):
        path = f"results/tiny/runs/other/round_{number:02}/trials_0-2/{manifest.NAME}"
        told = {"round": number, "lanes": lanes}
        manifest.write(tmp_path / path, manifest.build("train", told, "0", {}, {}))
        inputs[path] = sha256_file(tmp_path / path)
    settings = {"rounds": "1-1", "trials": 2, "replicates": 1}
    table = tmp_path / "results/tiny/tables/mine" / manifest.NAME
    manifest.write(table, manifest.build("summary", settings, "0", inputs, {}))
    found = folder_of(Results(tmp_path, "tiny"), "mine", run)
    assert found == (f"{folder}/trials_0-2" if there else None)


def test_no_such_scale_is_said(tmp_path: Path) -> None:
    finish(tmp_path, "trial_0")
    (tmp_path / "results/published/huge/tables/net").mkdir(parents=True)
    with pytest.raises(
        Failure, match=r"no scale is called 'tinny'; did you mean 'tiny'\? Valid: huge, tiny\.$"
    ):
        load("net", round=1, scale="tinny", folder=tmp_path)
    with pytest.raises(Failure, match="not at scale paper in"):
        load("net", round=1, scale="paper", folder=tmp_path)  # there may be one: no config says not
    (tmp_path / "config/scales").mkdir(parents=True)
    (tmp_path / "config/scales/quick.yaml").touch()
    with pytest.raises(
        Failure, match=r"no scale is called 'qick'; did you mean 'quick'\? Valid: huge, quick, tin"
    ):
        load("net", round=1, scale="qick", folder=tmp_path)
    with pytest.raises(Failure, match=r"no scale is called 'paper'\. Valid: huge, quick, tiny\.$"):
        load("net", round=1, scale="paper", folder=tmp_path)
    for scale in ("huge", "quick"):
        with pytest.raises(Failure, match=f"not at scale {scale} in"):
            load("net", round=1, scale=scale, folder=tmp_path)
