"""A cache for tests that can be away."""

from __future__ import annotations

from django.core.cache.backends.locmem import LocMemCache


class CacheAway(LocMemCache):
    """In memory; raises what a Redis client raises while `away` is set."""

    away = False

    def _open(self) -> None:
        if CacheAway.away:
            raise ConnectionError("no Redis here")

    def get(self, *args, **kwargs):
        self._open()
        return super().get(*args, **kwargs)

    def set(self, *args, **kwargs):
        self._open()
        return super().set(*args, **kwargs)

    def add(self, *args, **kwargs):
        self._open()
        return super().add(*args, **kwargs)

    def incr(self, *args, **kwargs):
        self._open()
        return super().incr(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self._open()
        return super().delete(*args, **kwargs)
