"""What the test database holds: put back after a test that commits, and worlds that are made once and laid in again.

Django's own way after such a test empties every table and then makes all permissions and content types anew, whatever the test
touched. Here the tables that hold something else than they did are put back; the outcome is the same, and rows made by migrations stay.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.sites.models import Site
from django.core import mail
from django.core.cache import cache
from django.db import connections, transaction
from django.test import TransactionTestCase

Rows = list[tuple[Any, ...]]
Tables = dict[str, Rows]
_first: dict[str, Tables] = {}
"""By database: what each table held after the migrations."""


def remember() -> None:
    """Note what the fresh test databases hold, and use it from now on."""
    for alias in connections:
        names = connections[alias].introspection.table_names()
        _first[alias] = {name: _rows(alias, name) for name in names if name != "django_migrations"}
    TransactionTestCase._fixture_teardown = lambda _case: put_back()


def put_back() -> None:
    """Every table as it was after the migrations. Whole tables come back, so no row can hang in the air."""
    for alias, first in _first.items():
        changed = _changed(alias)
        _write(alias, {name: first[name] for name in changed})
        if any(first[name] for name in changed):
            ContentType.objects.clear_cache()
            Site.objects.clear_cache()


class Once:
    """A world for many tests: `make` puts it into the database the first time; then the same rows and mails are laid in."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._kept: tuple[Any, dict[str, Tables], list[Any]] | None = None

    def __call__(self) -> Any:
        """What `make` returned. The cache is emptied: other tests went other ways from the same rows."""
        cache.clear()
        if self._kept is None:
            made = self._make()
            tables = {alias: {name: _rows(alias, name) for name in _changed(alias)} for alias in _first}
            self._kept = (copy.deepcopy(made), tables, copy.deepcopy(mail.outbox))
            return made
        made, tables, letters = self._kept
        for alias, held in tables.items():
            _write(alias, held)
        mail.outbox.extend(copy.deepcopy(letters))
        return copy.deepcopy(made)


def _rows(alias: str, table: str) -> Rows:
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return sorted(map(tuple, cursor.fetchall()), key=repr)


def _changed(alias: str) -> list[str]:
    """The tables that do not hold what they held after the migrations; which ones hold anything is asked in one question."""
    connection, first = connections[alias], _first[alias]
    quote = connection.ops.quote_name
    asked = " UNION ALL ".join(f"SELECT '{name}' FROM (SELECT 1 AS a) AS b WHERE EXISTS (SELECT 1 FROM {quote(name)})" for name in first)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        filled = {name for (name,) in cursor.fetchall()}
    return [name for name, rows in first.items() if (_rows(alias, name) != rows if rows else name in filled)]


def _write(alias: str, tables: Tables) -> None:
    """These tables hold these rows and no others."""
    if not tables:
        return
    connection = connections[alias]
    with connection.constraint_checks_disabled(), transaction.atomic(using=alias), connection.cursor() as cursor:
        for name, rows in tables.items():
            quoted = connection.ops.quote_name(name)
            cursor.execute(f"DELETE FROM {quoted}")
            if rows:
                cursor.executemany(f"INSERT INTO {quoted} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)
