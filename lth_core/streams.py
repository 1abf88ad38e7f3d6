"""Named random streams: every draw of the project comes from one of these.

Nothing draws from a global generator, so adding a draw in one place changes no other.
"""

import hashlib

import numpy as np


def stream(*key: str | int) -> np.random.Generator:
    """Return the generator named by `key`, e.g. `stream(seed, trial, "initialisation")`.

    The key is hashed, so streams with different keys are independent and the same key
    always gives the same numbers, in whatever order streams are used.
    """
    name = "/".join(f"{type(part).__name__}:{part}" for part in key)
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
