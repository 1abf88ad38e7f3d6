"""Reference and schemas agree with the models, and the schemas with the YAML files."""

import copy
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from lth_core.config.architecture import Architecture
from lth_core.config.config import Config
from lth_core.config.dataset import Dataset
from lth_core.config.documents import REFERENCE, documents, reference, write_documents
from lth_core.config.experiment import Experiment
from lth_core.config.figures import FAMILIES
from lth_core.config.pruning_figures import XAxis
from lth_core.config.scale import Scale
from lth_core.config.schema import schemas

CONFIG = Path(__file__).parents[2] / "config"
# What users write; claims are checked by what judges them.
FILES = sorted(
    path.relative_to(CONFIG) for path in CONFIG.rglob("*.yaml") if "claims" not in path.parts
)
SCHEMAS = schemas()


def test_reference_and_schemas_are_up_to_date() -> None:
    stale = [path for path, text in documents(CONFIG).items() if path.read_text("utf-8") != text]
    assert not stale, "run `lth docs`"


def test_no_schema_is_left_over() -> None:
    assert set(documents(CONFIG)) == {CONFIG / REFERENCE, *CONFIG.glob("schemas/*")}


def test_writing_repairs_what_is_stale(config: Path) -> None:
    path = config / REFERENCE
    text = path.read_text()
    path.write_text(text.replace("| `trials` | integer", "| `trails` | integer"))
    (config / "schemas/scale.schema.json").unlink()
    assert write_documents(documents(config)) == [path, config / "schemas/scale.schema.json"]
    assert path.read_text() == text
    assert write_documents(documents(config)) == []


@pytest.mark.parametrize(
    "model", [Config, Scale, Architecture, Dataset, Experiment, XAxis, *FAMILIES.values()]
)
def test_the_reference_has_every_key(model: Any) -> None:
    for key in model.model_fields:
        assert f"\n| `{key}` | " in reference()


def test_links_of_the_reference_lead_somewhere() -> None:
    text = reference()
    headings = {title.lower() for title in re.findall(r"^### (\w+)$", text, re.MULTILINE)}
    links = set(re.findall(r"\]\(#(\w+)\)", text))
    assert links and links <= headings


@pytest.mark.parametrize("file", FILES, ids=str)
def test_yaml_file_names_a_schema_that_it_satisfies(file: Path) -> None:
    path = CONFIG / file
    first = path.read_text().splitlines()[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert match, "the first line names the schema for editors"
    schema = (path.parent / match[1]).resolve()
    assert schema.parent == CONFIG / "schemas" and schema.exists()
    kind = schema.name.removesuffix(".schema.json")
    jsonschema.validate(yaml.safe_load(path.read_text()), SCHEMAS[kind])


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["lenet_imp", "trails"], 5),
        (["lenet_imp", "training", "learning_rate"], "fast"),
        (["lenet_imp", "pruning", "fc"], 20),
        (["lenet_imp", "arm", "mask", "source"], "imps"),
        (["lenet_imp", "rounds"], [1, 28]),
        (["lenet_imp", "sweep"], {"a": {"trials": 0}}),
    ],
)
def test_the_schema_refuses(place: list[str], value: object) -> None:
    right = yaml.safe_load((CONFIG / "experiments/lenet.yaml").read_text())
    wrong = copy.deepcopy(right)
    block = wrong
    for key in place[:-1]:
        block = block[key]
    block[place[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMAS["experiments"])
