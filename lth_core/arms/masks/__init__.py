"""Mask sources, one per file: settings, files read from other runs, one pure function."""
