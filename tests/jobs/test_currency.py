"""Whether a finished job is current, by what lies where its manifest should."""

from pathlib import Path

import pytest

from lth_core.jobs.currency import Currency
from tests.projects import plan_at

DATA = "results/data/mnist.manifest.json"


@pytest.mark.parametrize(
    "text", ["", "[]", "[1]", '[["kind", "dataset"]]', "3", "null", '"a"', "\xff"]
)
def test_a_damaged_manifest_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(DATA)
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="latin-1")
    assert list(Currency(plan_at("smoke")).reasons(DATA)) == ["its manifest is damaged"]


def test_one_of_another_job_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    currency = Currency(plan_at("smoke"))
    assert list(currency.reasons(DATA)) == ["it is not finished"]
    Path(DATA).parent.mkdir(parents=True)
    Path(DATA).write_text("{}")
    assert list(currency.reasons(DATA)) == ["its settings have changed"]
