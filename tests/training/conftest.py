"""What the tests of the engines share."""

import pytest

from lth_core.training.sparse.kernel import CompilerMissing, load_kernel


@pytest.fixture(scope="session")
def compiled_kernel() -> None:
    """The sparse kernel; where it cannot be compiled, tests that need it are skipped."""
    try:
        load_kernel()
    except CompilerMissing as error:
        pytest.skip(f"the sparse engine cannot be compiled here: {error}")
