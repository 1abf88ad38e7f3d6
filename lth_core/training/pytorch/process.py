"""What the torch engine sets for the whole process."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.utils import deterministic

# Parameters of mallopt, from glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def prepare_process() -> None:
    """Set PyTorch to one thread and deterministic algorithms, and keep memory at hand."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # or cuBLAS refuses
    torch.set_num_threads(1)
    # Like use_deterministic_algorithms, which takes seconds, as it loads the compiler.
    torch.set_deterministic_debug_mode("error")
    # Or every new tensor is filled once more: 5 to 20 % of the time of convolutions.
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.fp32_precision = "ieee"  # type: ignore[attr-defined]  # no TF32
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Keep the memory of freed tensors for the next ones, where the C library can be told.

    Each iteration of a convolutional network frees what the next needs again. Pages fresh
    from the system cost a tenth to a third of its time.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, 2**30)
        library.mallopt(_TRIM_THRESHOLD, 2**31 - 1)


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Take denormal numbers for zero in this block: moments fade to them, at a high cost."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
