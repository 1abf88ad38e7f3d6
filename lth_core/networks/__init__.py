"""Networks: their layers, shapes and weights."""
