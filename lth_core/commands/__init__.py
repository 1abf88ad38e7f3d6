"""Commands of `lth`, one per module; lth_core/cli.py names them."""
