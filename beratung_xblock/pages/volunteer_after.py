"""Actions after a session: the two questions of the look back."""

from __future__ import annotations

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from beratung_xblock.api import attendance
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
        return shown(click, Asked(flash=Flash(kind="warn", text=words.conflict(error.reason))), status=409)
    return ok(click, _("Your look back is saved. Thank you."))
