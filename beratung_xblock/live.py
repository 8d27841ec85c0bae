"""Light Django views beside the block: autosave, poll of a running session, calendar file.

A plugin view costs the platform a fifth of an XBlock handler. Each view builds its actor itself and asks `api`.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from beratung_xblock import actors
from beratung_xblock.api import cases
from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import (
    Away,
    BeratungError,
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    KeyMissing,
    NotFound,
    UndertakingNeeded,
)

STATUS: dict[type[BeratungError], int] = {
    Invalid: 400, Forbidden: 403, UndertakingNeeded: 403, NotFound: 404, Conflict: 409, KeyMissing: 503, Busy: 503,
}


log = logging.getLogger(__name__)
OUTAGES = (OperationalError, InterfaceError)
"""What the database raises in a read when it is away; writes of `api` turn it into Away themselves."""
RETRY_AFTER_SECONDS = 60


def no_data() -> str:
    """The sentence for people while the database is away or has no room."""
    return _("We cannot read or save anything right now. It is not your fault. Please try again in a few minutes.")


def plain_when_away(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For views that anybody may open: while the database is away they answer 503 with one sentence."""

    @functools.wraps(view)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except (*OUTAGES, Away):
            log.exception("the database did not answer")
            response = HttpResponse(no_data(), status=503, content_type="text/plain; charset=utf-8")
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
            response["Cache-Control"] = "no-store"
            return response

    return transaction.non_atomic_requests(wrapper)


def status_of(error: BeratungError) -> int:
    """HTTP status of a refusal; 400 for what is not listed."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view an actor and turn refusals into JSON with a stable code; never cached, never atomic."""

    @functools.wraps(view)
    @sensitive_post_parameters()
    @sensitive_variables()
    def wrapper(request: HttpRequest, usage_key: str, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, actor=actors.from_request(request, usage_key), **kwargs)
        except (BeratungError, *OUTAGES) as raised:
            error = raised
            if not isinstance(raised, BeratungError):
                log.exception("the database did not answer")
                error = Away()
            body: dict[str, Any] = {"code": error.code}
            if isinstance(error, Invalid):
                body["errors"] = {name: str(reason) for name, reason in error.errors.items()}
            if isinstance(error, Conflict):
                body["reason"] = error.reason
            response = JsonResponse(body, status=status_of(error))
        response["Cache-Control"] = "no-store"
        return response

    return transaction.non_atomic_requests(wrapper)


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request body of at most 200 kB. Raises Invalid."""
    try:
        if int(request.headers.get("Content-Length") or 0) > 200_000:
            raise Invalid({"": "long"})
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Invalid({"": "json"}) from None
    if not isinstance(body, dict):
        raise Invalid({"": "json"})
    return body


@require_POST
@guarded
def save_draft(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Autosave of a case draft: {"round": uid, "version": n or null, "draft": {...}} -> {"version": n}."""
    body = json_body(request)
    draft = body.get("draft")
    version = body.get("version")
    if not isinstance(draft, dict) or not (version is None or isinstance(version, int)):
        raise Invalid({"draft": "json"})
    saved = cases.save_draft(actor=actor, round_uid=str(body.get("round") or ""), draft=draft, version=version)
    return JsonResponse({"version": saved.version, "uid": saved.uid})
