"""The guided session as a pure model: templates, clock, rules. Knows no Django and no clock of its own.

A session is a list of events. `fold` gives the state, `clock` the time, `decide` answers a wish with new events or a
typed refusal, `prompt` says what one person reads now. Everything else (database, cache, pages) is built around it.
The clock and the gates advise: nothing closes by itself, nobody is locked out of a phase, and whoever must be
replaced (moderator, case giver) can be, so that no group is ever stuck.
"""

from beratung_xblock.process.clock import ClockState, Notice, clock, clock_of
from beratung_xblock.process.decide import decide, perform
from beratung_xblock.process.decide_flow import missing
from beratung_xblock.process.decide_ideas import writing_open
from beratung_xblock.process.decide_people import can_merge
from beratung_xblock.process.events import Event, Kind, PersonId
from beratung_xblock.process.presence import minutes_present
from beratung_xblock.process.prompts import Prompt, method_now, prompt, role_card, situation
from beratung_xblock.process.reducer import apply, fold
from beratung_xblock.process.rules import (
    Act,
    Action,
    Decision,
    Doer,
    Heard,
    Refusal,
    Why,
    take_over_wait,
)
from beratung_xblock.process.samples import Sample, samples
from beratung_xblock.process.state import CaseRun, Held, Idea, Member, SessionState, Status
from beratung_xblock.process.templates import (
    FieldError,
    TemplateInvalid,
    beginner_methods,
    from_dict,
    methods,
    parse_template,
    template,
    template_ids,
    to_dict,
)
from beratung_xblock.process.types import Contribution, Gate, Method, Phase, PhaseKind, ProcessTemplate, Role, Text

__all__ = [
    "Act", "Action", "CaseRun", "ClockState", "Contribution", "Decision", "Doer", "Event", "FieldError", "Gate",
    "Heard", "Held", "Idea", "Kind", "Member", "Method", "Notice", "PersonId", "Phase", "PhaseKind", "ProcessTemplate",
    "Prompt", "Refusal", "Role", "Sample", "SessionState", "Status", "TemplateInvalid", "Text", "Why", "apply",
    "beginner_methods", "can_merge", "clock", "clock_of", "decide", "fold", "from_dict", "method_now", "methods",
    "minutes_present", "missing", "parse_template", "perform", "prompt", "role_card", "samples", "situation", "take_over_wait",
    "template", "template_ids", "to_dict", "writing_open",
]
