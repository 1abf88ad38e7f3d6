"""Formats of data sets: a file each, from bytes to arrays."""
