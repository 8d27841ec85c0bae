"""A mail row made into a message: plain text and HTML from one letter, a calendar file where there is a session."""

from __future__ import annotations

import datetime as dt
from email.mime.text import MIMEText

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _
from django.utils.translation import override

from beratung_xblock import calendars, rendering, times
from beratung_xblock.actors import language_of, page_address
from beratung_xblock.mails import links
from beratung_xblock.mails.facts import WITH_CALENDAR, Facts, Outdated, gather
from beratung_xblock.mails.texts import Action, letter
from beratung_xblock.models import OutboxMail, Registration
from beratung_xblock.outbox import mail_domain, sender_address


def compose(row: OutboxMail, *, now: dt.datetime | None = None) -> EmailMultiAlternatives:
    """Write the mail of a row as things are now. Raises Outdated when it is no longer true or has no address."""
    to = _address_of(row)
    row.language = _language_of(row)
    with override(row.language):
        facts = gather(row, now=now)
        written = letter(facts)
        page = page_address(course_key=row.place.course_key, usage_key=row.place.usage_key)
        context = {
            "letter": written,
            "name": facts.name,
            "language": row.language,
            "direction": "rtl" if links.is_rtl(row.language) else "ltr",
            "actions": [(action, _link(action, row, facts, page)) for action in written.actions],
            "settings": facts.settings,
        }
        message = EmailMultiAlternatives(
            subject=" ".join(written.subject.split()),
            body=_tidy(rendering.render("mail/mail.txt", {**context, "is_text": True})),
            from_email=sender_address(),
            to=[to],
            headers={
                "Message-ID": row.message_id,
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
                "Content-Language": row.language,
            },
        )
        message.attach_alternative(str(rendering.render("mail/mail.html", context)), "text/html")
        attachment = _calendar(row, facts, page)
    message.recipient_id = row.user_id  # a channel of edx-ace may know people by their account
    if attachment is not None:
        message.attach(attachment)
    return message


def appointment(facts: Facts, *, page: str) -> calendars.Appointment:
    """The calendar entry of a person's session: one UID per person and round, no matter how often the date moves."""
    return calendars.Appointment(
        uid=f"{facts.registration.uid}@{mail_domain()}",
        sequence=facts.sequence,
        starts=facts.slot.starts_at,
        ends=facts.slot.ends_at,
        zone=facts.slot.time_zone,
        summary=facts.settings.display_name,
        description=_("You find the link to the meeting on your page: %(page)s") % {"page": page},
        url=page,
        changed=facts.now.replace(microsecond=0),
        cancelled=facts.cancelled,
    )


def _calendar(row: OutboxMail, facts: Facts, page: str) -> MIMEText | None:
    if row.kind not in WITH_CALENDAR or facts.membership is None:
        return None
    raw = calendars.invitation(
        appointment(facts, page=page),
        organiser=bare_address(sender_address()),
        alarm_text=_("Your appointment is in one hour."),
    )
    part = MIMEText(raw.decode("utf-8"), "calendar", "utf-8")
    part.set_param("method", "CANCEL" if facts.cancelled else "PUBLISH")
    part.add_header("Content-Disposition", "attachment", filename="termin.ics")
    return part


def _address_of(row: OutboxMail) -> str:
    user = row.user
    if user is None or not user.is_active or "@" not in (user.email or ""):
        raise Outdated("no_address")
    return user.email


def _language_of(row: OutboxMail) -> str:
    """The language of the sign-up; for mails without one what the platform knows, the last sign-up, the platform's own.

    English where we have no texts in it.
    """
    code = row.language or language_of(row.user)
    if not code:
        earlier = Registration.objects.filter(user_id=row.user_id, round__place_id=row.place_id).order_by("-pk")
        code = earlier.values_list("language", flat=True).first() or settings.LANGUAGE_CODE
    return times.written_in(code)


def _link(action: Action, row: OutboxMail, facts: Facts, page: str) -> str:
    if action.purpose == "page":
        return page
    if action.purpose in (links.ACCEPT_OFFER, links.DECLINE_OFFER):
        target, expires = facts.offer.uid, facts.offer.expires_at
    else:
        target, expires = facts.membership.group.uid, facts.slot.ends_at
    return links.address(
        links.Link(
            purpose=action.purpose,
            registration=row.registration.uid,
            target=target,
            language=row.language,
            expires=expires,
        )
    )


def bare_address(address: str) -> str:
    """The mail address alone, from "Name <address>"."""
    return address.rsplit("<", 1)[-1].rstrip("> ").strip()


def _tidy(text: str) -> str:
    """At most one empty line in a row, none at the ends."""
    lines: list[str] = []
    for line in str(text).splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip() + "\n"
