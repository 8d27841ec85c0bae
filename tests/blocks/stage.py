"""A `beratung` block bound to one person, on XBlock's own test runtime with the stand-in platform."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urlencode

from opaque_keys.edx.keys import UsageKey
from webob import Request
from xblock.field_data import DictFieldData
from xblock.fields import ScopeIds
from xblock.test.tools import TestRuntime

from beratung_xblock.beratung_block import BeratungXBlock
from beratung_xblock.compat import StandInPlatform
from tests.integration import world

USAGE = UsageKey.from_string(world.BLOCK)


class Runtime(TestRuntime):
    """Addresses as the platform makes them, suffix and trailing question mark included."""

    def local_resource_url(self, block, uri):
        return f"/resource/{uri}"

    def handler_url(self, block, handler_name, suffix="", query="", thirdparty=False):
        return f"/handler/{handler_name}/{suffix}?"


def enrol(user, *words: str):
    """Give somebody rights in the course of the tests; enrolled when nothing is said."""
    for word in words or ("enrolled",):
        StandInPlatform().grant(user, word, world.COURSE)
    return user


def block(user=None, usage=USAGE, **fields) -> BeratungXBlock:
    """The block as `user` gets it."""
    facts = {"edx-platform.user_id": user.pk} if user else {"edx-platform.is_authenticated": False}
    service = SimpleNamespace(get_current_user=lambda: SimpleNamespace(opt_attrs=facts))
    runtime = Runtime(services={"user": service, "field-data": DictFieldData(fields)})
    return BeratungXBlock(runtime, scope_ids=ScopeIds(user.pk if user else None, "beratung", usage, usage))


def show(user=None, **fields) -> str:
    """The HTML of the learner's view."""
    return block(user, **fields).render("student_view").content


def act(user, name: str, data=(), *, method: str = "POST", **fields):
    """Send one action; answers the response with `text` and `status_int`."""
    pairs = list(data.items()) if isinstance(data, dict) else list(data)
    body = urlencode(pairs).encode()
    request = Request.blank("/", method=method, body=body if method == "POST" else b"")
    if method == "POST":
        request.content_type = "application/x-www-form-urlencoded"
    shown = block(user, **fields)
    return shown.runtime.handle(shown, "act", request, name)
