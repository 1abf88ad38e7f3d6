"""Auditing: traces what made a result, and checks that the record is intact and current."""
