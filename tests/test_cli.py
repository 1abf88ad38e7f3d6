"""The command `lth`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lth_core import __version__
from lth_core.cli import app
from lth_core.provenance import manifest
from tests.damage import DAMAGE, Damage

ROOT = Path(__file__).parents[1]


def lth(*arguments: str):
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that consists of a copy of config/; the current folder."""
    ignored = shutil.ignore_patterns("paper", "peers")
    shutil.copytree(ROOT / "config", tmp_path / "config", ignore=ignored)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_figure(name: str, settings: dict[str, object]) -> Path:
    """Write the manifest of a figure of the current folder's project, at scale smoke."""
    path = Path(f"results/smoke/figures/{name}.manifest.json")
    manifest.write(path, manifest.build("figure", settings, "1", {}, {}))
    return path


def test_check_counts_what_would_be_run(folder: Path) -> None:
    for path in folder.glob("config/experiments/*"):
        if path.name != "lenet.yaml":
            path.unlink()
    shutil.rmtree(folder / "config/figures")
    result = lth("check", "--scale", "paper")
    assert result.exit_code == 0
    # A job trains the three replicates of a trial, and one of XOR all trials of a round, as one
    # run; tests/runs/ and tests/xor/ explain what is shared.
    assert [line.strip() for line in result.output.splitlines()] == [
        "config/ is valid. At scale paper:",
        "16 experiments (0 left out)",
        "1,933 runs, 11 of them shared",
        "1,252 jobs to train the other 1,922",
    ]


def test_check_says_what_is_wrong(folder: Path) -> None:
    path = folder / "config/experiments/lenet.yaml"
    path.write_text(path.read_text().replace("learning_rate", "lerning_rate"))
    result = lth("check")
    assert result.exit_code == 1
    assert "lenet.yaml: lenet_imp.training.lerning_rate: this key is unknown" in result.output
    assert "Traceback" not in result.output


def test_check_outside_of_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = lth("check")
    assert result.exit_code == 1
    assert "config/config.yaml: there is no such file" in result.output


def test_docs_are_written_once(folder: Path) -> None:
    (folder / "config/schemas/scale.schema.json").unlink()
    result = lth("docs")
    assert result.exit_code == 0
    assert result.output == "wrote config/schemas/scale.schema.json\n"
    assert lth("docs").output == "all up to date\n"


def test_ladder(folder: Path) -> None:
    """The sizes of Lenet that the paper prints: 51.3 %, 21.1 %, 7.0 % and 3.6 %."""
    rows = lth("ladder", "lenet_300_100").output.splitlines()
    percents = {}
    for row in rows:
        cells = [cell.strip() for cell in row.strip("│").split("│")]
        if cells[0].isdigit():
            percents[int(cells[0])] = float(cells[2])
    assert list(percents) == list(range(29))
    assert [round(percents[r], 1) for r in (0, 3, 7, 12, 15)] == [100, 51.3, 21.1, 7.0, 3.6]


def test_ladder_with_other_rates(folder: Path) -> None:
    arguments = [
        "--conv",
        "0.2",
        "--fc",
        "0",
        "--output",
        "0",
        "--scope",
        "global",
        "--rounds",
        "1",
    ]
    output = lth("ladder", "vgg19", *arguments).output
    assert "16,020,224" in output and "80.01" in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lenet"], "no architecture is called 'lenet'; did you mean 'lenet_300_100'?"),
        (["conv2", "--scope", "global"], "global pruning needs one rate"),
    ],
)
def test_ladder_refuses(arguments: list[str], words: str, folder: Path) -> None:
    result = lth("ladder", *arguments)
    assert result.exit_code == 1
    assert words in result.output


def test_results_lists_what_is_built(folder: Path) -> None:
    settings = {"figure": "fig04", "scale": {"name": "smoke", "note": "2 of 5 trials"}}
    write_figure("fig04", settings)
    result = lth("results")
    assert result.exit_code == 0
    for words in ("fig04", "smoke", "results/smoke/figures/fig04.png", "2 of 5 trials"):
        assert words in result.output


