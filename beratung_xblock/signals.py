"""What happens outside and concerns us: accounts that go, courses that are deleted, people who leave."""

from __future__ import annotations
