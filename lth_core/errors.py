"""Base of all errors that a user can fix."""


class Failure(RuntimeError):
    """What went wrong, and what to do, in words: shown as it is, without a traceback."""


class NotPlanned(LookupError):
    """The config has no such job; says what it lacks."""
