"""Making a certificate by a button: the answer is the link to the file. Following a link never makes one."""

from __future__ import annotations

from django.utils.translation import gettext as _

from beratung_xblock.api import certificates as api
from beratung_xblock.exceptions import NotFound
from beratung_xblock.pages import words
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.rendering import render

ATTENDANCE, HOURS = "attendance", "hours"


def _link(label: str, address: str) -> Answer:
    return Answer(body=render("print/certificate_link.html", {"label": label, "address": address}))


@action("certificate")
def own(click: Click) -> Answer:
    """One's own certificate of a round (`what` "attendance") or statement of a year ("hours"). Twice is once."""
    actor, value = click.actor, click.data.get("value", "")
    if click.data.get("what") == ATTENDANCE:
        api.issue_own(actor=actor, round_uid=value)
        return _link(_("Save certificate of attendance (PDF)"), words.address("certificate", usage_key=actor.usage_key, round_uid=value))
    if not (value.isascii() and value.isdigit() and len(value) == 4):
        raise NotFound
    api.issue_hours(actor=actor, year=int(value))
    label = _("Save hours of %(year)s (PDF)") % {"year": value}
    return _link(label, words.address("hours", usage_key=actor.usage_key, year=int(value)))


@action("desk.certificate", audience="coordinator")
def of_registration(click: Click) -> Answer:
    """A volunteer's certificate of one round, on their behalf."""
    uid = click.data.get("person", "")
    name = api.issue_for(actor=click.actor, registration_uid=uid).name
    label = _("Save certificate of %(name)s (PDF)") % {"name": name}
    return _link(label, words.address("certificate_of", usage_key=click.actor.usage_key, registration_uid=uid))
