"""Assigns the GPUs of a machine to jobs."""
