"""Sentences of the desk: what the words of api and assignment mean to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beratung_xblock.api.assignment import JobView
from beratung_xblock.data.board import Why
from beratung_xblock.pages.forms import LANGUAGE_NAMES

ROUND_STATES = {
    "draft": lambda: _("Draft"),
    "open": lambda: _("Sign-up open"),
    "closed": lambda: _("Sign-up closed"),
    "published": lambda: _("Groups published"),
    "finished": lambda: _("Finished"),
    "cancelled": lambda: _("Cancelled"),
}
REGISTRATION_STATES = {
    "registered": lambda: _("Registered"),
    "waiting": lambda: _("Waiting list"),
    "offered": lambda: _("Place offered"),
    "cancelled": lambda: _("Cancelled"),
}
MAIL_STATES = {
    "waiting": lambda: _("waiting"),
    "sending": lambda: _("being sent"),
    "sent": lambda: _("sent"),
    "failed": lambda: _("failed"),
    "dropped": lambda: _("not needed any more"),
}
MAIL_NOTES = {
    "no_address": lambda: _("no mail address"),
    "told": lambda: _("told by telephone"),
    "offer_over": lambda: _("the offer was over"),
    "state_changed": lambda: _("the registration had changed"),
    "no_session": lambda: _("the date had changed"),
    "over": lambda: _("the date was over"),
    "closed": lambda: _("sign-up was closed"),
    "case_gone": lambda: _("the text was deleted already"),
    "place_gone": lambda: _("the page is gone"),
}
REASONS = {
    "no_slots": lambda: _("Offers no date that takes place."),
    "too_few_peers": lambda: _("Too few people share a date and a language with this person."),
    "no_case_giver": lambda: _("Nobody brings a case in these dates and languages."),
    "no_moderator": lambda: _("Nobody can moderate in these dates and languages."),
    "competition": lambda: _("All suitable places are taken."),
}
RULES = {
    "H2": lambda: _("The number of people does not fit the rule."),
    "H3": lambda: _("Somebody did not offer this date."),
    "H4": lambda: _("Somebody does not speak the language of the group."),
    "H5": lambda: _("The number of cases does not fit."),
    "H6": lambda: _("Somebody who can moderate is missing."),
    "H7": lambda: _("The coordinator would have two groups at once."),
    "H8": lambda: _("There are more groups on this date than allowed."),
    "H9": lambda: _("Two people in this group should not meet."),
    "P": lambda: _("Something you fixed would change."),
    "pins": lambda: _("What you fixed cannot be kept. Please free a person or a group, then propose again."),
    "groups": lambda: _("There are no groups yet. Please propose groups first."),
    "instance": lambda: _("The round has dates or rules that do not fit together. Please check them."),
}
FIELD_PROBLEMS = {
    "signup_open": lambda: _("Sign-up is still open. Please tick the box if you want to end it now."),
    "no_group": lambda: _("There is no group with this number."),
    "taken": lambda: _("More people have a place already. Please write a larger number."),
    "required": lambda: _("Please fill this in."),
    "long": lambda: _("This text is too long. Please shorten it."),
    "number": lambda: _("Please enter a whole number."),
    "range": lambda: _("This number is too small or too large."),
    "date": lambda: _("Please enter a date and a time."),
    "order": lambda: _("This time does not fit the other times."),
    "past": lambda: _("This moment has passed. Please choose a later one."),
    "zone": lambda: _("This time zone is not known."),
    "choice": lambda: _("Please choose one of the answers."),
    "meeting_host": lambda: _("Please use a meeting link that begins with https:// and leads to Microsoft Teams."),
    "text": lambda: _("Please enter text."),
    "unknown": lambda: _("There is no account with this name or address. Please check the spelling."),
    "full": lambda: _("This date has no free place. Please choose another one."),
}
CONFLICTS = {
    "exists": lambda: _("These rounds exist already. There is nothing left to create."),
    "no_slots": lambda: _("This round has no date that could be copied."),
    "stale": lambda: _("Somebody else changed this in the meantime. You see the newest state now. Please repeat your step."),
    "round_state": lambda: _("This is not possible in the present state of the round."),
    "closed": lambda: _("Sign-up is closed."),
    "nothing_to_undo": lambda: _("There is nothing to undo."),
    "changed_meanwhile": lambda: _("Somebody cancelled in the meantime. Please repair the groups first."),
    "too_early": lambda: _("The session has not begun yet."),
    "too_late": lambda: _("A case has been told already. The groups can no longer be joined."),
    "same_group": lambda: _("Please choose another group."),
    "too_many": lambda: _("The two groups together are too many people for one session."),
    "session_over": lambda: _("The session is over already."),
    "running": lambda: _("A calculation is running already. Please wait, or stop it."),
    "over": lambda: _("The calculation was over already."),
    "full": lambda: _("All places are taken. You can raise the number of places first."),
    "not_waiting": lambda: _("This person is not on the waiting list any more."),
    "twice": lambda: _("This person is registered already."),
    "cancelled": lambda: _("This person has cancelled in the meantime."),
    "no_offer": lambda: _("This offer is over."),
    "begun": lambda: _("The session has begun already."),
    "date_over": lambda: _("This date is over. It can no longer be cancelled."),
    "nobody_to_ask": lambda: _("There is nobody left to ask."),
    "do_not_fit": lambda: _("These two groups cannot be joined: language, date or another rule does not fit."),
    "not_sent": lambda: _("There is no failed mail to send again."),
    "not_over": lambda: _("This period is not over yet."),
    "closed_already": lambda: _("This period was closed already."),
    "no_sessions": lambda: _("There were no sessions in this quarter. It needs no closing."),
    "closed_otherwise": lambda: _("This year was already closed in another way: as a whole, or by quarters."),
}
BOARD_STEPS = {
    "propose": lambda: _("Groups proposed"),
    "repair": lambda: _("Groups repaired"),
    "move": lambda: _("Person moved"),
    "new_group": lambda: _("New group started"),
    "pin": lambda: _("Fixed or freed"),
    "moderator": lambda: _("Moderator set"),
    "cases": lambda: _("Cases planned"),
    "merge": lambda: _("Groups joined"),
    "undo": lambda: _("Step taken back"),
    "restore": lambda: _("Earlier step restored"),
}
HISTORY_ROLES = {
    "volunteer": lambda: _("a volunteer"),
    "coordinator": lambda: _("somebody who coordinated"),
    "staff": lambda: _("somebody of the course team"),
    "system": lambda: _("the system"),
}
HISTORY_AREAS = {
    "round": lambda: _("rounds"),
    "slot": lambda: _("dates"),
    "registration": lambda: _("registrations"),
    "assignment": lambda: _("groups"),
    "attendance": lambda: _("attendance"),
    "case": lambda: _("cases"),
    "certificate": lambda: _("certificates"),
    "coordinator": lambda: _("coordination"),
    "report": lambda: _("report"),
}
HISTORY = {
    "round.create": lambda: _("Round created"),
    "round.open": lambda: _("Sign-up opened"),
    "round.close": lambda: _("Sign-up closed"),
    "round.reopen": lambda: _("Sign-up opened again"),
    "round.cancel": lambda: _("Round cancelled"),
    "round.publish": lambda: _("Groups published (%(groups)s groups, %(told)s mails)"),
    "slot.add": lambda: _("Date added"),
    "slot.update": lambda: _("Date changed"),
    "slot.meeting": lambda: _("Meeting details changed"),
    "slot.cancel": lambda: _("Date cancelled"),
    "registration.create": lambda: _("Registered"),
    "registration.update": lambda: _("Registration changed"),
    "registration.cancel": lambda: _("Registration cancelled"),
    "registration.again": lambda: _("Registered again"),
    "registration.promote": lambda: _("Place given out of turn"),
    "registration.awake": lambda: _("Waits again"),
    "offer.accept": lambda: _("Offered place accepted"),
    "offer.expire": lambda: _("Offered place ran out"),
    "assignment.propose": lambda: _("Groups proposed"),
    "assignment.repair": lambda: _("Groups repaired"),
    "assignment.start": lambda: _("Calculation of groups started"),
    "assignment.move": lambda: _("Person moved"),
    "assignment.new_group": lambda: _("New group started"),
    "assignment.pin": lambda: _("Fixed or freed"),
    "assignment.moderator": lambda: _("Moderator set"),
    "assignment.cases": lambda: _("Cases planned"),
    "assignment.merge": lambda: _("Groups joined"),
    "assignment.undo": lambda: _("Step taken back"),
    "assignment.restore": lambda: _("Earlier step restored"),
    "mail.reminder": lambda: _("Reminded %(people)s people by mail"),
    "mail.case_wanted": lambda: _("Asked for a planned case"),
    "mail.moderator_wanted": lambda: _("Asked %(people)s people to moderate"),
    "round.places": lambda: _("Number of places changed"),
    "attendance.record": lambda: _("Attendance of %(people)s people recorded"),
    "case.submit": lambda: _("Case submitted"),
    "case.withdraw": lambda: _("Case withdrawn"),
    "case.delete": lambda: _("Case deleted by its owner"),
    "case.keep": lambda: _("Case kept for another round"),
    "case.staff_may_read": lambda: _("Reading of a case allowed or ended"),
    "report.close_year": lambda: _("Year %(year)s closed for the report"),
    "report.close_quarter": lambda: _("Quarter %(quarter)s of %(year)s closed for the report"),
    "certificate.issue": lambda: _("Certificate issued"),
    "contact.ask": lambda: _("Call asked for"),
    "contact.answer": lambda: _("Call made"),
    "coordinator.grant": lambda: _("Coordination given"),
    "coordinator.revoke": lambda: _("Coordination taken back"),
    "mail.again": lambda: _("Mail sent again"),
    "mail.told": lambda: _("Guest told by telephone"),
    "undertaking.paper": lambda: _("Undertaking on paper recorded"),
    "person.erase": lambda: _("Person erased"),
}
STAGES = {
    "waiting": lambda: _("It waits for its turn."),
    "running": lambda: _("It has begun."),
}


MAIL_KINDS = {
    "confirmation": lambda: _("Confirmation of sign-up"),
    "waiting": lambda: _("Waiting list"),
    "offer": lambda: _("Offer of a place"),
    "assigned": lambda: _("Group and date"),
    "changed": lambda: _("Change"),
    "cancelled": lambda: _("Cancellation of a date or round"),
    "withdrawn": lambda: _("Confirmation of leaving"),
    "not_placed": lambda: _("No place this time"),
    "round_open": lambda: _("A round has opened"),
    "reminder": lambda: _("Reminder"),
    "after_session": lambda: _("After the session"),
    "deletion": lambda: _("Notice of deletion"),
    "self": lambda: _("Reminder to oneself"),
    "case": lambda: _("Request for the case"),
    "moderator": lambda: _("Request to moderate"),
    "refresher": lambda: _("Refresher for the meeting"),
}


def board_step(action: str) -> str:
    """What a revision of the board did, in a few words."""
    word = BOARD_STEPS.get(action)
    return word() if word else action


def history(action: str, detail: Mapping[str, object]) -> str:
    """What an entry of the history says; the plain word of the action where there is no sentence."""
    word = HISTORY.get(action)
    try:
        return word() % detail if word else action
    except KeyError:
        return word().split(" (", maxsplit=1)[0] if word else action


def job(view: JobView) -> str:
    """Where a calculation stands, in one sentence."""
    if view.state == "waiting":
        return STAGES["waiting"]()
    if view.total:
        return _("%(percent)s percent done.") % {"percent": view.percent}
    return STAGES["running"]()


JOB_FAILURES = {
    "stale": lambda: _("The groups were changed while they were being calculated. The board shows the change. Please propose again."),
    "pins": RULES["pins"],
}


def job_over(job: JobView) -> str:
    """How the newest calculation ended, where that needs a word; "" when the board shows its result."""
    if job.state == "cancelled":
        return _("The calculation was stopped. You can start it again.")
    if job.state == "failed":
        word = JOB_FAILURES.get(job.reason)
        return word() if word else _("The calculation did not succeed. Please try again.")
    return ""


def advice(kind: str, *, slot: str, language: str, names: list[str]) -> str:
    """One proposal of what would help, as a sentence."""
    p = {"slot": slot, "lang": language, "people": ", ".join(names), "n": len(names)}
    sentences = {
        "moderator_missing": lambda: ngettext("%(slot)s (%(lang)s): one person could meet if somebody moderated. Could you do it yourself?", "%(slot)s (%(lang)s): %(n)s people could meet if somebody moderated. Could you do it yourself?", len(names)) % p,
        "troika": lambda: _("%(slot)s (%(lang)s): three people could advise each other (Troika): %(people)s.") % p,
        "group_without_case": lambda: _("%(slot)s (%(lang)s): %(n)s people could meet without a case, as a sharing round: %(people)s.") % p,
        "one_more_person": lambda: _("%(slot)s (%(lang)s): one more person would make a group.") % p,
        "talk_one_to_one": lambda: _("%(slot)s: fewer than three people. You could cancel, or talk one to one: %(people)s.") % p,
        "one_group_on_site": lambda: _("%(slot)s (%(lang)s): %(n)s people and one moderator could meet on site.") % p,
    }
    sentence = sentences.get(kind)
    return _one_full_stop(sentence()) if sentence else ""


def _one_full_stop(sentence: str) -> str:
    """A sentence that ends with a name like "Irmgard T." has its full stop already."""
    return sentence.removesuffix(".") if sentence.endswith("..") else sentence


def mail_kind(kind: str) -> str:
    """What a mail is about, in a few words."""
    word = MAIL_KINDS.get(kind) or MAIL_KINDS.get(kind.split("_", maxsplit=1)[0])
    return word() if word else kind


def mail_state(state: str, note: str) -> str:
    """What became of a mail, with the reason; what a mail server said stays as it is. A guest's mail was never unneeded."""
    word = MAIL_NOTES.get(note)
    reason = word() if word else note
    if note in ("no_address", "told"):
        return reason
    return " · ".join(filter(None, (MAIL_STATES[state](), reason)))


