"""Tidy tables made from the metrics files of runs."""
