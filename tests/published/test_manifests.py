"""A published manifest that is damaged is told with the way to get it back."""

from pathlib import Path

import pytest

from lth_core.errors import Failure
from lth_core.provenance import manifest
from lth_core.publish.manifests import read_published
from tests.damage import DAMAGE, Damage


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_git_has_what_is_damaged(tmp_path: Path, damage: Damage) -> None:
    path = tmp_path / "manifest.json"
    content = manifest.build("summary", {}, "1", {}, {})
    manifest.write(path, content)
    assert read_published(path) == content
    path.write_bytes(damage(path.read_bytes()))
    said = f"^{path} is no manifest, or damaged; get it back with `git checkout {path}`.$"
    with pytest.raises(Failure, match=said):
        read_published(path)
