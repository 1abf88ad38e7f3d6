"""Auditing: what made a result, whether it is still there, and whether to believe it."""
