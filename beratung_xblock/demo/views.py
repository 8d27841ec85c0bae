"""Pages of the demo host: start, course, Studio, mails; and the doors a platform opens for blocks."""

from __future__ import annotations

import mimetypes
from typing import Any

from completion.models import BlockCompletion
from django.contrib.auth import get_user_model, login, logout
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST
from lxml import etree
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import UsageKey
from xblock.core import XBlock
from xblock.django.request import django_to_webob_request, webob_to_django_response
from xblock.exceptions import DisallowedFileError, NoSuchHandlerError
from xblock.fields import ScopeIds
from xblock.plugin import PluginMissingError

from beratung_xblock.demo import mailbox, seed
from beratung_xblock.demo.course import BERATUNG, COURSE_KEY, UNITS, Unit, unit_by_key, unit_by_slug
from beratung_xblock.demo.personas import AUTHOR, FACILITATOR, VOLUNTEERS, persona_by_slug
from beratung_xblock.demo.runtime import DemoRuntime

MAX_OLX = 200_000


def _unit(slug: str) -> Unit:
    unit = unit_by_slug(slug)
    if unit is None:
        raise Http404
    return unit


def _key(usage_key: str) -> UsageKey:
    try:
        key = UsageKey.from_string(usage_key)
    except InvalidKeyError:
        raise Http404 from None
    if unit_by_key(key) is None:
        raise Http404
    return key


def _fragment(request: HttpRequest, unit: Unit, view: str, *, studio: bool = False) -> dict[str, Any]:
    block = DemoRuntime(request.user, studio=studio).get_block(unit.usage_key)
    fragment = block.render(view, dict(request.GET.items()))
    return {"body": fragment.body_html(), "head": fragment.head_html(), "foot": fragment.foot_html(), "unit": unit, "block": block}


def _outline(request: HttpRequest, current: Unit | None) -> list[dict[str, Any]]:
    done = {}
    if request.user.is_authenticated:
        rows = BlockCompletion.objects.filter(user=request.user, context_key=COURSE_KEY)
        done = {str(row.block_key): row.completion for row in rows}
    return [{"unit": unit, "percent": round(100 * done.get(str(unit.usage_key), 0.0)), "is_current": unit == current} for unit in UNITS]


@require_GET
@ensure_csrf_cookie
def start(request: HttpRequest) -> HttpResponse:
    """What this is, who you can be, what to try next."""
    context = {"volunteers": VOLUNTEERS, "facilitator": FACILITATOR, "author": AUTHOR, "today_done": "today" in request.GET}
    return render(request, "demo/start.html", context)


@require_POST
def become(request: HttpRequest) -> HttpResponse:
    """Log in as a persona; nobody else can be logged in here."""
    persona = persona_by_slug(request.POST.get("persona", ""))
    user = get_user_model().objects.filter(username=persona.slug).first() if persona else None
    if user is None:
        raise Http404
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(reverse("studio", args=(BERATUNG.slug,)) if persona.kind == "author" else reverse("learn", args=(BERATUNG.slug,)))


@require_POST
@transaction.non_atomic_requests
def today(request: HttpRequest) -> HttpResponse:
    """Create a session that begins in ten minutes."""
    seed.session_today()
    return redirect(f"{reverse('start')}?today#next")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Log out; the chosen language stays."""
    language = request.COOKIES.get("django_language")
    logout(request)
    response = redirect("start")
    if language:
        response.set_cookie("django_language", language, samesite="Lax")
    return response


@require_GET
@cache_control(no_cache=True, no_store=True, must_revalidate=True)  # as the platform's courseware pages
@ensure_csrf_cookie
@transaction.non_atomic_requests
def learn(request: HttpRequest, slug: str) -> HttpResponse:
    """A unit as a learner sees it, inside the frame of a course."""
    if not request.user.is_authenticated:
        return redirect("start")
    unit = _unit(slug)
    context = _fragment(request, unit, "student_view")
    return render(request, "demo/learn.html", {**context, "outline": _outline(request, unit)})


@require_GET
@cache_control(no_cache=True, no_store=True, must_revalidate=True)
@ensure_csrf_cookie
@xframe_options_sameorigin
def chromeless(request: HttpRequest, usage_key: str) -> HttpResponse:
    """The block alone: what the learning front end shows in its iframe."""
    unit = unit_by_key(_key(usage_key))
    return render(request, "demo/chromeless.html", _fragment(request, unit, "student_view"))


@require_GET
def jump_to(request: HttpRequest, course_key: str, usage_key: str) -> HttpResponse:
    """The platform's address of a block, as used in mails."""
    return redirect("learn", slug=unit_by_key(_key(usage_key)).slug)


