"""Errors of the product. Each carries what a page needs to answer: nothing here imports anything of ours."""

from __future__ import annotations

from collections.abc import Mapping


class BeratungError(Exception):
    """Base of all errors the product raises on purpose; `code` is stable, never shown to people."""

    code = "error"


class NotFound(BeratungError):
    """The object is missing, foreign or forbidden: callers cannot tell which, by design."""

    code = "not_found"


class Forbidden(BeratungError):
    """The actor may see the place but not do this (read-only masquerade, missing role)."""

    code = "forbidden"


class Invalid(BeratungError):
    """Input does not fit. `errors` maps a field name ('' for the form) to a translated sentence or lazy string."""

    code = "invalid"

    def __init__(self, errors: Mapping[str, object]):
        super().__init__(", ".join(sorted(errors)) or "invalid")
        self.errors = dict(errors)


class Conflict(BeratungError):
    """The world moved on: another write came first, the round closed, a place is gone. `reason` is a stable word."""

    code = "conflict"

    def __init__(self, reason: str, *, current_version: int | None = None):
        super().__init__(reason)
        self.reason = reason
        self.current_version = current_version


class UndertakingNeeded(BeratungError):
    """The current undertaking is not accepted yet; nothing of a round may be shown or done before."""

    code = "undertaking_needed"


class KeyMissing(BeratungError):
    """No key is configured to seal or open confidential text."""

    code = "key_missing"


class Unreadable(BeratungError):
    """A sealed text cannot be opened: its key is gone, or it was altered or moved to another row."""

    code = "unreadable"


class Busy(BeratungError):
    """The database stayed locked through all retries; the same request may succeed in a moment."""

    code = "busy"


class Away(Busy):
    """The database does not answer, or has no room to write: nothing works until somebody or something has helped it."""

    code = "away"
