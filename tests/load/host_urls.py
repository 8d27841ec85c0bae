"""Addresses of the installation under load: our plugin views, the block as the platform shows it, and a log-in."""

from __future__ import annotations

import os

from django.contrib.auth import get_user_model, login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from xblock.django.request import django_to_webob_request, webob_to_django_response

from tests.blocks import stage
from tools.session_host_urls import CachedUser


class WhichProcess:
    """Says in each answer which process made it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["X-Process"] = str(os.getpid())
        return response


@csrf_exempt
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Log in as anybody. The session and the person are in the cache from then on, as in an LMS."""
    login(request, get_user_model().objects.get(pk=pk), backend="django.contrib.auth.backends.ModelBackend")
    CachedUser.user(request)
    return HttpResponse(status=204)


@transaction.non_atomic_requests
def page(request: HttpRequest) -> HttpResponse:
    """The block's page, without the platform around it."""
    return HttpResponse(stage.block(request.user).render("student_view").content)


@transaction.non_atomic_requests
def handler(request: HttpRequest, name: str, suffix: str) -> HttpResponse:
    """A handler of the block."""
    return webob_to_django_response(stage.block(request.user).handle(name, django_to_webob_request(request), suffix))


urlpatterns = [
    path("enter/<int:pk>/", enter),
    path("page/", page),
    path("handler/<slug:name>/<str:suffix>", handler),
    path("beratung/", include("beratung_xblock.urls")),
]
