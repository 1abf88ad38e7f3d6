"""Sources of starting weights, one a file: settings, what they read, one pure function.

Each returns complete weights; the caller puts the mask over them.
"""
