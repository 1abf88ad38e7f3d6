"""The gallery: one page with every figure, its claims and what made it."""
