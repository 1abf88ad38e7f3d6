"""Names of figures that are drawn in part: of what has been run so far, saying what has not."""

PARTIAL = "_partial"


def whole(name: str) -> str:
    """Return the name of the whole figure: fig04 of fig04_partial, and of fig04."""
    return name.removesuffix(PARTIAL)
