"""The PyTorch engine: any network, on a GPU where there is one."""
