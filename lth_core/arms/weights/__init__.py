"""Sources of starting weights, one per file: settings, files read, one pure function.

Each returns complete weights; the caller puts the mask over them.
"""
