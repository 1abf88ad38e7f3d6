"""What a network is made of: its layers, their shapes and their weights."""
