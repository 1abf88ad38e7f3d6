"""The sparse engine: fully-connected networks on one CPU core, over surviving weights only."""
