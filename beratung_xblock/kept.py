"""The platform's cache, as far as we use it: what is kept there makes things quick, and nothing needs it.

A cache that is away looks like an empty one, so that pages and sessions go on, slower. What could not be made void
meanwhile is made void by this process as soon as the cache is back; until then a page shows nothing older than the grant
of a session lasts.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.cache import cache as _django

log = logging.getLogger(__name__)
LOG_EVERY_SECONDS = 60.0
MOST_OWED = 10_000


class _Kept:
    """The methods of Django's cache that we use. Only `incr` raises: ValueError for a key that is not there."""

    def __init__(self) -> None:
        self._owed: deque[str] = deque(maxlen=MOST_OWED)
        self._logged = -LOG_EVERY_SECONDS

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default`."""
        return self._ask(lambda: _django.get(key, default), default)

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """The values that are there."""
        return self._ask(lambda: _django.get_many(keys), {})

    def set(self, key: str, value: Any, timeout: float) -> None:
        """Keep a value."""
        self._ask(lambda: _django.set(key, value, timeout), None)

    def set_many(self, values: Mapping[str, Any], timeout: float) -> None:
        """Keep several values."""
        self._ask(lambda: _django.set_many(values, timeout), None)

    def add(self, key: str, value: Any, timeout: float) -> bool:
        """Keep a value unless there is one; True when it was kept, and while the cache is away."""
        return self._ask(lambda: _django.add(key, value, timeout), True)

    def incr(self, key: str, by: int = 1) -> int:
        """Count up; `by` while the cache is away, and then the key is void as soon as it is back."""
        return self._ask(lambda: _django.incr(key, by), by, owes=(key,))

    def delete(self, key: str) -> None:
        """Forget a key, later where it cannot be done now."""
        self.delete_many([key])

    def delete_many(self, keys: Iterable[str]) -> None:
        """Forget keys, later where it cannot be done now."""
        keys = tuple(keys)
        self._ask(lambda: _django.delete_many(keys), None, owes=keys)

    def clear(self) -> None:
        """Forget everything; for tests."""
        _django.clear()

    def _ask(self, question: Any, without: Any, *, owes: Iterable[str] = ()) -> Any:
        try:
            while self._owed:
                _django.delete(self._owed[0])
                self._owed.popleft()
            return question()
        except ValueError:  # counting up what is not there
            raise
        except Exception as error:  # each kind of cache has errors of its own
            self._owed.extend(owes)
            if time.monotonic() - self._logged >= LOG_EVERY_SECONDS:
                self._logged = time.monotonic()
                log.error("the cache is away: %s", type(error).__name__)
            return without


cache = _Kept()
