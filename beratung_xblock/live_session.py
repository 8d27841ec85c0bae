"""The live views of a session: poll, act, phase sheet.

A poll with nothing new answers 304 from the cache alone. The ETag names the session's token, who is there, who asks and
in which language; so an answer is never taken for somebody else's.
"""

from __future__ import annotations

import hashlib
import time

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from beratung_xblock import actors
from beratung_xblock.api import session_cache, sessions
from beratung_xblock.api.session_views import SessionView
from beratung_xblock.data import plain_text
from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import Invalid, NotFound
from beratung_xblock.live import guarded
from beratung_xblock.pages import session as page
from beratung_xblock.pages import session_words as words
from beratung_xblock.pages.words import uid_of

MAX_FIELDS, MAX_LENGTH = 12, 4000


def etag_of(seen: session_cache.Glance, person: object) -> str:
    """The tag of what this person would see; '' when the cache keeps nothing, so that everything counts as new."""
    if seen.token is None:
        return ""
    raw = f"{seen.token}|{seen.session_epoch}|{seen.online()}|{person}|{get_language()}"
    return f'"{hashlib.blake2s(raw.encode(), digest_size=12).hexdigest()}"'


def _stamp(response: HttpResponse, etag: str) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Kb-Now"] = f"{time.time() * 1000:.0f}"
    if etag:
        response["ETag"] = etag
    return response


@transaction.non_atomic_requests
@require_GET
@sensitive_variables()
def poll(request: HttpRequest, usage_key: str, session_uid: str) -> HttpResponse:
    """What is new in a session: 304 without any query of ours, or everything this person sees now."""
    user = request.user
    if not user.is_authenticated:
        return JsonResponse({"code": NotFound.code}, status=404)
    seen = session_cache.glance(session_uid, user.pk)
    grant = seen.grant
    if (
        grant is not None
        and grant.usage_key == usage_key
        and seen.token is not None
        and not actors.is_masquerading(request, grant.course_key)
    ):
        session_cache.sign_of_life(seen, grant)
        etag = etag_of(seen, grant.person)
        if request.headers.get("If-None-Match") == etag:
            return _stamp(HttpResponseNotModified(), etag)
        known = sessions.glimpse(seen)
        if known is not None:
            return _shown(known, usage_key)
    return _full(request, usage_key=usage_key, session_uid=session_uid)


@guarded
def _full(request: HttpRequest, *, actor: Actor, session_uid: str) -> HttpResponse:
    return _answer(actor, session_uid)


@sensitive_variables()
def _answer(actor: Actor, session_uid: str, *, checked: bool = False) -> HttpResponse:
    if checked and actor.user_id is not None:  # this very request has just been let in, and has left the reading done
        known = sessions.glimpse(session_cache.glance(session_uid, actor.user_id))
        if known is not None:
            return _shown(known, actor.usage_key)
    return _shown(sessions.see(actor=actor, session_uid=session_uid), actor.usage_key)


@sensitive_variables()
def _shown(view: SessionView, usage_key: str) -> HttpResponse:
    body = {"regions": page.regions(view, uid=uid_of(usage_key)), "state": page.moment(view)}
    return _stamp(JsonResponse(body), etag_of(view.glance, view.person))


@sensitive_variables()
def _fields(request: HttpRequest) -> dict[str, str]:
    """The form fields of a click. Raises Invalid for what no form of ours sends."""
    if len(request.POST) > MAX_FIELDS or any(len(value) > MAX_LENGTH for value in request.POST.values()):
        raise Invalid({"text": "long"})
    return {name: plain_text.typed(value) for name, value in request.POST.items()}


@sensitive_post_parameters()
@require_POST
@guarded
@sensitive_variables()
def act(request: HttpRequest, *, actor: Actor, session_uid: str) -> HttpResponse:
    """One click or text: answers like a poll, so that an own action shows at once; a refusal with its sentence."""
    fields = _fields(request)
    name = fields.pop("act", "")
    try:
        sessions.act(actor=actor, session_uid=session_uid, name=name, data=fields)
    except sessions.SessionRefused as refusal:
        message = words.refused(refusal.reason, refusal.seconds)
        return JsonResponse({"code": "refused", "reason": refusal.reason, "message": message}, status=409)
    except Invalid as error:
        reason = str(error.errors.get("text", ""))
        message = str(words.FIELD.get(reason, words.refused("", 0)))
        return JsonResponse({"code": error.code, "reason": reason, "message": message}, status=400)
    if name == "join":
        return JsonResponse({})  # said by a page that has just come; its next poll brings what is new
    return _answer(actor, session_uid, checked=True)


@transaction.non_atomic_requests
@require_POST
def bye(request: HttpRequest, usage_key: str, session_uid: str) -> HttpResponse:
    """A page closes: others need not wait long before they take over. Or, with `stay`, it only lies behind the call.

    Asks the cache only, but for a hidden page whose grant has run out. Strangers change nothing.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    seen = session_cache.glance(session_uid, request.user.pk)
    stays = bool(request.POST.get("stay"))
    if seen.grant is not None and seen.grant.usage_key == usage_key:
        (session_cache.sign_of_life if stays else session_cache.fade)(seen, seen.grant)
    elif stays:
        _stay(request, usage_key=usage_key, session_uid=session_uid)
    return HttpResponse(status=204)


@guarded
def _stay(request: HttpRequest, *, actor: Actor, session_uid: str) -> HttpResponse:
    sessions.see(actor=actor, session_uid=session_uid)  # notes the sign of life with a new grant
    return HttpResponse(status=204)


@require_GET
@guarded
def sheet(request: HttpRequest, *, actor: Actor, session_uid: str) -> HttpResponse:
    """The printable phase sheet with role cards; holds no text of any case."""
    return HttpResponse(page.sheet(sessions.see(actor=actor, session_uid=session_uid)))
