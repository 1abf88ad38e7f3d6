"""Which job may use which GPU of a machine."""
