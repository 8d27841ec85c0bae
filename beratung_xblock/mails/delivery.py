"""The way out: claim a mail, write it, hand it to the mail server, note what became of it."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from dataclasses import dataclass

from django.conf import settings
from django.core import mail

from beratung_xblock import outbox
from beratung_xblock.mails import ace
from beratung_xblock.mails.compose import compose
from beratung_xblock.mails.facts import Outdated
from beratung_xblock.models import OutboxMail

log = logging.getLogger(__name__)

SERVER_SECONDS = 30
"""The longest wait for one answer of the mail server; a whole mail must take less than a claim lasts."""


@dataclass
class Result:
    """What one run did."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0
    postponed: int = 0
    server_is_away: bool = False


def deliver(*, limit: int = 500, now: dt.datetime | None = None) -> Result:
    """Send mails that are due, at most `limit`; safe to run any number of times at once, outside a transaction.

    Ends early when the mail server cannot be reached: waiting mails keep their turn, only the one that was tried
    waits longer.
    """
    result = Result()
    server = _Server()
    try:
        for _number in range(limit):
            row = outbox.claim_next(now=now)
            if row is None:
                break
            message = _written(row, result, now)
            if message is not None:
                _hand_over(row, message, server, result, now)
            if result.server_is_away:
                break
    finally:
        server.close()
    return result


class _Server:
    """One connection for a whole run, opened at the first mail and again after a fault."""

    def __init__(self) -> None:
        self._backend = None

    def send(self, message: mail.EmailMessage) -> None:
        if self._backend is None:
            through_ace = getattr(settings, "BERATUNG_MAIL_THROUGH_ACE", False) and ace.available()
            backend = ace.connection("beratung_xblock.mails.ace.AceBackend" if through_ace else None, timeout=SERVER_SECONDS)
            backend.open()
            self._backend = backend
        message.connection = self._backend
        message.send()

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            try:
                backend.close()
            except OSError:
                log.info("the mail server had already hung up")


def _written(row: OutboxMail, result: Result, now: dt.datetime | None) -> mail.EmailMessage | None:
    try:
        return compose(row, now=now)
    except Outdated as reason:
        outbox.mark_dropped(row, reason.reason)
        result.dropped += 1
    except Exception as error:  # one mail that cannot be written must not stop the others
        log.exception("mail %s of kind %s cannot be written", row.uid, row.kind)
        outbox.mark_retry(row, type(error).__name__, now=now)
        result.postponed += 1
    return None


def _hand_over(
    row: OutboxMail, message: mail.EmailMessage, server: _Server, result: Result, now: dt.datetime | None
) -> None:
    try:
        server.send(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            outbox.mark_failed(row, _describe(error))
            result.failed += 1
        else:
            outbox.mark_retry(row, _describe(error), now=now)
            result.postponed += 1
    except OSError as error:
        server.close()
        outbox.mark_retry(row, _describe(error), now=now)
        result.postponed += 1
        # A reply of the server concerns this mail; no reply, no greeting and no log-in concern all of them.
        answered = isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError)
        result.server_is_away = not answered
    except ValueError as error:  # an address or header that no mail can have
        outbox.mark_failed(row, type(error).__name__)
        result.failed += 1
    else:
        outbox.mark_sent(row)
        result.sent += 1


def _describe(error: Exception) -> str:
    """Class and reply code; never the text of a server, which repeats addresses."""
    code = getattr(error, "smtp_code", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((code for code, _text in error.recipients.values()), None)
    return type(error).__name__ if code is None else f"{type(error).__name__} {code}"
