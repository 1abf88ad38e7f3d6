"""What a plan costs: iterations, FLOPs, disk, and hours on this machine."""
