"""A mail server for the demo: takes every mail on this machine and keeps it as a file; nothing leaves the machine."""

from __future__ import annotations

import itertools
import socket
import time
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings


class Sink:
    """Writes one file per mail; the names sort by time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Keep the mail; the answer comes when the file is there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{time.time_ns():020d}-{next(self._numbers):06d}.eml"
        path.write_bytes(envelope.original_content or b"")
        return "250 OK"


def start(folder: Path) -> Controller:
    """Listen on a free port of 127.0.0.1 and send Django's mails there from now on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Sink(folder), hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    return controller
