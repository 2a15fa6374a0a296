"""The screens: each reads its state, asks core, and draws."""
