"""The desk ("Leitung"): the coordinator's side of the page. Importing it registers its actions."""

from beratung_xblock.pages.desk import board, people, rounds
from beratung_xblock.pages.desk.frame import page, partial

__all__ = ["board", "page", "partial", "people", "rounds"]
