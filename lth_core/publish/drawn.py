"""The figures that have been drawn."""

from pathlib import Path

from lth_core.figure_names import place
from lth_core.provenance.manifest import NAME


def drawn_in(folder: Path) -> list[str]:
    """Return the figures that left their manifests in a folder, in the order of the papers."""
    names = (path.name.removesuffix(f".{NAME}") for path in folder.glob(f"*.{NAME}"))
    return sorted(names, key=place)
