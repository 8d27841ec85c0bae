"""The doors of the block: which page a person gets, and how refusals look."""

from __future__ import annotations

import logging

from beratung_xblock import actors
from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import Away, BeratungError, NotFound
from beratung_xblock.live import OUTAGES, no_data, status_of
from beratung_xblock.pages import words
from beratung_xblock.pages._dispatch import Answer, Page
from beratung_xblock.rendering import render

log = logging.getLogger(__name__)


def student_page(block) -> Page:
    """The page of today for whoever asks; while the database is away, a sentence that says so."""
    try:
        return _page_of_today(block)
    except OUTAGES:
        log.exception("the database did not answer")
        return Page(html=_plain("volunteer/away.html", block, sentence=no_data()))


def _page_of_today(block) -> Page:
    try:
        actor = actors.from_block(block)
    except NotFound:
        return Page(html=_plain("volunteer/needs_course.html", block))
    try:
        place = block.refresh_place()
    except NotFound:
        return Page(html=_plain("volunteer/not_published.html", block))
    from beratung_xblock.pages import desk, volunteer

    if actor.may_lead:
        return desk.page(block, actor, place)
    if actor.is_course_staff and not actor.is_masquerading:
        return desk.staff_page(block, actor, place)
    return volunteer.page(block, actor, place)


def public_page(block) -> Page:
    """What visitors without enrolment see."""
    return Page(html=_plain("volunteer/public.html", block))


def _plain(template: str, block, **context: str) -> str:
    lang, direction = words.page_language()
    return render(template, {"title": block.display_name, "lang": lang, "dir": direction, **context})


def author_page(block) -> Page:
    """The preview in Studio."""
    from beratung_xblock.pages import studio

    return studio.author_page(block)


def studio_page(block) -> Page:
    """The editor in Studio."""
    from beratung_xblock.pages import studio

    return studio.studio_page(block)


def save_settings(block, request) -> Answer:
    """Store the author's settings, for people with write access to the course."""
    from beratung_xblock.pages import studio

    return studio.save(block, request)


def refusal(block, actor: Actor | None, error: BeratungError, *, status: int | None = None) -> Answer:
    """A refusal as a plain sentence and what to do. It lands above the page: what was typed stays where it is."""
    reason = getattr(error, "reason", "")
    sentence = no_data() if isinstance(error, Away) else words.conflict(reason) if reason else ""
    return Answer(
        body=render(
            "volunteer/refusal.html", {"code": error.code, "sentence": sentence}
        ),
        status=status or status_of(error),
        headers=(("HX-Retarget", f"#{words.uid_of(str(block.scope_ids.usage_id))}-refusal"), ("HX-Reswap", "innerHTML")),
    )
