"""What the volunteer's templates are given: frozen, already in words, nothing left to decide or to look up.

`pages/volunteer.py` builds these from what `api` returns; `templates/beratung_xblock/volunteer/` renders them. Times are
sentences in the reader's language ("Dienstag, 14. April 2026, 18 bis 20 Uhr"). Texts that people wrote are plain strings;
the templates escape them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Help:
    """What stands behind "Hilfe" and "Hilfe im Notfall"; empty texts are left out. `*_href` are tel: addresses."""

    hotline: str = ""
    hotline_href: str = ""
    hotline_hours: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_href: str = ""
    youth_office_phone: str = ""
    youth_office_href: str = ""
    legal_contacts: str = ""
    checked_on: str = ""
    contact_asked: bool = False
    phone: str = ""
    """The number as it was typed and refused."""
    phone_error: str = ""


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A date as a calendar leaf."""

    weekday: str
    day: str
    month: str


@dataclass(frozen=True, kw_only=True)
class Flash:
    """What just happened, said once at the top of the page and to screen readers. `kind` is ok, info, warn or danger."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase of the process template, for the timeline."""

    name: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One slot with the answer given, for review and for the registered page. `answer` is yes, maybe or no."""

    words: str
    own_words: str
    answer: str
    label: str


@dataclass(frozen=True, kw_only=True)
class NoRound:
    """State 1: no round is open."""

    template: str = "beratung_xblock/volunteer/no_round.html"
    opens_words: str = ""
    will_be_told: bool = False
    session_minutes: int = 120


@dataclass(frozen=True, kw_only=True)
class Undertaking:
    """The promise before everything else. `german` is binding; `translation` stands beside it in other languages."""

    template: str = "beratung_xblock/volunteer/undertaking.html"
    version: str
    german: str
    translation: str = ""
    law: str = ""
    is_new_version: bool = False
    error: str = ""
    session_minutes: int = 0
    hidden: tuple[tuple[str, str], ...] = ()
    """Fields that go along with the answer."""
    case_uid: str = ""
    """A case on the round's list that its owner can take back without accepting."""


@dataclass(frozen=True, kw_only=True)
class Signup:
    """State 2: the form. `form` is a `forms.SignupForm`; `rows` pair each slot with its form field."""

    template: str = "beratung_xblock/volunteer/signup.html"
    form: Any
    rows: tuple[Mapping[str, Any], ...]
    closes_words: str
    is_full: bool = False
    is_change: bool = False
    has_course: bool = False
    privacy_law: str = ""
    privacy_contact: str = ""
    attendance_years: int = 5
    round_uid: str = ""


@dataclass(frozen=True, kw_only=True)
class Review:
    """State 2, last screen: everything once more, and the values to send."""

    template: str = "beratung_xblock/volunteer/review.html"
    facts: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    hidden: tuple[tuple[str, str], ...]
    """Names and values to send on; a name may occur more than once."""
    is_full: bool = False
    is_change: bool = False


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A place in a case text that could tell who somebody is. `declared` means the owner said it is not real."""

    key: str
    field_label: str
    text: str
    why: str
    replacement: str
    must_decide: bool
    declared: bool = False
    has_focus: bool = False


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """One question of the boundary checklist; `value` is "", yes or no."""

    key: str
    question: str
    value: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class CasePanel:
    """My case. `mode` is none, draft, form, check, boundary, submitted, mine (of no round) or unreadable; `boundary` names a topic that came up."""

    template: str = "beratung_xblock/volunteer/case.html"
    mode: str
    uid: str = ""
    version: int = 0
    form: Any = None
    facts: tuple[tuple[str, str], ...] = ()
    title: str = ""
    visible_to: str = ""
    findings: tuple[Finding, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    boundary: str = ""
    boundary_error: str = ""
    findings_error: str = ""
    was_replaced: bool = False
    """A find was just replaced: the page stays at that place."""
    until_words: str = ""
    saved_words: str = ""
    max_chars: int = 1500
    min_chars: int = 200
    kept_title: str = ""
    read_log: tuple[tuple[str, str], ...] | None = None
    """(when, who did what) once the owner asked for it."""
    unreadable: bool = False
    staff_may_read: bool = False
    is_consulted: bool = False
    is_kept: bool = False
    round_uid: str = ""


@dataclass(frozen=True, kw_only=True)
class Course:
    """The Teams course on offer. `share` of its practice meeting is 0 to 100, or None when that is not known.

    Shortly before a session `is_soon` offers the short version instead, at the page of the practice meeting where that is known.
    """

    url: str
    share: int | None = None
    is_soon: bool = False
    practice_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """State 3. `offer_until` is set when a freed place is offered, `position` while somebody waits."""

    template: str = "beratung_xblock/volunteer/registered.html"
    uid: str
    round_title: str
    is_waiting: bool = False
    position: int = 0
    is_asleep: bool = False
    offer_uid: str = ""
    offer_until: str = ""
    closes_words: str = ""
    is_open: bool = True
    answers: tuple[Answer, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    case: CasePanel | None = None
    course: Course | None = None
    unplaced_reason: str = ""
    is_finished: bool = False
    next_round_uid: str = ""
    """A round that is open for sign-up now, for somebody who got no group."""
    will_be_told: bool = False
    round_uid: str = ""
    is_late: bool = False


@dataclass(frozen=True, kw_only=True)
class OtherRound:
    """A round beside the one shown, in two lines and with what can be done about it. `kind` as in `data.overview.Elsewhere`."""

    kind: str
    round_uid: str
    title: str
    when: str = ""
    text: str = ""
    group_uid: str = ""
    is_confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """My sign-up of this round is cancelled; what I wrote is still mine."""

    template: str = "beratung_xblock/volunteer/cancelled.html"
    round_uid: str
    title: str
    is_open: bool = False
    closes_words: str = ""
    case: CasePanel | None = None


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member of my group, by display name."""

    name: str
    role: str
    is_me: bool = False


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """How to get into the meeting; empty until the set time. `from_words` says when it appears."""

    url: str = ""
    number: str = ""
    passcode: str = ""
    dial_in: str = ""
    dial_in_href: str = ""
    from_words: str = ""
    is_missing: bool = False


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """States 4 and 5. `is_now` turns the page into the big "Jetzt teilnehmen"."""

    template: str = "beratung_xblock/volunteer/assigned.html"
    uid: str
    group_uid: str
    group_name: str
    when: str
    own_when: str = ""
    leaf: Leaf
    countdown: str
    is_now: bool = False
    role: str
    role_text: str
    people: tuple[Person, ...]
    meeting: Meeting
    calendar_url: str = ""
    subscription_url: str = ""
    is_confirmed: bool = False
    can_cancel: bool = True
    needs_hint: str = ""
    case: CasePanel | None = None
    course: Course | None = None
    round_uid: str = ""
    is_late: bool = True


