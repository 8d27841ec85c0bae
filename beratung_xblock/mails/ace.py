"""A mail backend that hands our mails to the e-mail channel of edx-ace, for platforms that send through a service (Braze, Sailthru).

Only the way out changes: a mail is a row first, is tried again when the channel fails, and carries the same Message-ID. `ace.send` is
not used, because it swallows errors and asks a policy made for advertising. Mails with a calendar file go through Django's own
backend: a channel carries no attachments.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Sequence

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

TRY_LATER = 451
PART = re.compile(r"<html(?P<html>[^>]*)>.*?<head[^>]*>(?P<head>.*?)</head>.*?<body(?P<body>[^>]*)>(?P<content>.*)</body>", re.DOTALL)


def available() -> bool:
    """Whether edx-ace is installed."""
    try:
        import edx_ace  # noqa: F401
    except ImportError:
        return False
    return True


class AceBackend(BaseEmailBackend):
    """Send each message through the channel that edx-ace has for transactional mail."""

    def __init__(self, timeout: float | None = None, **kwargs: object):
        super().__init__(**kwargs)
        self._timeout = timeout
        self._direct: BaseEmailBackend | None = None

    def close(self) -> None:
        """End the connection that attachments needed."""
        if self._direct is not None:
            self._direct.close()
            self._direct = None

    def send_messages(self, messages: Sequence[mail.EmailMessage]) -> int:
        """Send; answers how many. Raises what Django's mail backend raises: SMTPException where a channel fails."""
        for message in messages:
            if message.attachments:
                self._send_directly(message)
            else:
                _send_through_channel(message)
        return len(messages)

    def _send_directly(self, message: mail.EmailMessage) -> None:
        if self._direct is None:
            self._direct = connection(timeout=self._timeout)
        self._direct.send_messages([message])


def connection(backend: str | None = None, *, timeout: float | None) -> BaseEmailBackend:
    """A connection of a mail backend (None: the platform's), with a limit in seconds where the backend knows one."""
    named = {"backend": backend} if backend else {}
    try:
        return mail.get_connection(**named, timeout=timeout)
    except TypeError:  # a mail backend of the operator's that knows no timeout
        return mail.get_connection(**named)


def _send_through_channel(message: mail.EmailMessage) -> None:
    from edx_ace.channel import ChannelType, get_channel_for_message
    from edx_ace.errors import ChannelError
    from edx_ace.message import Message
    from edx_ace.recipient import Recipient
    from edx_ace.renderers import RenderedEmail

    head, body = _html_of(message)
    wrapped = Message(
        app_label="beratung_xblock",
        name="mail",
        recipient=Recipient(lms_user_id=getattr(message, "recipient_id", None), email_address=message.to[0]),
        language=message.extra_headers.get("Content-Language"),
        options={"transactional": True, "from_address": message.from_email},
        headers=dict(message.extra_headers),
    )
    rendered = RenderedEmail(from_name="", subject=message.subject, body_html=body, head_html=head, body=message.body)
    try:
        get_channel_for_message(ChannelType.EMAIL, wrapped).deliver(wrapped, rendered)
    except ChannelError as error:
        if isinstance(error.__cause__, smtplib.SMTPException):
            raise error.__cause__ from None  # what the mail server said: an address that does not exist is not tried again
        # The channel's own words may repeat addresses; they are not kept. This mail is tried again, the others go on.
        raise smtplib.SMTPDataError(TRY_LATER, type(error).__name__.encode()) from None


def _html_of(message: mail.EmailMessage) -> tuple[str, str]:
    """(head, body) of the HTML part; language and direction, which stood at <html>, stand at a <div>."""
    content = next((str(part[0]) for part in getattr(message, "alternatives", ()) if part[1] == "text/html"), "")
    found = PART.search(content)
    if found is None:
        return "", content
    return found["head"].strip(), f"<div{found['html']}><div{found['body']}>{found['content'].strip()}</div></div>"
