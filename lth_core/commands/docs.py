"""`lth docs`: updates the files that are made of the config's models."""

from pathlib import Path

from lth_core.commands.shared import CONFIG
from lth_core.config.documents import documents, write_documents
from lth_core.config.files import read_mapping
from lth_core.crate.codemeta import FILE, codemeta


def docs() -> None:
    """Update config/REFERENCE.md, config/schemas/ and codemeta.json."""
    read_mapping(CONFIG / "config.yaml")  # as other commands: refuses a folder without a project
    texts = documents(CONFIG)
    if Path("CITATION.cff").exists():  # of which codemeta.json is made
        texts[Path(FILE)] = codemeta(Path())
    changed = write_documents(texts)
    print("\n".join(f"wrote {path}" for path in changed) or "all up to date")
