"""Plugin settings, merged into the platform's by its plugin loader."""
