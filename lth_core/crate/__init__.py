"""A figure with all that made it as one RO-Crate, for archives and other people's machines."""
