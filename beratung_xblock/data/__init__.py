"""Frozen data that travels between layers. Imports nothing of ours but `exceptions`."""
