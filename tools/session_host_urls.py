"""Addresses of the measured host: ours, an empty view behind the same middleware, and the page with the companion."""

from __future__ import annotations

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.crypto import constant_time_compare

from beratung_xblock import actors
from beratung_xblock.api import sessions
from beratung_xblock.pages import session


class CachedUser:
    """The user of the request from the cache, as the platform's own middleware does it; the session hash is checked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = self.user(request)
        return self.get_response(request)

    @staticmethod
    def user(request: HttpRequest):
        """The person behind the session cookie."""
        known = request.session.get(SESSION_KEY)
        if known is None:
            return AnonymousUser()
        user = cache.get(f"user:{known}")
        if user is None:
            user = get_user_model().objects.get(pk=known)
            cache.set(f"user:{known}", user, 3600)
        if not constant_time_compare(request.session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
            return AnonymousUser()
        return user


def empty(request: HttpRequest) -> HttpResponse:
    """What a logged-in person pays for nothing at all."""
    return HttpResponse(status=204 if request.user.is_authenticated else 403)


def page(request: HttpRequest, usage_key: str, session_uid: str) -> HttpResponse:
    """The companion as the block's page shows it, without the platform around it."""
    actor = actors.from_request(request, usage_key)
    view = sessions.see(actor=actor, session_uid=session_uid)
    return HttpResponse(session.render(actor, None, view))


urlpatterns = [
    path("empty/", empty),
    path("page/<path:usage_key>/<slug:session_uid>/", page),
    path("beratung/", include("beratung_xblock.urls")),
]