def _is_author(request: HttpRequest) -> bool:
    persona = persona_by_slug(request.user.get_username())
    return persona is not None and persona.kind == "author"


@require_GET
@ensure_csrf_cookie
def studio(request: HttpRequest, slug: str) -> HttpResponse:
    """The unit page of Studio: the author's preview of a block."""
    if not request.user.is_authenticated:
        return redirect("start")
    unit = _unit(slug)
    context = _fragment(request, unit, "author_view", studio=True)
    return render(request, "demo/studio.html", {**context, "units": UNITS, "is_author": _is_author(request)})


@require_GET
@ensure_csrf_cookie
def studio_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The editor of a block."""
    if not request.user.is_authenticated:
        return redirect("start")
    unit = _unit(slug)
    context = _fragment(request, unit, "studio_view", studio=True)
    return render(request, "demo/studio_edit.html", {**context, "units": UNITS})


@ensure_csrf_cookie
def studio_olx(request: HttpRequest, slug: str) -> HttpResponse:
    """Export a block as OLX; the author may also import one."""
    if not _is_author(request):
        return redirect("start")
    unit = _unit(slug)
    runtime = DemoRuntime(request.user, studio=True)
    context: dict[str, Any] = {"unit": unit, "units": UNITS, "imported": False, "problem": ""}
    if request.method == "POST":
        text = request.POST.get("olx", "")[:MAX_OLX]
        context["problem"] = _import_olx(runtime, unit, text)
        context["imported"] = not context["problem"]
        context["olx"] = text
    if not context["problem"]:
        context["olx"] = _export_olx(runtime, unit)
    return render(request, "demo/studio_olx.html", context, status=400 if context["problem"] else 200)


def _export_olx(runtime: DemoRuntime, unit: Unit) -> str:
    node = etree.Element("unknown_root")
    runtime.add_block_as_child_node(runtime.get_block(unit.usage_key), node)
    child = node[0]
    child.set("url_name", unit.slug)
    child.attrib.pop("xblock-family", None)
    return etree.tostring(child, pretty_print=True, encoding="unicode")


def _import_olx(runtime: DemoRuntime, unit: Unit, text: str) -> str:
    """Replace the settings of the unit's block; the words of the problem, or nothing."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    try:
        node = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        return str(error)
    if node.tag != unit.block_type:
        return f"<{node.tag}> != <{unit.block_type}>"
    node.attrib.pop("url_name", None)
    block = runtime.get_block(unit.usage_key)
    for field in block.fields.values():
        if field.is_set_on(block) and field.name not in ("parent", "children"):
            field.delete_from(block)
    block.save()
    keys = ScopeIds(None, unit.block_type, unit.usage_key, unit.usage_key)
    imported = type(block).parse_xml(node, runtime, keys)
    imported.save()
    return ""


@transaction.non_atomic_requests
def handler(request: HttpRequest, side: str, usage_key: str, handler: str, suffix: str | None = None) -> HttpResponse:
    """A handler of a block, on the LMS's side (any visitor for GET) or on Studio's (any user who is logged in)."""
    key = _key(usage_key)
    if not request.user.is_authenticated and (side == "studio" or request.method != "GET"):
        return HttpResponse(status=403)
    block = DemoRuntime(request.user, studio=side == "studio").get_block(key)
    try:
        answer = block.handle(handler, django_to_webob_request(request), suffix or "")
    except NoSuchHandlerError:
        raise Http404 from None
    return webob_to_django_response(answer)


@require_GET
def resource(request: HttpRequest, block_type: str, uri: str) -> HttpResponse:
    """A public file of a block."""
    try:
        content = XBlock.load_class(block_type).open_local_resource(uri)
    except (PluginMissingError, DisallowedFileError, OSError):
        raise Http404 from None
    kind = "text/javascript" if uri.endswith((".js", ".mjs")) else mimetypes.guess_type(uri)[0] or "application/octet-stream"
    response = HttpResponse(content, content_type=kind)
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    """A volunteer's own mails, newest first; facilitator and author see everybody's."""
    persona = persona_by_slug(request.user.get_username())
    if persona is None:
        return redirect("start")
    to = request.user.email if persona.kind == "volunteer" else ""
    return render(request, "demo/mails.html", {"mails": mailbox.read(to=to, limit=60)})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page that is not there, with the way back."""
    return render(request, "demo/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """A fault of ours; the terminal shows the details."""
    return render(request, "demo/500.html", status=500)
