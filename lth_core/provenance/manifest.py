"""The manifest of a job: what went in, what came out, and what made it.

Manifests form a Merkle graph: each names the digests of the manifests it was built on,
down to the data set. They hold no times, absolute paths or names of people or machines,
so the same work gives the same bytes.
"""

import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy

from lth_core.files import sha256_bytes, sha256_file, write_bytes

NAME = "manifest.json"
_CODE = (".", ":(exclude)results/published")  # what of the checkout computes


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of `value`: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(value: Any) -> str:
    """Return the sha256 of the canonical JSON of `value`."""
    return sha256_bytes(canonical_json(value))


def build(
    kind: str,
    settings: Mapping[str, Any],
    code: str,
    inputs: Iterable[Path],
    outputs: Mapping[str, str],
    environment: Mapping[str, str],
    **details: Any,
) -> dict[str, Any]:
    """Return the manifest of one job.

    kind: what the job was ("data", "training", "table", "figure").
    code: fingerprint of the modules that computed it.
    inputs: manifests of the jobs that this one was built on, and other files it read.
    outputs: digests of what was written, by file name.
    environment: versions, processor and engine.
    """
    return {
        "manifest": 1,
        "kind": kind,
        "settings": dict(settings),
        "code": code,
        "inputs": {path.as_posix(): sha256_file(path) for path in sorted(inputs)},
        "outputs": dict(sorted(outputs.items())),
        "environment": {**base_environment(), **environment},
        "source": source_state(),
        **details,
    }


def write(path: Path, manifest: Mapping[str, Any]) -> str:
    """Write `manifest` atomically and return the digest of the file."""
    data = json.dumps(manifest, sort_keys=True, indent=1, allow_nan=False).encode() + b"\n"
    write_bytes(path, data)
    return sha256_bytes(data)


def read(path: Path) -> dict[str, Any]:
    """Read the manifest at `path`."""
    return dict(json.loads(path.read_bytes()))


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
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def source_state() -> dict[str, Any]:
    """Return the commit of the checkout and whether tracked files differ from it."""
    root = Path(__file__).resolve().parents[2]

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return {
            "commit": git("rev-parse", "HEAD"),
            # Publishing one figure must not make the next one's manifest dirty.
            "dirty": bool(git("status", "--porcelain", "--untracked-files=no", "--", *_CODE)),
        }
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}
