"""From a point to the runs that the figure has written down, and from a run to its points."""

from pathlib import Path

import pandas as pd
import pytest

from lth_core.audit.graph import File, Node
from lth_core.audit.points import NoSuchPoint, Point
from lth_core.audit.readings import Reading, in_table, readings
from lth_core.audit.used_by import uses
from lth_core.audit.why import Origin, Why, agree, lanes
from lth_core.figures.runs import behind, table
from lth_core.files import sha256_file
from lth_core.provenance import manifest
from lth_core.tables.parquet import write_table

RUNS = "fig99.runs.parquet"
Y = "end_test_accuracy"


def summary() -> pd.DataFrame:
    """Two rounds of two trials; the second of round 1 diverged."""
    return pd.DataFrame(
        {
            "experiment": "net",
            "round": [0, 0, 1, 1],
            "trial": [0, 1, 0, 1],
            "replicate": 0,
            "percent_remaining": [100.0, 100.0, 80.0, 80.0],
            Y: [0.97, 0.98, 0.96, 0.1],
            "iterations": 500,
            "diverged": [False, False, False, True],
        }
    )


def write_runs(folder: Path) -> Path:
    """Write what a figure with a line, a curve and a histogram was made of."""
    rows = summary()
    columns = {"quantity": Y, "value": rows[Y], "iteration": 500, "diverged": rows["diverged"]}
    line = behind(rows, panel="end", series="net", x=rows["percent_remaining"], **columns)
    dense = rows[rows["round"] == 0]
    columns = {"quantity": "test_accuracy", "value": 0.5, "diverged": False}
    curve = [
        behind(dense, panel="left", series="net@99.9", x=float(at), iteration=at, **columns)
        for at in (0, 100)
    ]
    columns = {"quantity": "moved", "value": float("nan"), "iteration": pd.NA, "diverged": False}
    histogram = behind(dense, panel="fc1", series="100%", x=float("nan"), **columns)
    write_table(table([line, *curve, histogram.assign(counted=True)]), folder / RUNS)
    return folder / RUNS


@pytest.fixture
def figure(tmp_path: Path) -> Node:
    digest = sha256_file(write_runs(tmp_path))
    files = (File(RUNS, RUNS, digest, digest),)
    return Node("fig99.manifest.json", None, None, None, {}, files, (), ())


def test_a_point_of_a_line(figure: Node, tmp_path: Path) -> None:
    point = Point("end", "net", 80.0000000001, ())
    assert readings(point, figure, tmp_path) == [
        Reading("net", 1, 0, 0, Y, 0.96, 500, True),
        Reading("net", 1, 1, 0, Y, 0.1, 500, False),
    ]


def test_a_point_of_a_curve_and_a_bin(figure: Node, tmp_path: Path) -> None:
    (first, _) = readings(Point("left", "net@99.9", 100, ()), figure, tmp_path)
    assert first == Reading("net", 0, 0, 0, "test_accuracy", 0.5, 100, True)
    (first, _) = readings(Point("fc1", "100%", -0.125, ()), figure, tmp_path)
    assert first == Reading("net", 0, 0, 0, "moved", None, None, True)


def test_a_point_that_the_table_of_runs_does_not_have(figure: Node, tmp_path: Path) -> None:
    with pytest.raises(NoSuchPoint, match="none at net"):
        readings(Point("end", "net", 64, ()), figure, tmp_path)
    (tmp_path / RUNS).unlink()
    with pytest.raises(NoSuchPoint, match=f"{RUNS} is gone"):
        readings(Point("end", "net", 80, ()), figure, tmp_path)


def test_forged_runs_are_not_those_of_the_table(figure: Node, tmp_path: Path) -> None:
    read = readings(Point("end", "net", 80, ()), figure, tmp_path)
    assert in_table(read, tmp_path) is None, "the table is gone"
    summary().to_parquet(tmp_path / "summary.parquet")
    assert in_table(read, tmp_path) is True
    assert in_table([read[0]._replace(value=0.99), read[1]], tmp_path) is False
    assert in_table([read[0]._replace(trial=7)], tmp_path) is False


def test_what_is_read_of_masks_is_looked_up_in_their_table(tmp_path: Path) -> None:
    read = [Reading("net", 1, trial, 0, "locality", 2.5, None, True) for trial in (0, 1)]
    assert in_table(read, tmp_path) is None
    runs = {"round": 1, "trial": [0, 1], "replicate": 0, "locality": 2.5}
    pd.DataFrame(runs).to_parquet(tmp_path / "structure.parquet")
    assert in_table(read, tmp_path) is True
    assert in_table([read[0]._replace(value=2.6), read[1]], tmp_path) is False


