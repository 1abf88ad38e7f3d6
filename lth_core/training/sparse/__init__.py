"""The sparse engine: any network on one CPU core, over surviving weights only."""
