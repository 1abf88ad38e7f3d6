"""The one exception of this package."""

from lth_core.errors import Failure


class DataError(Failure):
    """A data set's file is missing, malformed or not the one expected; the message says which."""