def test_results_lists_figures_in_the_order_of_the_papers(folder: Path) -> None:
    settings = {"scale": {"name": "smoke", "note": "2 of 5 trials"}}
    names = ["fig09", "fig14_partial", "fig20", "fig100", "v1_tab1", "v1_fig02", "v1_fig10"]
    for name in sorted(names):
        write_figure(name, settings)
    output = lth("results").output
    assert sorted(names, key=lambda name: output.index(f" {name} ")) == names


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_results_lists_what_is_damaged_and_the_others(folder: Path, damage: Damage) -> None:
    settings = {"figure": "fig04", "scale": {"name": "smoke", "note": "2 of 5 trials"}}
    path = write_figure("fig03", settings)
    path.write_bytes(damage(path.read_bytes()))
    for name in ("fig04", "fig05"):
        write_figure(name, settings)
    result = lth("results")
    assert result.exit_code == 0
    assert result.output.count("2 of 5 trials") == 2
    [line] = [line for line in result.output.splitlines() if "fig03" in line]
    assert "its manifest is damaged; call snakemake again to remake it" in line


@pytest.mark.parametrize(
    "settings", [{}, {"scale": 3}, {"scale": {}}, {"scale": {"note": 3}}, {"scale": {"note": None}}]
)
def test_results_lists_a_figure_whose_settings_make_no_sense(
    folder: Path, settings: dict[str, object]
) -> None:
    write_figure("fig03", settings)
    result = lth("results")
    assert result.exit_code == 0
    assert "results/smoke/figures/fig03.png" in result.output


def test_results_before_anything_is_built(folder: Path) -> None:
    result = lth("results")
    assert result.exit_code == 1
    assert "make quickstart" in result.output


def test_a_terminal_that_lacks_characters_shows_the_others() -> None:
    """A tree, whose branches are in no Latin alphabet; the verdict is the same."""
    figure = "results/published/quick/figures/fig04.png"
    done = subprocess.run(
        [sys.executable, "-m", "lth_core.cli", "audit", figure],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        encoding="ascii",
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert "fig04 at scale quick" in done.stdout and "down to mnist" in done.stdout


def start(*arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
    """Start `lth` in a process of its own."""
    program = [sys.executable, "-c", "from lth_core.cli import app; app(prog_name='lth')"]
    return subprocess.Popen(
        [*program, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_help_is_filled_once() -> None:
    """Paragraphs of docstrings, which are filled already, are filled anew."""
    for option in ("-h", "--help"):
        output = start("audit", option, COLUMNS="60").communicate()[0].decode()
        assert "Usage: lth audit" in output
        prose = output.partition("data set.")[2].partition("╭")[0].strip().splitlines()
        assert len(prose) > 3 and all(len(line.rstrip()) > 45 for line in prose[:-1])


def test_the_version() -> None:
    assert lth("--version").output == f"lth {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["audit", "gone.png"], "gone.png: there is no such file\n"),
        (["diff", "gone.png", "config"], "gone.png: there is no such file\n"),
        (["crate", "gone.png"], "gone.png: there is no such file\n"),
        (["audit", "config"], "config: this is a folder, not a file\n"),
        (["audit", "gone/manifest.json"], "gone/manifest.json: there is no such file\n"),
    ],
)
def test_what_the_system_says_is_a_sentence(arguments: list[str], words: str, folder: Path) -> None:
    assert lth(*arguments).stderr == words


@pytest.mark.parametrize("command", [["audit", "fig04.png"], ["diff", "fig04.png", "fig04.png"]])
def test_a_folder_to_search_is_there(command: list[str], folder: Path) -> None:
    (folder / "fig04.png").touch()
    for name, words in [("nofolder", "does not exist"), ("fig04.png", "is a file")]:
        result = lth(*command, "--search", name)
        assert result.exit_code == 2
        assert "'--search'" in result.output and words in result.output


def test_training_refuses_a_variable_that_makes_no_sense(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTH_SAVE_SECONDS", "abc")
    result = lth("train", "lenet_imp", "--round", "0", "--out", "out")
    assert result.exit_code == 1 and "LTH_SAVE_SECONDS is 'abc'" in result.output
    assert not Path("out").exists()


def test_the_name_of_a_figure_is_not_its_file(folder: Path) -> None:
    built = folder / "results/smoke/figures/fig04.png"
    built.parent.mkdir(parents=True)
    built.touch()
    said = "fig04: there is no such file; figures of that name: results/smoke/figures/fig04.png\n"
    assert lth("audit", "fig04").stderr == lth("crate", "fig04").stderr == said


COMMANDS = ["check", "ladder lenet_300_100", "results", "audit -h", "--help"]


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_seen_enough(command: str, unbuffered: str, folder: Path) -> None:
    """As in `lth check | head`."""
    settings = {"figure": "fig04", "scale": {"name": "smoke", "note": ""}}
    write_figure("fig04", settings)
    with start(*command.split(), PYTHONUNBUFFERED=unbuffered) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
