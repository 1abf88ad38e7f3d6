"""A manifest is whole, or it is none."""

from pathlib import Path

import pytest

from lth_core.errors import Failure
from lth_core.provenance import manifest
from lth_core.provenance.manifest import NoManifest
from tests.damage import DAMAGE, Damage

WHOLE = manifest.build("train", {"seed": 1}, "0123", {"a": "1"}, {"b": "2"}, diverged=[[0, 0]])


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    manifest.write(path, WHOLE)
    assert manifest.read(path) == manifest.parse(path.read_bytes()) == WHOLE


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_told_with_its_name(tmp_path: Path, damage: Damage) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(damage(manifest.to_bytes(WHOLE)))
    with pytest.raises(NoManifest, match=f"^{path} is no manifest, or damaged$") as raised:
        manifest.read(path)
    assert isinstance(raised.value, Failure) and isinstance(raised.value, ValueError)
    assert manifest.parse(path.read_bytes()) is None