def language_name(code: str) -> str:
    """German, English, ... in the reader's language."""
    return str(LANGUAGE_NAMES.get(code, code))


def field_problem(reason: object) -> str:
    """The sentence for a reason word of `Invalid`."""
    word = FIELD_PROBLEMS.get(str(reason))
    return word() if word else _("Please check this entry.")


def rule_problem(rule: str) -> str:
    """The sentence for a broken rule of the assignment."""
    word = RULES.get(rule.split(".", maxsplit=1)[0])
    return word() if word else _("This breaks a rule of the assignment.")


def _people(value: Any) -> str:
    return ", ".join(str(name) for name in value) if isinstance(value, (list, tuple)) else str(value)


def _mixed(orgs: int, regions: int) -> str:
    """What a group is mixed of; what there is one of only is not said."""
    if orgs > 1 and regions > 1:
        return _("People from %(orgs)s organisations and %(regions)s regions.") % {"orgs": orgs, "regions": regions}
    if orgs > 1:
        return _("People from %(orgs)s organisations.") % {"orgs": orgs}
    return _("People from %(regions)s regions.") % {"regions": regions}


def why(item: Why, slot_words: Mapping[str, str]) -> str:
    """One explanation as a sentence; '' for what needs no words."""
    p: dict[str, Any] = dict(item.params)
    p["slot"] = slot_words.get(str(p.get("slot", "")), "")
    p["lang"] = language_name(str(p.get("lang", "")))
    if "people" in p and not isinstance(p["people"], int):
        p["people"] = _people(p["people"])
    count = p.get("count", p.get("missing", p.get("more", 0)))
    number = count if isinstance(count, int) else 0
    sentences = {
        "wish": lambda: _("Answered “yes” for this date.") if p.get("wish") == 3 else _("Answered “if need be” for this date."),
        "language": lambda: _("The group speaks %(lang)s.") % p,
        "role_moderator": lambda: _("Can moderate, and is planned to moderate here."),
        "role_case": lambda: _("The own case is planned to be heard."),
        "role_case_waiting": lambda: _("Brings a case. It is not planned for this session."),
        "role_adviser": lambda: _("Takes part as adviser."),
        "together_met": lambda: _("Wanted to be with %(people)s: done.") % p,
        "together_missed": lambda: _("Wanted to be with %(people)s: not possible.") % p,
        "known": lambda: ngettext("Knows one person of the group from earlier.", "Knows %(n)s people of the group from earlier.", number) % {"n": number},
        "other_slot_no_group": lambda: _("%(slot)s: no group meets there in a language of this person.") % p,
        "other_slot_full": lambda: _("%(slot)s: all groups are full.") % p,
        "other_slot_balance": lambda: _("%(slot)s: possible too, but the groups as a whole are better this way.") % p,
        "led_by_member": lambda: _("%(person)s moderates.") % p,
        "led_by_facilitator": lambda: _("A coordinator moderates."),
        "cases": lambda: ngettext("One case is planned.", "%(n)s cases are planned.", number) % {"n": number} if number else _("No case is planned yet. The group can hold a sharing round."),
        "experienced": lambda: ngettext("One person has much experience.", "%(n)s people have much experience.", number) % {"n": number},
        "no_experience": lambda: _("Nobody has much experience."),
        "spare_moderators": lambda: ngettext("One more person could moderate.", "%(n)s more people could moderate.", number) % {"n": number} if number else _("Nobody else could moderate."),
        "mixed": lambda: _mixed(int(p.get("orgs", 0)), int(p.get("regions", 0))),
        "sturdy": lambda: _("The group can meet even if one person cancels."),
        "fragile": lambda: _("If one of these people cancels, the group cannot meet: %(people)s.") % p,
        "reason": REASONS.get(str(p.get("reason")), lambda: ""),
        "help_slot": lambda: _("%(slot)s would help: a group there has a free place (%(lang)s).") % p,
        "help_language": lambda: _("%(lang)s would help: a group on %(slot)s has a free place.") % p,
        "help_people": lambda: ngettext("One more person on %(slot)s (%(lang)s) would make a group.", "%(n)s more people on %(slot)s (%(lang)s) would make a group.", number) % {**p, "n": number},
        "help_case": lambda: _("Somebody with a case on %(slot)s (%(lang)s) would make a group.") % p,
        "help_moderator": lambda: _("Somebody who moderates on %(slot)s (%(lang)s) would make a group. Could you do it yourself?") % p,
        "help_room": lambda: _("One more group on %(slot)s would help.") % p,
        "all_placed": lambda: ngettext("The one person has a place.", "All %(n)s people have a place.", number) % {"n": number},
        "best_possible": lambda: _("More places are not possible."),
        "at_most_more": lambda: ngettext("At most one more place is possible.", "At most %(n)s more places are possible.", number) % {"n": number},
        "moderators_missing": lambda: ngettext("One moderator is missing on %(slot)s (%(lang)s).", "%(n)s moderators are missing on %(slot)s (%(lang)s).", number) % {**p, "n": number},
        "cases_missing": lambda: _("On %(slot)s (%(lang)s) a group could meet if somebody brought a case.") % p,
        "room_missing": lambda: _("People wait for %(slot)s. One more group there would help.") % p,
        "registrations_exceed_moderators": lambda: _("There are too few moderators for everybody."),
        "fragile_groups": lambda: ngettext("One group cannot meet if a certain person cancels.", "%(n)s groups cannot meet if a certain person cancels.", number) % {"n": number},
    }
    sentence = sentences.get(item.kind)
    return _one_full_stop(sentence()) if sentence else ""
