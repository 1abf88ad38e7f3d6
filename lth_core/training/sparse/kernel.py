"""Compiles the sparse kernel for this processor, once, into the user's cache folder."""

import ctypes
import functools
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lth_core.files import atomic_path, sha256_bytes, sha256_file, write_bytes
from lth_core.training.engines import CompilerMissing

SOURCE = Path(__file__).with_name("kernel.c")
# No -ffast-math: with it two runs were seen to differ in the last bits.
FLAGS = [
    *("-std=gnu11", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math"),
    *("-ffp-contract=fast", "-fno-sanitize=undefined", "-fPIC", "-shared"),
]
# Without it, 64-byte vectors are halved; evaluation was seen to take twice as long.
X86_FLAGS = ["-mprefer-vector-width=512"]


@functools.cache
def load_kernel() -> ctypes.CDLL:
    """Return the compiled kernel, compiling it first if the cache does not hold it whole.

    The cache is `$XDG_CACHE_HOME/lth_core` (`~/.cache/lth_core`); where that cannot be
    written, a temporary folder serves this process alone. Raises CompilerMissing.
    """
    name = f"sparse_kernel-{_fingerprint()}.so"
    try:
        cached = _cache_folder() / name
        if not _is_whole(cached):
            with atomic_path(cached) as temporary:
                _compile(temporary)
                digest = sha256_file(temporary)
            write_bytes(_digest_file(cached), digest.encode())
        return _load(cached)
    except OSError:
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / name
            _compile(library)
            return _load(library)


def compiler() -> str:
    """Return name and version of the compiler. Raises CompilerMissing."""
    try:
        return f"zig cc {version('ziglang')}"
    except PackageNotFoundError:
        message = "the package ziglang (see requirements.in) is not installed"
        raise CompilerMissing(message) from None


def _flags() -> list[str]:
    x86 = platform.machine() in ("x86_64", "AMD64")
    return FLAGS + X86_FLAGS if x86 else FLAGS


def _fingerprint() -> str:
    sources = [path.read_text(encoding="utf-8") for path in sorted(SOURCE.parent.glob("*.[ch]"))]
    parts = [*sources, " ".join(_flags()), compiler(), platform.platform(), *_processor()]
    return sha256_bytes("\n".join(parts).encode())[:16]


def _processor() -> list[str]:
    """Return what -march=native depends on: virtual machines share model names, not features."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return [platform.processor()]
    fields = ("model name", "flags", "CPU part", "Features")
    return sorted({line for line in lines if line.startswith(fields)})


def _cache_folder() -> Path:
    """Return the folder of compiled kernels. Raises OSError for a user without a home."""
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lth_core"
    except RuntimeError as error:
        raise OSError(str(error)) from None


def _digest_file(library: Path) -> Path:
    return library.with_suffix(".sha256")


def _is_whole(library: Path) -> bool:
    """Return whether a library is there as it was compiled: a damaged one crashes its process."""
    digest = _digest_file(library)
    if not (library.is_file() and digest.is_file()):
        return False
    return digest.read_bytes() == sha256_file(library).encode()


def _compile(target: Path) -> None:
    command = [sys.executable, "-m", "ziglang", "cc", *_flags(), str(SOURCE), "-o", str(target)]
    with tempfile.TemporaryDirectory() as scratch:
        environment = {
            **os.environ,
            "ZIG_GLOBAL_CACHE_DIR": scratch,
            "ZIG_LOCAL_CACHE_DIR": scratch,
        }
        result = subprocess.run(
            [*command, "-lm"], env=environment, capture_output=True, text=True, check=False
        )
    if result.returncode:
        raise CompilerMissing(f"{compiler()} could not compile {SOURCE.name}:\n{result.stderr}")


def _load(library: Path) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise CompilerMissing(f"{library}: {error}") from None
