"""The files of the config that verdicts on claims rest on."""

from pathlib import Path

_PATTERNS = (
    *("experiments/*.yaml", "architectures/*.yaml", "scales/*.yaml", "xor.yaml"),
    *("paper/claims/*.yaml", "paper/claims.csv"),
)


def config_files(config: Path) -> list[Path]:
    """Return those files in the folder `config`."""
    return [path for pattern in _PATTERNS for path in sorted(config.glob(pattern))]
