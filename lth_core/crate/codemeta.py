"""codemeta.json, made from CITATION.cff, pyproject.toml and requirements.in."""

import json
import tomllib
from pathlib import Path
from typing import Any

import yaml

from lth_core import __version__

FILE = "codemeta.json"


def codemeta(root: Path) -> str:
    """Return the text of codemeta.json (CodeMeta 3.0) for the project at `root`."""
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    written = (root / "requirements.in").read_text(encoding="utf-8").splitlines()
    said = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": project["name"],
        "description": project["description"],
        "version": __version__,
        "datePublished": citation["date-released"],
        "license": f"https://spdx.org/licenses/{citation['license']}",
        "url": citation.get("url"),
        "codeRepository": citation.get("repository-code"),
        "keywords": citation["keywords"],
        "programmingLanguage": ["Python", "Snakemake"],
        "runtimePlatform": f"Python {project['requires-python']}",
        "softwareRequirements": [line for line in written if line and not line.startswith("#")],
        "author": authors(citation),
        "referencePublication": [_paper(reference) for reference in citation["references"]],
    }
    kept = {key: value for key, value in said.items() if value is not None}
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


def authors(cited: dict[str, Any]) -> list[dict[str, str]]:
    """Return the authors of an entry of CITATION.cff, in the terms of schema.org."""
    return [
        {"@type": "Organization", "name": one["name"]}
        if "name" in one
        else {"@type": "Person", "givenName": one["given-names"], "familyName": one["family-names"]}
        for one in cited["authors"]
    ]


def _paper(reference: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "ScholarlyArticle",
        "name": reference["title"],
        "author": authors(reference),
        "datePublished": str(reference["year"]),
        "url": reference["url"],
    }
