"""Pruning as three pure steps: score, count, mask."""
