"""Closed sets of words used in the database and between layers. Values are stable; labels are rendered elsewhere."""

from enum import Enum


class Word(str, Enum):
    """A string that is its own value, so that it compares and stores as text."""

    def __str__(self) -> str:
        return self.value


class RoundState(Word):
    """Where a round stands; closed means sign-up has ended."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class RegistrationState(Word):
    """Where one person's sign-up stands."""

    REGISTERED = "registered"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"


class SlotAnswer(Word):
    """Does a date suit? Maybe is "if need be"."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class CaseState(Word):
    """Where a case stands; kept is a draft for the next meeting."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    CONSULTED = "consulted"
    KEPT = "kept"


class GroupState(Word):
    """Published groups meet; merged and cancelled ones do not."""

    PUBLISHED = "published"
    MERGED = "merged"
    CANCELLED = "cancelled"


class Role(Word):
    """Roles in a session; planned by the assignment, decided by the casting."""

    MODERATOR = "moderator"
    CASE_GIVER = "case_giver"
    NOTE_TAKER = "note_taker"
    ADVISER = "adviser"
    OBSERVER = "observer"
    TECH_HOST = "tech_host"


class SessionState(Word):
    """Before, during and after the live meeting."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


class OfferState(Word):
    """Where an offered free place stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class MailState(Word):
    """Where a mail in the outbox stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class JobState(Word):
    """Where a long calculation stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CompletionRule(Word):
    """What the author lets count as complete."""

    ATTENDED_AND_REFLECTED = "attended_and_reflected"
    ATTENDED = "attended"
    SIGNED_UP = "signed_up"
    TOOK_PART = "took_part"


class TakePart(Word):
    """How somebody takes part."""

    ONLINE = "online"
    PHONE = "phone"
    ON_SITE = "on_site"
