"""The panels of the volunteer's page, each built from the overview: one function a state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beratung_xblock.api import certificates
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.cases import CaseText, OwnCase
from beratung_xblock.data.enums import CaseState, RegistrationState, RoundState, SlotAnswer
from beratung_xblock.data.overview import Overview
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.data.views import GroupView, RegistrationView, RoundView
from beratung_xblock.mails.texts import why_not_placed
from beratung_xblock.pages import forms, words
from beratung_xblock.pages.viewmodels import (
    Afterwards,
    Answer,
    Assigned,
    CasePanel,
    Course,
    Meeting,
    NoRound,
    OwnCertificate,
    OwnIdeas,
    Person,
    Phase,
    Registered,
    Signup,
)
from beratung_xblock.process import templates
from beratung_xblock.times import words_for_both

REFRESHER_BEFORE = dt.timedelta(days=3, hours=1)
"""From when on the page offers the short exercise: the reminder of three days, also across a change of the clock."""


def phases(rules: PlaceSettings) -> tuple[Phase, ...]:
    """The phases of the process in force, for the timeline; empty when an author's own process does not fit."""
    try:
        process = (
            templates.parse_template(rules.own_template) if rules.template == "own" else templates.template(rules.template)
        )
    except (KeyError, templates.TemplateInvalid):
        return ()
    return tuple(Phase(name=phase.name.get(words.language()), minutes=phase.minutes) for phase in process.phases)


def no_round(state: Overview) -> NoRound:
    """State 1."""
    return NoRound(
        opens_words=words.moment(state.opens_at) if state.opens_at else "",
        will_be_told=state.wants_notice,
        session_minutes=state.settings.session_minutes,
    )


def slot_words(slot: Any, actor: Actor) -> tuple[str, str]:
    """A slot in the zone of the round and, where it differs, in the reader's own."""
    both = words_for_both(slot.starts_at, slot.ends_at, slot.time_zone, actor.time_zone, words.language())
    return both.home, both.own or ""


def closes_words(actor: Actor, round_: RoundView) -> str:
    """The deadline in words, in the zone of the first slot."""
    zone = round_.slots[0].time_zone if round_.slots else "Europe/Berlin"
    return words.moment(round_.closes_at, zone, own_zone=actor.time_zone)


# --- sign-up ---------------------------------------------------------------------------------------------------------


def signup_form(
    actor: Actor, state: Overview, *, uid: str, data: Mapping[str, Any] | None = None
) -> forms.SignupForm:
    """The form of this round: empty, with what is stored, or with what was typed."""
    row = state.registration or state.former
    initial: dict[str, Any] = {
        "display_name": actor.full_name.split(" ")[0][: forms.DISPLAY_NAME_MAX],
        "languages": [_spoken(state.rules)],
        "urgency": "1", "experience": "0", "take_part": "online", "wants_reminders": True, "needs": [],
    }
    if row is not None:
        initial = {
            "display_name": row.display_name, "languages": list(row.languages), "can_moderate": row.can_moderate,
            "brings_case": row.brings_case, "urgency": str(row.urgency), "region": row.region,
            "organisation": row.organisation, "experience": str(row.experience), "wish_with": row.wish_with,
            "take_part": row.take_part, "needs": list(row.needs), "wants_reminders": row.wants_reminders,
            "wants_refresher": row.wants_refresher,
            **{f"slot_{slot}": answer for slot, answer in row.answers.items()},
        }
    return forms.SignupForm(
        data, uid=uid, slot_uids=[slot.uid for slot in state.round.slots], languages=state.rules.languages,
        regions=state.rules.regions, initial=initial,
    )


def _spoken(rules: PlaceSettings) -> str:
    return words.language() if words.language() in rules.languages else rules.languages[0]


def signup(actor: Actor, state: Overview, form: forms.SignupForm | None, *, uid: str) -> Signup:
    """State 2: the form."""
    form = form or signup_form(actor, state, uid=uid)
    rows = []
    for slot in state.round.slots:
        home, own = slot_words(slot, actor)
        rows.append({"words": home, "own_words": own, "field": form[f"slot_{slot.uid}"]})
    return Signup(
        form=form, rows=tuple(rows), closes_words=closes_words(actor, state.round), is_full=state.is_full,
        is_change=state.registration is not None, has_course=bool(state.settings.teams_course_url), privacy_law=state.settings.privacy_law,
        privacy_contact=state.settings.privacy_contact, attendance_years=state.settings.retention_attendance_years,
        round_uid=state.round.uid,
    )


