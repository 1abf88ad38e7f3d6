"""Results kept in git: small tables, their provenance, and the figures drawn from them."""
