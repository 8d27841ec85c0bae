"""The desk ("Leitung"): the coordinator's side of the page. Importing it registers its actions."""

from beratung_xblock.pages.desk import board, figures, limits, lists, moderate, needs, people, planning, promise, rounds, running, waiting
from beratung_xblock.pages.desk.figures import staff_page
from beratung_xblock.pages.desk.frame import page, partial

__all__ = ["board", "figures", "limits", "lists", "moderate", "needs", "page", "partial", "people", "planning", "promise", "rounds", "running", "staff_page", "waiting"]
