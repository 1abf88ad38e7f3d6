"""Whether a finished job is current, by what lies where its manifest should."""

from pathlib import Path
from typing import Any

import pytest

from lth_core.jobs.kind import code_of, planned
from lth_core.jobs.staleness import Staleness
from lth_core.provenance import manifest
from tests.damage import DAMAGE, Damage
from tests.projects import plan_at

DATA = "results/data/mnist.manifest.json"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**changed: Any) -> None:
    """Write the manifest that the job would leave now, but for what is changed."""
    found = planned(plan_at("smoke"), DATA)
    assert found is not None
    content = manifest.build(*found, code_of(*found), {}, {"mnist.safetensors": "0"})
    manifest.write(Path(DATA), content | changed)


def reasons() -> list[str]:
    return list(Staleness(plan_at("smoke")).reasons(DATA))


def test_what_it_would_leave_now_is_current() -> None:
    assert reasons() == ["it is not finished"]
    write()
    assert reasons() == []


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_manifest_is_made_again(damage: Damage) -> None:
    write()
    Path(DATA).write_bytes(damage(Path(DATA).read_bytes()))
    assert reasons() == ["its manifest is damaged"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kind": "summary"}, "its settings have changed"),
        ({"settings": {"lanes": [1]}}, "its settings have changed"),
        ({"code": "0"}, "its code has changed"),
        ({"inputs": {"gone": 1}}, "gone has changed"),
    ],
)
def test_one_of_another_job_is_made_again(changed: dict[str, Any], reason: str) -> None:
    write(**changed)
    assert reasons() == [reason]