@dataclass(frozen=True, kw_only=True)
class OwnIdeas:
    """What the case giver takes home: the key question and the ideas, for the owner alone."""

    session_case_uid: str
    key_question: str
    ideas: tuple[tuple[str, bool], ...]
    """Each idea with True for the turned-round column of Kopfstand."""
    form: Any
    deleted_words: str
    remind_words: str = ""


@dataclass(frozen=True, kw_only=True)
class OwnCertificate:
    """A certificate of a round or a year (`value`): the button that makes it, or with an `address` the link to its file."""

    what: str
    value: str
    label: str
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """State 7."""

    template: str = "beratung_xblock/volunteer/after.html"
    when: str
    group_uid: str
    minutes_words: str = ""
    attendance_open: bool = True
    attended: bool = False
    reflection: Any = None
    reflected: bool = False
    note: str = ""
    ideas: tuple[OwnIdeas, ...] = ()
    hours_words: str = ""
    certificates: tuple[OwnCertificate, ...] = ()
    unused_case: CasePanel | None = None
    """My case that no group took up: keep it or delete it."""
    next_words: str = ""
    round_uid: str = ""
    """A round that is open for sign-up now."""
    will_be_told: bool = False


@dataclass(frozen=True, kw_only=True)
class Companion:
    """State 6: the session companion, already rendered by `pages/session.py`."""

    template: str = "beratung_xblock/volunteer/companion.html"
    html: str
    group_name: str = ""
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """Somebody may see the block but not take part: visitor, not enrolled, course team, masquerade, no course."""

    template: str = "beratung_xblock/volunteer/closed.html"
    reason: str


@dataclass(frozen=True, kw_only=True)
class MyData:
    """Own data as a file, and what will be deleted when."""

    export_urls: tuple[tuple[str, str], ...] = ()
    """(what the file is for, address); an address is empty where files are not served (Studio)."""
    undertaking_words: str = ""
    undertaking_url: str = ""
    deletions: tuple[tuple[str, str], ...] = ()
    contact: str = ""


@dataclass(frozen=True, kw_only=True)
class VolunteerPage:
    """The whole page. `uid` prefixes every HTML id, so that two blocks may stand on one page."""

    uid: str
    title: str
    eyebrow: str = ""
    intro: str = ""
    url: Mapping[str, str]
    help: Help
    panel: Any
    flash: Flash | None = None
    step: int = 0
    phases: tuple[Phase, ...] = ()
    phases_minutes: int = 0
    my_data: MyData | None = None
    round_uid: str = ""
    """The round shown; every request of the page carries it, so that an action answers with the same round."""
    others: tuple[OtherRound, ...] = ()
    past: tuple[OtherRound, ...] = ()
    others_first: bool = False
    loose: tuple[CasePanel, ...] = ()
    is_masquerading: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
