"""From a request to an action and back: the registry, the form body, errors as pages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import crum
from django.db import InterfaceError, OperationalError
from django.views.decorators.debug import sensitive_variables

from beratung_xblock import actors
from beratung_xblock.data import plain_text
from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import Away, BeratungError, Forbidden, Invalid, NotFound
from beratung_xblock.models import Place

log = logging.getLogger(__name__)

MAX_BODY = 400_000
"""Bytes of a form body; the longest honest one is a case of four fields with 20,000 characters each."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A whole view: HTML, style sheets (below static/beratung_xblock/), data for the client module."""

    html: str
    styles: tuple[str, ...] = ("css/tokens.css", "css/base.css")
    client: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to an action: HTML for the page, with its status."""

    body: str
    status: int = 200
    content_type: str = "text/html"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Click:
    """One action as it arrives: who, where, the form fields. `many` keeps every value of a repeated field."""

    block: Any
    actor: Actor
    place: Place
    name: str
    data: Mapping[str, str]
    many: Mapping[str, list[str]]


@dataclass(frozen=True)
class Action:
    """A registered action: its function and who it is for (volunteer, coordinator, instructor or staff)."""

    run: Callable[[Click], Answer]
    audience: str


ACTIONS: dict[str, Action] = {}


def action(name: str, *, audience: str = "volunteer") -> Callable[[Callable[[Click], Answer]], Callable[[Click], Answer]]:
    """Register a function as the action `name`. Audience is checked before it runs; `api` checks again."""

    def register(run: Callable[[Click], Answer]) -> Callable[[Click], Answer]:
        ACTIONS[name] = Action(run, audience)
        return run

    return register


def form_body(request) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Form fields of a webob request: last value, and all values. Raises Invalid for bodies that are no form."""
    if (request.content_length or 0) > MAX_BODY:
        raise Invalid({"": "long"})
    try:
        pairs = [(str(key), value) for key, value in request.POST.items()]
    except (ValueError, UnicodeDecodeError, LookupError, KeyError):
        raise Invalid({"": "form"}) from None
    many: dict[str, list[str]] = {}
    for key, value in pairs:
        if isinstance(value, str):
            many.setdefault(key, []).append(plain_text.typed(value))
    return {key: values[-1] for key, values in many.items()}, many


def _allowed(actor: Actor, audience: str) -> bool:
    if audience == "coordinator":
        return actor.may_lead
    if audience == "instructor":
        return actor.is_instructor and not actor.is_masquerading
    if audience == "staff":
        return (actor.is_course_staff or actor.is_instructor) and not actor.is_masquerading
    return actor.may_take_part or actor.may_lead


@sensitive_variables()
def act(block, request, name: str) -> Answer:
    """Run one action. Unknown, foreign and forbidden answer alike; every refusal is a page with a message, never a 5xx."""
    from beratung_xblock.pages import entry

    outer = crum.get_current_request()
    if outer is not None:
        # What people type stays out of the exception reports of the platform's own handler view.
        outer.sensitive_post_parameters = "__ALL__"
    try:
        if request.method != "POST":
            return entry.refusal(block, None, NotFound(), status=405)
        actor = actors.from_block(block)
    except BeratungError as error:
        return entry.refusal(block, None, error)
    except (OperationalError, InterfaceError):
        log.exception("the database did not answer")
        return entry.refusal(block, None, Away())
    try:
        data, many = form_body(request)
        known = ACTIONS.get(name.strip("/"))
        if actor.is_masquerading:
            raise Forbidden
        if known is None or not _allowed(actor, known.audience):
            raise NotFound
        place = block.refresh_place()
        return known.run(Click(block=block, actor=actor, place=place, name=name, data=data, many=many))
    except BeratungError as error:
        return entry.refusal(block, actor, error)
    except (OperationalError, InterfaceError):
        log.exception("the database did not answer")
        return entry.refusal(block, actor, Away())
