"""`lth docs`: updates the files that are made of the config's models."""

from pathlib import Path

from lth_core.commands.shared import CONFIG
from lth_core.config.documents import documents, write_documents
from lth_core.crate.codemeta import FILE, codemeta
from lth_core.errors import Failure


def docs() -> None:
    """Update config/REFERENCE.md, config/schemas/ and codemeta.json."""
    if not CONFIG.joinpath("config.yaml").is_file():
        raise Failure(f"{CONFIG}/config.yaml is missing: go to the top folder of the project")
    texts = documents(CONFIG)
    if Path("CITATION.cff").exists():  # of which codemeta.json is made
        texts[Path(FILE)] = codemeta(Path())
    changed = write_documents(texts)
    print("\n".join(f"wrote {path}" for path in changed) or "all up to date")
