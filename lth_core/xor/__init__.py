"""v1's XOR experiments: thousands of tiny networks, trained side by side, pruned by units."""
