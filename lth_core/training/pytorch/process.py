"""Process-wide settings of the torch engine."""

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
    torch.backends.fp32_precision = "ieee"  # type: ignore[attr-defined]  # TF32: `products_in`
    _keep_freed_memory()


def has_tf32(device: torch.device) -> bool:
    """Return whether `device` can round the factors of float32 products to TF32."""
    return device.type == "cuda" and torch.cuda.is_tf32_supported()


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """With precision "tf32", round the factors of products and convolutions to TF32 in this block.

    TF32 has float32's range and 11 bits. GPUs without it, and the CPU, go on in float32.
    """
    _let_cuda_round("tf32" if precision == "tf32" else "ieee")
    try:
        yield
    finally:
        _let_cuda_round("ieee")


def _let_cuda_round(precision: str) -> None:
    torch.backends.cuda.matmul.fp32_precision = precision
    torch.backends.cudnn.conv.fp32_precision = precision  # type: ignore[attr-defined]


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
