"""Actions after a session: the look back, and what the case giver takes home."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from beratung_xblock.api import attendance, results
from beratung_xblock.exceptions import Conflict, Invalid
from beratung_xblock.pages import forms, words
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.viewmodels import Flash
from beratung_xblock.pages.volunteer import Asked
from beratung_xblock.pages.volunteer_signup import WRONG_INPUT, ok, shown


@action("reflect")
def reflect(click: Click) -> Answer:
    """Two questions and a private note."""
    form = forms.ReflectionForm(MultiValueDict(click.many), uid=words.uid_of(click.actor.usage_key))
    if not form.is_valid():
        return shown(click, Asked(reflection=form, has_errors=True), status=WRONG_INPUT)
    try:
        attendance.reflect(
            actor=click.actor, group_uid=click.data.get("group", ""), helped=form.cleaned_data["helped"],
            safe=form.cleaned_data["safe"], note=form.cleaned_data["note"],
        )
    except Invalid as error:
        form.add_api_errors({name: words.reason(word) for name, word in error.errors.items()})
        return shown(click, Asked(reflection=form, has_errors=True), status=WRONG_INPUT)
    except Conflict as error:
        return shown(click, Asked(reflection=form, flash=Flash(kind="warn", text=words.conflict(error.reason))), status=409)
    return ok(click, _("Your look back is saved. Thank you."))


@action("save_takeaway")
def save_takeaway(click: Click) -> Answer:
    """What I take along from my case, the first step, and a reminder to myself."""
    uid = click.data.get("session_case", "")
    form = forms.TakeawayForm(MultiValueDict(click.many), uid=words.uid_of(click.actor.usage_key) + "-take0")
    if not form.is_valid():
        return shown(click, Asked(takeaway=form, takeaway_of=uid, has_errors=True), status=WRONG_INPUT)
    days = form.cleaned_data["remind_days"]
    try:
        results.save_takeaway(
            actor=click.actor, session_case_uid=uid, text=form.cleaned_data["takeaway"],
            first_step=form.cleaned_data["first_step"],
            remind_on=timezone.localdate() + dt.timedelta(days=int(days)) if days else None,
        )
    except Invalid as error:
        names = {"text": "takeaway", "remind_on": "remind_days"}
        form.add_api_errors({names.get(name, name): words.reason(word) for name, word in error.errors.items()})
        return shown(click, Asked(takeaway=form, takeaway_of=uid, has_errors=True), status=WRONG_INPUT)
    return ok(click, _("Saved. Only you can read it."))


@action("forget_ideas")
def forget_ideas(click: Click) -> Answer:
    """Delete the ideas of one of my cases before their time."""
    results.forget_ideas(actor=click.actor, session_case_uid=click.data.get("session_case", ""))
    return ok(click, _("The ideas are deleted."))
