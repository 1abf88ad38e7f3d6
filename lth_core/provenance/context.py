"""The context of a job: commit, machine and versions, recorded beside its manifest, in no digest.

`context.json` lies beside `manifest.json`, `fig04.context.json` beside `fig04.manifest.json`.
"""

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy

from lth_core.files import write_bytes
from lth_core.provenance.manifest import NAME, parse_mapping

CONTEXT = "context.json"
_KEYS: dict[str, type] = {"manifest": str, "environment": dict, "source": dict}


def context_path(manifest: Path) -> Path:
    """Return where the context of a manifest lies."""
    return manifest.with_name(manifest.name.removesuffix(NAME) + CONTEXT)


def write(
    manifest: Path, digest: str, environment: Mapping[str, str], source: Mapping[str, Any]
) -> None:
    """Write the context of `manifest`, of which `digest` is the sha256, atomically.

    environment: versions, device and engine, as far as `base_environment` does not name them.
    source: from `lth_core.provenance.source`.
    """
    content = {
        "manifest": digest,
        "environment": {**base_environment(), **environment},
        "source": dict(source),
    }
    text = json.dumps(content, sort_keys=True, indent=1, allow_nan=False) + "\n"
    write_bytes(context_path(manifest), text.encode())


def read(manifest: Path) -> dict[str, Any] | None:
    """Return the context of `manifest`; None where there is none, or it is damaged."""
    path = context_path(manifest)
    return parse(path.read_bytes()) if path.is_file() else None


def parse(data: bytes) -> dict[str, Any] | None:
    """Return the context that `data` is; None where it is none, or damaged."""
    return parse_mapping(data, _KEYS)


def base_environment() -> dict[str, str]:
    """Return what every job records of the machine and the interpreter."""
    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor_model(),
    }


def processor_model() -> str:
    """Return the model name of the processor: bits may differ between models."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
