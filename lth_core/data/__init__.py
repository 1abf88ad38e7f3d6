"""Data sets: where they come from, how they are checked, and the splits trained on."""
