"""Kollegiale Beratung and Teams onboarding for Open edX."""

__version__ = "0.1.0"
