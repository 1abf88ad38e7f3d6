"""The factors of an arm: where its mask and its starting weights come from."""
