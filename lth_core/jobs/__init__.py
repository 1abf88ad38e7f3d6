"""Jobs: one module per kind, named after its rule; see lth_core/jobs/kind.py."""
