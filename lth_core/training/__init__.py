"""The training loop, its two engines and the state that they share."""
