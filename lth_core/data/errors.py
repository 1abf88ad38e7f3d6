"""The one exception of this package."""


class DataError(ValueError):
    """A data set's file is missing, malformed or not the one expected; the message says which."""
