"""The base of all errors that a user can fix, and what planning raises."""


class Failure(RuntimeError):
    """What went wrong, and what to do, in words: shown as it is, without a traceback."""


class NotPlanned(LookupError):
    """The config has no such job; says what it lacks."""