def answers(actor: Actor, state: Overview, given: Mapping[str, str]) -> tuple[Answer, ...]:
    """Each slot of the round with the answer given."""
    labels = dict(forms.ANSWERS)
    found = []
    for slot in state.round.slots:
        home, own = slot_words(slot, actor)
        answer = given.get(slot.uid, SlotAnswer.NO.value)
        found.append(Answer(words=home, own_words=own, answer=answer, label=str(labels[answer])))
    return tuple(found)


def facts(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A sign-up in words, from stored or typed values; what was not answered is left out."""
    yes, no = _("Yes"), _("No")
    lines = [
        (_("Your name in the group"), values.get("display_name", "")),
        (_("Languages"), words.listed(str(forms.LANGUAGE_NAMES.get(code, code)) for code in values.get("languages", ()))),
        (_("Your region"), values.get("region", "")),
        (_("I can moderate a group"), yes if values.get("can_moderate") else no),
        (_("I would like to bring a case"), yes if values.get("brings_case") else no),
    ]
    if values.get("brings_case"):
        lines.append((_("How urgent is it?"), _label(forms.URGENCY, values.get("urgency"))))
    lines += [
        (_("Your organisation or group"), values.get("organisation", "")),
        (_("Your experience"), _label(forms.EXPERIENCE, values.get("experience"))),
        (_("How do you take part?"), _label(forms.TAKE_PART, values.get("take_part"))),
        (_("I would like to be in a group with"), values.get("wish_with", "")),
        (_("What helps you"), words.listed(_label(forms.NEEDS, need) for need in values.get("needs", ()))),
        (_("Reminders by mail"), yes if values.get("wants_reminders") else no),
        (_("Short exercise with Teams before the date"), yes if values.get("wants_refresher") else ""),
    ]
    return tuple((label, str(value)) for label, value in lines if value)


def _label(choices: Any, value: Any) -> str:
    return str(dict(choices).get(str(value), ""))


def facts_of(row: RegistrationView) -> tuple[tuple[str, str], ...]:
    """A stored sign-up in words."""
    return facts({name: getattr(row, name) for name in (
        "display_name", "languages", "region", "can_moderate", "brings_case", "urgency", "organisation", "experience",
        "take_part", "wish_with", "needs", "wants_reminders", "wants_refresher",
    )})


def registered(actor: Actor, state: Overview, case: CasePanel | None) -> Registered:
    """State 3, with the waiting list and the offer of a freed place."""
    row = state.registration
    finished = state.round.state == RoundState.FINISHED.value
    waiting = row.state in (RegistrationState.WAITING.value, RegistrationState.OFFERED.value) and not finished
    reason = ""
    if not waiting and state.round.state == RoundState.PUBLISHED.value:
        reason = no_group_words(row.not_placed_because)
    if finished:
        reason = _("There is nothing left to do here.")
    return Registered(
        uid=row.uid, round_title=state.round.title, is_waiting=waiting, position=row.waiting_position or 0,
        is_asleep=row.is_asleep, offer_uid=state.offer_uid,
        offer_until=words.moment(row.offer_expires_at, own_zone=actor.time_zone) if row.offer_expires_at else "",
        closes_words=closes_words(actor, state.round), is_open=state.is_open,
        answers=answers(actor, state, row.answers), facts=facts_of(row), case=case if not waiting else None,
        course=course(state), unplaced_reason=reason, is_finished=finished, next_round_uid=state.other_round,
        will_be_told=state.wants_notice, round_uid=state.round.uid, is_late=not state.is_open,
    )


def no_group_words(because: str) -> str:
    """That no group fitted, and what would help next time."""
    text = _("This time no group fitted for you. We are sorry. In the next round you come first.")
    why = why_not_placed(because)
    return f"{text} {why}" if why else text


def course(state: Overview, *, is_soon: bool = False) -> Course | None:
    """The Teams course, when the author has linked it, with what somebody has practised there."""
    address = state.settings.teams_course_url
    share = None if state.practised is None else round(state.practised * 100)
    return Course(url=address, share=share, is_soon=is_soon, practice_url=state.practice_url) if address else None


# --- my case ---------------------------------------------------------------------------------------------------------


def case(state: Overview, *, uid: str) -> CasePanel | None:
    """My case as it stands: none yet, a draft to go on with, or submitted."""
    own = state.case
    if state.round.state == RoundState.FINISHED.value and own is None:
        return None
    if own is None:
        kept = state.kept.text.title.reveal() if state.kept and state.kept.text else ""
        return CasePanel(mode="none", kept_title=kept)
    if own.unreadable:
        return CasePanel(mode="unreadable", unreadable=True, uid=own.uid)
    if own.state in (CaseState.DRAFT.value, CaseState.WITHDRAWN.value):
        return CasePanel(
            mode="draft", uid=own.uid, version=own.version, title=own.text.title.reveal(),
            visible_to=visible_to(own), until_words=words.day(own.deleted_on), saved_words=words.moment(own.updated_at),
        )
    return CasePanel(
        mode="submitted", uid=own.uid, version=own.version, title=own.text.title.reveal(), facts=case_facts(own.text),
        visible_to=visible_to(own), until_words=words.day(own.deleted_on),
        is_consulted=own.state == CaseState.CONSULTED.value, staff_may_read=own.staff_may_read,
    )


def visible_to(own: OwnCase) -> str:
    """Who can read the text now, in words; from the function that decides access."""
    if own.readable_by_group_of:
        group = ngettext(
            "you and your group (%(n)s person)", "you and your group (%(n)s people)", own.readable_by_group_of
        ) % {"n": own.readable_by_group_of}
        return _("%(group)s, also the coordination") % {"group": group} if own.readable_by_coordination else group
    if own.readable_by_coordination:
        return _("you and the coordination")
    if own.state == CaseState.SUBMITTED.value:
        return _("only you. The coordination sees title and urgency.")
    return _("only you")


def case_facts(text: CaseText) -> tuple[tuple[str, str], ...]:
    """The text of a case with its labels; empty fields are left out."""
    method = templates.methods().get(text.method)
    lines = (
        (_("Title"), text.title.reveal()),
        (_("What is the situation?"), text.situation.reveal()),
        (_("What have you already tried?"), text.tried.reveal()),
        (_("What do you want to ask the group?"), text.key_question.reveal()),
        (_("How should the group help you?"), method.name.get(words.language()) if method else ""),
    )
    return tuple((label, value) for label, value in lines if value)


# --- group, session, afterwards --------------------------------------------------------------------------------------


def assigned(actor: Actor, state: Overview, case: CasePanel | None, *, now: dt.datetime) -> Assigned:
    """States 4 and 5."""
    group = state.group
    home, own = slot_words(group.slot, actor)
    is_now = now >= group.meeting_from
    zone = group.slot.time_zone
    needs = dict(forms.NEEDS)
    hint = words.listed(str(needs.get(need, need)) for need in state.needs)
    return Assigned(
        uid=state.registration.uid, group_uid=group.uid, round_uid=state.round.uid,
        group_name=_("Group %(number)s") % {"number": group.number}, when=home, own_when=own,
        leaf=words.leaf(group.slot.starts_at, zone),
        countdown=words.until(now, group.slot.starts_at, group.slot.ends_at, zone), is_now=is_now,
        role=str(words.ROLE_NAMES[group.my_role]), role_text=str(words.ROLE_TEXTS[group.my_role]),
        people=tuple(
            Person(name=member.display_name, role=str(words.ROLE_NAMES[member.planned_role]), is_me=member.is_me)
            for member in group.members
        ),
        meeting=meeting(group, is_now=is_now),
        calendar_url=words.address("calendar_file", usage_key=actor.usage_key, group_uid=group.uid),
        subscription_url=words.address("calendar_subscription", usage_key=actor.usage_key),
        is_confirmed=any(member.is_me and member.confirmed for member in group.members),
        needs_hint=_("In your group somebody wishes for: %(what)s.") % {"what": hint} if hint else "",
        case=case if not is_now else None,
        course=course(state, is_soon=now >= group.slot.starts_at - REFRESHER_BEFORE) if not is_now else None,
    )


def meeting(group: GroupView, *, is_now: bool) -> Meeting:
    """How to get into the call of a group."""
    return Meeting(
        url=group.meeting_url, number=group.meeting_number, passcode=group.meeting_passcode, dial_in=group.dial_in,
        dial_in_href=words.tel(group.dial_in),
        from_words=_("from %(when)s on") % {"when": words.moment(group.meeting_from, group.slot.time_zone)},
        is_missing=is_now and not group.meeting_url,
    )


def afterwards(actor: Actor, state: Overview, asked: Any, *, uid: str) -> Afterwards:
    """State 7."""
    group, mine = state.group, state.attendance
    home, _own = slot_words(group.slot, actor)
    reflection = None
    if not mine.reflected:
        reflection = asked.reflection or forms.ReflectionForm(uid=uid)
    hours = ""
    if state.minutes_this_year:
        hours = _("This year you took part for %(time)s.") % {"time": words.minutes(state.minutes_this_year)}
    return Afterwards(
        when=home, group_uid=group.uid, minutes_words=words.minutes(mine.minutes) if mine.minutes else "",
        attendance_open=mine.minutes is None, attended=mine.attended, reflection=reflection, reflected=mine.reflected,
        note=mine.note.reveal() if mine.note else "",
        certificates=_certificates(actor, state), hours_words=hours, round_uid=state.other_round,
        ideas=_results(state, uid=uid, asked=asked), unused_case=_unused(state),
        next_words=_("The next sign-up is open.") if state.other_round else _("We can tell you when the next sign-up opens."),
        will_be_told=state.wants_notice,
    )


def _results(state: Overview, *, uid: str, asked: Any) -> tuple[OwnIdeas, ...]:
    """What the group gave me, newest first; a form that was refused comes back as it was typed."""
    found = []
    for number, result in enumerate(state.results):
        form = asked.takeaway if asked.takeaway_of == result.session_case_uid else None
        if form is None:
            form = forms.TakeawayForm(
                uid=f"{uid}-take{number}",
                initial={
                    "takeaway": result.takeaway.reveal() if result.takeaway else "",
                    "first_step": result.first_step.reveal() if result.first_step else "",
                },
            )
        found.append(
            OwnIdeas(
                session_case_uid=result.session_case_uid,
                key_question=result.key_question.reveal() if result.key_question else "",
                ideas=tuple((text.reveal(), turned) for text, turned in result.ideas), form=form,
                deleted_words=words.day(result.deleted_on) if result.deleted_on else "",
                remind_words=words.day(result.remind_on) if result.remind_on else "",
            )
        )
    return tuple(found)


def _certificates(actor: Actor, state: Overview) -> tuple[OwnCertificate, ...]:
    """What a volunteer can have made once the attendance counts, or save when it was made already."""
    if not state.attendance.attended:
        return ()
    year, round_uid = state.group.slot.starts_at.year, state.round.uid
    made = certificates.ready(actor=actor, round_uid=round_uid, year=year)
    places = {
        certificates.ATTENDANCE: (round_uid, words.address("certificate", usage_key=actor.usage_key, round_uid=round_uid)),
        certificates.HOURS: (str(year), words.address("hours", usage_key=actor.usage_key, year=year)),
    }
    labels = {
        certificates.ATTENDANCE: (_("Make certificate of attendance"), _("Save certificate of attendance (PDF)")),
        certificates.HOURS: (_("Make statement of hours %(year)s") % {"year": year}, _("Save hours of %(year)s (PDF)") % {"year": year}),
    }
    return tuple(
        OwnCertificate(what=what, value=value, label=labels[what][what in made], address=address if what in made else "")
        for what, (value, address) in places.items()
    )


def _unused(state: Overview) -> CasePanel | None:
    """A case that was written for this round and not consulted. It stays the owner's: they decide what becomes of it."""
    own = state.case
    if own is None or own.text is None or own.state == CaseState.CONSULTED.value:
        return None
    return CasePanel(
        mode="unused", uid=own.uid, title=own.text.title.reveal(), until_words=words.day(own.deleted_on)
    )
