"""The claims in config/paper: all of them, word for word, about experiments that exist."""

import csv
import json
import shutil
from fnmatch import fnmatchcase
from pathlib import Path
from typing import get_args

import pytest
import yaml

from lth_core.claims.config_estimators import hidden_percent, weight_count
from lth_core.claims.estimate import compute, estimator
from lth_core.claims.results import evaluate
from lth_core.claims.tables import Tables, View
from lth_core.config.check_claims import check_claims
from lth_core.config.claim_files import figure_claims, load_claims
from lth_core.config.claims import Claim
from lth_core.config.config_estimators import HiddenPercent, WeightCount
from lth_core.config.errors import ConfigError
from lth_core.config.estimators import Contrast, Statistic
from lth_core.config.load import Project
from tests.projects import project_at

CONFIG = Path(__file__).parents[2] / "config"
PAPER = CONFIG / "paper"


@pytest.fixture(scope="module")
def claims() -> dict[str, Claim]:
    return load_claims(PAPER)


@pytest.fixture(scope="module")
def project() -> Project:
    return project_at("quick")


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A copy of the claims in which a test changes one thing."""
    shutil.copytree(PAPER / "claims", tmp_path / "claims")
    shutil.copy(PAPER / "claims.csv", tmp_path)
    return tmp_path


def test_all_335_claims_are_there_word_for_word(claims: dict[str, Claim]) -> None:
    with (PAPER / "claims.csv").open(encoding="utf-8", newline="") as file:
        statements = {row["id"]: row["statement"] for row in csv.DictReader(file)}
    assert list(claims) == list(statements) == [f"c{n:03d}" for n in range(1, 336)]
    assert {name: claim.statement for name, claim in claims.items()} == statements


def test_every_experiment_exists_and_those_of_the_claim_are_used(
    claims: dict[str, Claim], project: Project
) -> None:
    check_claims(project, PAPER)
    with (PAPER / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row["experiment"].split(";") for row in csv.DictReader(file)}
    for name, claim in claims.items():
        # c073 is about the control of its first experiment alone.
        if claim.entry.not_checkable or rows[name] == ["none"] or name == "c073":
            continue
        for wanted in rows[name]:
            near = [
                e for e in claim.experiments if fnmatchcase(e, wanted) or fnmatchcase(wanted, e)
            ]
            assert near, f"{name} is about {wanted}, and checks {claim.experiments}"


def test_every_estimator_is_used_and_has_a_function(claims: dict[str, Claim]) -> None:
    members = get_args(get_args(Statistic)[0])
    named = [get_args(member.model_fields["estimator"].annotation) for member in members]
    known = {name for names in named for name in names}
    used = set()
    for claim in claims.values():
        for check in claim.entry.checks:
            statistics = [check.statistic]
            if isinstance(check.statistic, Contrast):
                statistics += [check.statistic.first, check.statistic.second]
            used |= {statistic.estimator for statistic in statistics}
    assert used == known
    for name in known - {"contrast"}:
        assert callable(estimator(name))


def test_exact_claims_are_judged_on_the_config(claims: dict[str, Claim], project: Project) -> None:
    tables = Tables({}, {}, [], project)
    table = evaluate(claims.values(), tables, {}).set_index("id")
    judged = table[table["verdict"] != "not run"]
    assert judged["n"].isna().all()
    assert judged.loc[["c008", "c015", "c068", "c125"], "verdict"].eq("reproduced").all()
    # The paper's Conv-6 does not exist: these numbers cannot be met together.
    failed = set(judged.index[judged["verdict"] == "not reproduced"])
    assert failed == {"c014", "c047", "c204"}


def test_counts_of_the_networks(project: Project) -> None:
    view = View(Tables({}, {}, [], project))
    count = WeightCount(estimator="weight_count", architecture="conv2", kinds=["conv"])
    assert weight_count(count, view) == 38592
    share = count.model_copy(update={"share": True})
    assert compute(share, view) == pytest.approx(0.897, abs=0.001)
    sizes = HiddenPercent(estimator="hidden_percent", experiment="lenet_imp", round=8)
    assert hidden_percent(sizes, view) == pytest.approx(16.78, abs=0.01)


def test_the_claims_of_a_figure_are_json(claims: dict[str, Claim]) -> None:
    for figure in ("fig04", "v1_tab2"):
        written = json.loads(json.dumps(figure_claims(figure, PAPER, [])))
        wanted = [claim for claim in claims.values() if figure in claim.figures]
        assert [Claim.model_validate(claim) for claim in written] == wanted
    assert "threshold" not in str(written[0]), "what is not written stays at its default"
    assert figure_claims("fig99", PAPER, []) == []


def test_an_edited_claim_is_read_again(paper: Path) -> None:
    assert figure_claims("fig04", paper, [])
    table = paper / "claims.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("fig04", "fig99"), encoding="utf-8")
    assert figure_claims("fig04", paper, []) == []


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("estimator: reduction", "estimator: reducing",
         ["c022.checks.0.statistic", "is 'reducing'", "did you mean 'reduction'?"]),
        ("y: early_stop_iteration", "y: early_stopping", ["c018", "found 'early_stopping'"]),
        ("accept: {between: [15, 45]}", "accept: {between: [45, 15]}", ["c022", "least, most"]),
        ("accept: {between: [15, 45]}", "accept: {within: [15, 45]}",
         ["accept.within: this key is unknown"]),
        ("size: 21.1}\n      accept: {between: [15, 45]}", "size: large}\n      accept: {above: 0}",
         ["c022.checks.0.statistic.size", "a range such as [51.3, 5]"]),
        ("size: 21.1}\n      accept: {between: [15, 45]}", "size: true}\n      accept: {above: 0}",
         ["c022.checks.0.statistic.size: found True", "a size such as 21.1"]),
        ("size: 21.1}\n      accept: {between: [15, 45]}", "size: 1e400}\n      accept: {above: 0}",
         ["c022.checks.0.statistic.size: found inf", "a size such as 21.1"]),
        ("size: 21.1}\n      accept: {between: [15, 45]}", "size: 150}\n      accept: {above: 0}",
         ["c022.checks.0.statistic", "size: found 150, should be a percent up to 100"]),
        ("size: 21.1}\n      accept: {between: [15, 45]}",
         "size: [9, 0]}\n      accept: {above: 0}",
         ["c022.checks.0.statistic", "size: found 0, should be a percent up to 100"]),
        ("{estimator: reduction,", "{estimator: agreement, and: {yy: 1}, sizes: [9, 3],",
         ["c022.checks.0.statistic.and.yy: this key is unknown; did you mean 'y'?"]),
        ("{estimator: reduction,", "{estimator: agreement, nd: {}, sizes: [9, 3],",
         ["statistic.nd: this key is unknown; did you mean 'and'?"]),
        ("{estimator: reduction,", "{estimator: difference, minus: {y: test_accuracy},",
         ["c022.checks.0.statistic.minus", "y: test_accuracy needs keys of its own"]),
        ("c022:", "c999:", ["claims.csv has no line with this id"]),
        ("Early stopping comes 38 %", "Early stopping comes 39 %", ["c022.statement", "39 %"]),
        ("c022:", "c023:", ["'c023' is given twice"]),
    ],
)  # fmt: skip
def test_mistakes_are_refused_with_file_and_key(
    paper: Path, old: str, new: str, wanted: list[str]
) -> None:
    file = paper / "claims" / "lenet.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as error:
        load_claims(paper)
    for part in ["lenet.yaml", *wanted]:
        assert part in str(error.value)


def test_a_forgotten_claim_and_an_unknown_experiment_are_refused(
    paper: Path, project: Project
) -> None:
    file = paper / "claims" / "v1_mnist.yaml"
    text = file.read_text()
    file.write_text(text[: text.index("c259:")])
    with pytest.raises(ConfigError, match="no entry for c259"):
        load_claims(paper)
    file.write_text(text.replace("experiment: v1_mnist_iter", "experiment: v1_mnist_itre"))
    words = rf"^{file}: c256: no experiment is called 'v1_mnist_itre'"
    with pytest.raises(ConfigError, match=words):
        check_claims(project, paper)


HISTOGRAM = {"experiment": "lenet_imp", "quantity": "initial_weight", "layer": "fc1", "round": 8}
SETTING = {"estimator": "setting", "experiment": "lenet_adamlr_*"}
COUNT = {"estimator": "weight_count"}
VALUE = {"estimator": "value", "y": "end_test_accuracy", "experiment": "lenet_imp", "size": 100}


@pytest.mark.parametrize(
    ("statistic", "told"),
    [
        ({**COUNT, "architecture": "lenet_300_10"},
         "architecture: no architecture is called 'lenet_300_10'; did you mean 'lenet_300_100'?"),
        ({**COUNT, "architecture": "lenet_300_100", "layer": 7},
         "layer: found 7, but lenet_300_100 has 3 layers of these kinds"),
        ({**COUNT, "architecture": "lenet_300_100", "layer": -2, "kinds": ["output"]},
         "layer: found -2, but lenet_300_100 has 1 layer of these kinds"),
        ({**SETTING, "key": "training.iteratons"},
         "key: lenet_adamlr_2.5e-05: no number is called 'training.iteratons'; did you mean"),
        ({**SETTING, "key": "training.optimizer"},
         "key: lenet_adamlr_2.5e-05: no number is called 'training.optimizer'"),
        ({**SETTING, "key": "training.nesterov"},
         "key: lenet_adamlr_2.5e-05: no number is called 'training.nesterov'"),
        ({**HISTOGRAM, "estimator": "histogram_mean", "layer": "fc9"},
         "layer: lenet_imp: no layer is called 'fc9'; did you mean 'fc"),
        ({**HISTOGRAM, "estimator": "histogram_mean", "round": 99},
         "round: lenet_imp has the rounds 0-28, not 99"),
        ({**HISTOGRAM, "estimator": "overlap", "other_round": 29},
         "other_round: lenet_imp has the rounds 0-28, not 29"),
        ({**HISTOGRAM, "estimator": "histogram_mean", "group": "in_ticket"},
         "group: belongs to the quantities moved and magnitude_change, and only there"),
        ({"estimator": "contrast", "first": {**HISTOGRAM, "estimator": "peaks"},
          "second": {**HISTOGRAM, "estimator": "peaks", "layer": "input"}},
         "layer: lenet_imp: no layer is called 'input'"),
        ({**VALUE, "size": 0.1}, "size: found 0.1 %, but lenet_imp ends after 28 rounds with 0.2"),
        ({**VALUE, "x": "round", "size": 30}, "size: lenet_imp has the rounds 0-28, not 30"),
        ({"estimator": "trend", "y": "end_test_accuracy", "experiment": "lenet_im*",
          "sizes": [100, 0.05]}, "sizes: found 0.05 %, but lenet_imp ends after 28 rounds"),
        ({**VALUE, "estimator": "difference", "minus": {"experiment": "lenet_oneshot*"}},
         "minus.experiment: found the pattern 'lenet_oneshot*', should be one experiment"),
        ({"estimator": "contrast", "first": {**VALUE, "experiment": "lenet_imp*"}, "second": VALUE},
         "first.experiment: found the pattern 'lenet_imp*', should be one experiment"),
        ({"estimator": "order", "y": "end_test_accuracy", "points": [
            {"experiment": "lenet_imp", "size": 51.3}, {"experiment": "lenet_im?", "size": 100}]},
         "points.experiment: found the pattern 'lenet_im?', should be one experiment"),
    ],
)  # fmt: skip
def test_statistics_of_what_there_is_not_are_refused(
    statistic: dict[str, object], told: str, project: Project, tmp_path: Path
) -> None:
    file = write_claim(tmp_path, statistic)
    with pytest.raises(ConfigError) as error:
        check_claims(project, tmp_path)
    assert f"{file}: x1.checks.0.statistic.{told}" in str(error.value)


def test_a_claim_of_a_figure_that_there_is_not_is_refused(project: Project, tmp_path: Path) -> None:
    write_claim(tmp_path, {**SETTING, "key": "training.iterations"}, figure="nosuchfig")
    words = f"{tmp_path}/claims.csv: x1: figure: no figure is called 'nosuchfig'"
    with pytest.raises(ConfigError, match=words):
        check_claims(project, tmp_path)


def write_claim(folder: Path, statistic: dict[str, object], figure: str = "fig04") -> Path:
    """Write a claim and how it is checked; return the file of the latter."""
    table = f"id,section,statement,quantity,value,unit,figure\nx1,,So it is.,,,,{figure}\n"
    (folder / "claims.csv").write_text(table)
    file = folder / "claims" / "mine.yaml"
    file.parent.mkdir()
    checks = [{"statistic": statistic, "accept": {"above": 0}}]
    file.write_text(yaml.safe_dump({"x1": {"statement": "So it is.", "checks": checks}}))
    return file
