"""Jobs: one module a kind, called like its rule; see lth_core/jobs/kind.py."""
