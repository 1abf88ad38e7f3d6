"""Mask sources, one a file: settings, what they read of other runs, one pure function."""
