"""The one list of columns that hold sealed text, with the names they are bound to. Rotation, erasure and tests walk it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from beratung_xblock.models.attendance import Reflection
from beratung_xblock.models.cases import Case
from beratung_xblock.models.registrations import Exclusion
from beratung_xblock.models.sessions import Idea, KnowsThoseInvolved, SessionCase, Takeaway


@dataclass(frozen=True)
class SealedColumn:
    """A model field and the table and column names its text is bound to; the row is bound by `row_uid`."""

    model: type[models.Model]
    field: str
    table: str
    column: str


SEALED = (
    SealedColumn(Case, "title_sealed", "case", "title"),
    SealedColumn(Case, "body_sealed", "case", "body"),
    SealedColumn(Exclusion, "other_sealed", "exclusion", "other"),
    SealedColumn(SessionCase, "key_question_sealed", "session_case", "key_question"),
    SealedColumn(Idea, "text_sealed", "idea", "text"),
    SealedColumn(Takeaway, "text_sealed", "takeaway", "text"),
    SealedColumn(Takeaway, "first_step_sealed", "takeaway", "first_step"),
    SealedColumn(KnowsThoseInvolved, "who_sealed", "conflict", "who"),
    SealedColumn(Reflection, "note_sealed", "reflection", "note"),
)
