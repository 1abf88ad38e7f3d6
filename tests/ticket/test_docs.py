"""docs/tickets.md: its code runs as it stands, and what it says of published masks is so."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/tickets.md").read_text(encoding="utf-8")
DATA = "results/data/mnist.safetensors"


def test_its_code_trains_a_ticket(mnist_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    load, train = re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(load, names)
    before = names["ticket"].initial()["fc1.weight"]
    assert DATA in train
    exec(train.replace(DATA, str(mnist_file)), names)
    assert set(names["splits"]) == {"train", "validation", "test"}
    assert names["logits"].shape == (60, 10)
    mask, after = names["module"].fc1.mask, names["module"].fc1.weight
    assert not after[~mask].any() and not torch.equal(after, torch.tensor(before))


def test_masks_are_published_as_it_says() -> None:
    folders = (ROOT / "results/published").glob("*/masks/*")
    found = {(path.parts[-3], path.name) for path in folders}
    said = re.search(r"masks of `(\w+)` and `(\w+)`, at scale `(\w+)` only", DOCUMENT)
    assert said
    assert found == {(said[3], said[1]), (said[3], said[2])}
