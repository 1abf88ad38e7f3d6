"""Cost of a plan: iterations, FLOPs, disk, and hours on this machine."""
