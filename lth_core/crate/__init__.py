"""A figure and all that made it as one RO-Crate, for archives and other machines."""
