"""Tutor plugin of beratung-xblock."""

__version__ = "0.1.0"
