"""Typed models of everything under `config/`, and their loader."""
