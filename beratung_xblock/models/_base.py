"""What the tables share: ids made in Python, and choices from our enums."""

from __future__ import annotations

import uuid
from enum import Enum

from django.conf import settings
from django.db import models


def new_uid() -> str:
    """32 hex digits. A CharField(32), not UUIDField: the latter's column type differs between Django 4.2 and 5 on MariaDB."""
    return uuid.uuid4().hex


def uid_field() -> models.CharField:
    """A public, unguessable id, known before the insert so that sealed text can be bound to its row."""
    return models.CharField(max_length=32, unique=True, default=new_uid, editable=False)


def word_field(words: type[Enum], default: Enum | None = None, **kwargs) -> models.CharField:
    """A short text column that holds one word of a closed set."""
    if default is not None:
        kwargs["default"] = default.value
    return models.CharField(max_length=24, choices=[(word.value, word.value) for word in words], **kwargs)


def user_field(**kwargs) -> models.ForeignKey:
    """A platform user, kept empty when the account goes: the row's counts outlive the person."""
    kwargs.setdefault("null", True)
    kwargs.setdefault("blank", True)
    kwargs.setdefault("on_delete", models.SET_NULL)
    kwargs.setdefault("related_name", "+")
    return models.ForeignKey(settings.AUTH_USER_MODEL, **kwargs)
