"""The mails of the demo, read back for a page: one file each from the mail server, or Django's file backend."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings

SEPARATOR = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail, as its reader sees it."""

    to: str
    subject: str
    date: dt.datetime | None
    text: str
    html: str
    attachments: tuple[str, ...]


def _mail(raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    body, sheet = message.get_body(preferencelist=("plain",)), message.get_body(preferencelist=("html",))
    date = message["Date"]
    return Mail(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        date=date.datetime.replace(tzinfo=date.datetime.tzinfo or dt.UTC) if date else None,  # "-0000" is read without a zone
        text=body.get_content() if body else "",
        # A link opens beside the page: inside its frame it could not act.
        html=sheet.get_content().replace("<head>", '<head><base target="_blank">', 1) if sheet else "",
        attachments=tuple(part.get_filename() or "?" for part in message.iter_attachments()),
    )


def read(*, to: str = "", limit: int) -> list[Mail]:
    """The newest mails first, of one address or of all; at most ``limit``."""
    folder = Path(settings.EMAIL_FILE_PATH)
    found: list[Mail] = []
    files = [*folder.glob("*.eml"), *folder.glob("*.log")]
    for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True):
        parts = [part for part in path.read_bytes().split(SEPARATOR) if part.strip()]
        found += [mail for part in reversed(parts) if to in (mail := _mail(part.lstrip(b"\n"))).to]
        if len(found) >= limit:
            break
    return found[:limit]