def test_values_of_learning_curves_are_looked_up_in_them(figure: Node, tmp_path: Path) -> None:
    read = readings(Point("left", "net@99.9", 100, ()), figure, tmp_path)
    run = {"round": 0, "replicate": 0, "iteration": [0, 100], "split": "test"}
    rows = [pd.DataFrame({**run, "trial": t, "accuracy": [0.1, 0.5]}) for t in (0, 1)]
    pd.concat(rows).to_parquet(tmp_path / "curves.parquet")
    assert in_table(read, tmp_path) is True
    assert in_table([one._replace(iteration=0) for one in read], tmp_path) is False


def test_what_is_drawn_is_pooled_again_round_by_round(figure: Node, tmp_path: Path) -> None:
    def row(mean: float, n_runs: int) -> dict[str, str]:
        return {
            "mean": str(mean),
            "minimum": str(mean),
            "maximum": str(mean),
            "n_runs": str(n_runs),
        }

    # Rounds 1 and 2 have equally many weights: a line of the CSV each.
    point = Point("end", "net", 80, (row(0.96, 1), row(0.5, 2)))
    read = readings(point, figure, tmp_path)
    read += [read[0]._replace(round=2, trial=trial, value=0.5) for trial in (0, 1)]
    origins = tuple(Origin(one, figure, pd.DataFrame(), {}, ()) for one in read)
    assert Why("fig99", point, figure, origins, None).agrees is True
    assert Why("fig99", point, figure, origins, True).agrees is True
    assert Why("fig99", point, figure, origins, False).agrees is False, "forged runs"
    other = point._replace(rows=(row(0.96, 1), row(0.6, 2)))
    assert Why("fig99", other, figure, origins, True).agrees is False
    histogram = point._replace(rows=({"left": "0", "density": "1"},))
    assert Why("fig99", histogram, figure, origins[:2], None).agrees is None


def test_the_networks_of_an_xor_job_are_its_lanes() -> None:
    parent = {"folder": "results/quick/runs/net/round_00/trials_0-1", "trial": 0, "replicate": 0}
    found = list(lanes({"round": 1, "trials": 2, "parents": {"trained": parent}}))
    assert [lane["trial"] for lane in found] == [0, 1]
    assert found[1]["parents"]["trained"] == {**parent, "trial": 1}


def test_the_points_that_a_run_is_part_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def write(name: str, kind: str, settings: dict[str, object], inputs: list[Path]) -> Path:
        path = tmp_path / name
        digests = {str(file.relative_to(tmp_path)): sha256_file(file) for file in inputs}
        manifest.write(path, manifest.build(kind, settings, "c", digests, {}))
        return path

    jobs = [
        write(f"results/tiny/runs/net/round_0{number}/trials_0-1/manifest.json", "train",
              {"round": number, "lanes": [{"trial": t, "replicate": 0} for t in (0, 1)]}, [])
        for number in (0, 1)
    ]  # fmt: skip
    whole = write("results/tiny/tables/net/manifest.json", "summary", {"experiment": "net"}, jobs)
    drawn = write(
        "results/tiny/figures/fig99.manifest.json", "figure", {"figure": "fig99"}, [whole]
    )
    write_runs(drawn.parent)
    (use,) = uses(jobs[0], [tmp_path])
    assert use.points == ("net@100", "net@99.9", "100%")
    (use,) = uses(jobs[1], [tmp_path])
    assert use.points == ("net@80",)
    (use,) = uses(whole, [tmp_path])
    assert use.points == ("all of net",)
    # Another figure's damage is none of the job's.
    (drawn.parent / RUNS).write_bytes(b"PAR1 cut off")
    assert [use.points for use in uses(jobs[0], [tmp_path])] == [()]
    (drawn.parent / RUNS).unlink()
    assert [use.points for use in uses(jobs[0], [tmp_path])] == [()]


@pytest.mark.parametrize("column", ["mean", "minimum", "maximum", "n_runs"])
def test_every_number_of_a_point_is_compared(column: str) -> None:
    """Also a forged bar beside a true mean."""
    row = {"mean": "0.5", "minimum": "0.4", "maximum": "0.6", "n_runs": "2"}
    assert agree(row, [0.4, 0.6])
    assert not agree(row | {column: str(float(row[column]) + 1e-3)}, [0.4, 0.6])
