"""Template tags of our own engine."""
