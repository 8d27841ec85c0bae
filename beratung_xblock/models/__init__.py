"""Tables of the plugin. Only `access`, `api`, `outbox`, `jobs`, `completion` and `actors` read or write them."""

from beratung_xblock.models.attendance import Attendance, Certificate, Evidence, Reflection
from beratung_xblock.models.audit import AuditEntry
from beratung_xblock.models.cases import Case, ContactRequest
from beratung_xblock.models.groups import Group, Membership, Proposal
from beratung_xblock.models.outbox import Job, OutboxMail
from beratung_xblock.models.places import Coordinator, InterestNote, Place, UndertakingAcceptance
from beratung_xblock.models.registrations import Availability, CalendarSubscription, Exclusion, PlaceOffer, Registration
from beratung_xblock.models.reports import ClosedPeriod
from beratung_xblock.models.rounds import Round, Slot
from beratung_xblock.models.sessions import (
    CaseDot,
    Idea,
    KnowsThoseInvolved,
    Presence,
    Session,
    SessionCase,
    SessionEvent,
    Takeaway,
)

__all__ = [
    "Attendance", "AuditEntry", "Availability", "CalendarSubscription", "Case", "CaseDot", "Certificate",
    "ClosedPeriod", "ContactRequest", "Coordinator", "Evidence", "Exclusion", "Group", "Idea", "InterestNote", "Job",
    "KnowsThoseInvolved", "Membership", "OutboxMail", "Place", "PlaceOffer", "Presence", "Proposal", "Reflection",
    "Registration", "Round", "Session", "SessionCase", "SessionEvent", "Slot", "Takeaway", "UndertakingAcceptance",
]
