"""JSON schemas of the files in `config/`, for editors and for the reference."""

import json
import re
from typing import Any

from pydantic import TypeAdapter

from lth_core.config.architecture import Architecture
from lth_core.config.claims import Entry
from lth_core.config.config import Config
from lth_core.config.dataset import Dataset
from lth_core.config.experiment import Experiment
from lth_core.config.figures import FigureSpec
from lth_core.config.pruning_figures import XAxis
from lth_core.config.scale import Scale
from lth_core.config.xor import Xor


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each kind of file, by the kind's name."""
    return {
        "config": Config.model_json_schema(),
        "scale": Scale.model_json_schema(),
        "architecture": Architecture.model_json_schema(),
        "dataset": Dataset.model_json_schema(),
        "experiments": _experiments(),
        "xor": _xor(),
        "axes": _named(XAxis, "config/axes.yaml: axes by name."),
        "figures": _figures(),
        "claims": _named(Entry, "A file in claims/: how claims are checked, by their id."),
    }


def _named(block: Any, description: str) -> dict[str, Any]:
    """Return the schema of a file that has `block` under names of one's own."""
    schema = TypeAdapter(dict[str, block]).json_schema()
    return {**schema, "description": description}


def _figures() -> dict[str, Any]:
    """Return the schema of a file of figures as written: an axis may be a name."""
    schema = _named(FigureSpec, "A file in config/figures/: figures by name.")
    _allow_name(schema["$defs"]["PruningPanel"]["properties"]["x"])
    return schema


def _xor() -> dict[str, Any]:
    """Return the schema of config/xor.yaml as written: an architecture may be a name."""
    schema = Xor.model_json_schema()
    _allow_name(schema["$defs"]["XorExperiment"]["properties"]["architecture"])
    return schema


def _allow_name(value: dict[str, Any]) -> None:
    value["anyOf"] = [{"type": "string"}, {"$ref": value.pop("$ref")}]


def _with_sources_named(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema in which the settings of sources have names such as `mask_imp`.

    Their classes all have one name, so pydantic calls them by their modules.
    """
    long = r"lth_core__arms__(mask(?=s)|weights)s?__(\w+?)_?__Settings"
    named: dict[str, Any] = json.loads(re.sub(long, r"\1_\2", json.dumps(schema)))
    for name, block in named["$defs"].items():
        if block["title"] == "Settings":
            block["title"] = name
    return named


def _experiments() -> dict[str, Any]:
    """Return the schema of a file of experiments as written.

    `extends` and the points of a sweep supply what an entry leaves out, so no key of a
    block that is merged key by key is required.
    """
    experiment = _with_sources_named(Experiment.model_json_schema())
    blocks = experiment.pop("$defs")
    for partial in (experiment, blocks["Training"]):
        partial.pop("required")
    properties = experiment["properties"]
    properties["rounds"]["type"] = ["integer", "string"]
    _allow_name(properties["architecture"])
    point = {"$ref": "#/$defs/Point"}
    whole = {
        **experiment,
        "title": "Experiment",
        "properties": {
            "extends": {
                "type": "string",
                "description": "Optional: experiment whose settings these override, block by"
                " block; `arm`, `architecture` and `initialisation` are replaced whole.",
            },
            "sweep": {
                "type": "object",
                "additionalProperties": point,
                "description": "Optional: points by name, each with the keys that it changes; they"
                " become the experiments `<name>_<point>`.",
            },
            **properties,
        },
    }
    return {
        "$defs": {**blocks, "Point": experiment, "Experiment": whole},
        "title": "Experiments",
        "description": "A file in config/experiments/: experiments by name.",
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/Experiment"},
    }
