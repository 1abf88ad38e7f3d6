"""Commands of `lth`, one a module; lth_core/cli.py names them."""
