"""Formats of data sets, one file each: from bytes to arrays."""
