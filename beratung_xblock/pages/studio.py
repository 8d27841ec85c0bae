"""Studio: the editor of a block, and the author's preview with what is still missing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from beratung_xblock import actors
from beratung_xblock.api import places, undertaking
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot, validate_settings
from beratung_xblock.exceptions import Invalid, NotFound
from beratung_xblock.pages import own_process, words
from beratung_xblock.pages._dispatch import Answer, Page, form_body
from beratung_xblock.pages.studio_fields import SECTIONS, TEMPLATE_CHOICES, all_settings, shown, typed
from beratung_xblock.pages.volunteer import help_of
from beratung_xblock.pages.volunteer_panels import phases
from beratung_xblock.rendering import render

STYLES = ("css/tokens.css", "css/base.css", "css/studio.css")
CHECKED_WITHIN = dt.timedelta(days=183)
"""Emergency numbers are to be checked twice a year (domain facts change: numbers, names, opening hours)."""


# --- editor ----------------------------------------------------------------------------------------------------------


def studio_page(block) -> Page:
    """The editor with the stored values."""
    values = block.settings_values()
    lang, direction = words.page_language()
    html = render("studio/editor.html", {"lang": lang, "dir": direction, **_editor(block, values, {})})
    return Page(html=html, styles=STYLES, client=_client(block))


def _client(block) -> dict[str, Any]:
    return {
        "modules": {"studio": block.asset("js/modules/studio.js")},
        "saveUrl": block.runtime.handler_url(block, "save_settings").rstrip("/?"),
        "texts": {
            "failed": _("Saving did not work. Your input is still here. Please try again."),
            "title": _("Not saved"),
            "not_loaded": _("The page could not load completely. Please load it again."),
        },
    }


def _editor(block, values: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, Any]:
    uid = words.uid_of(str(block.scope_ids.usage_id))
    sections = []
    for section in SECTIONS:
        rows = [
            {
                "setting": setting,
                "id": f"{uid}-{setting.name}",
                "label": _(block.fields[setting.name].display_name),
                "value": shown(setting, values.get(setting.name, "")),
                "error": errors.get(setting.name, ""),
            }
            for setting in section.settings
        ]
        sections.append({"section": section, "rows": rows, "has_errors": any(row["error"] for row in rows)})
    return {
        "uid": uid,
        "sections": sections,
        "timelines": _timelines(values),
        "own": own_process.table(values.get("own_template") or {}, errors, uid=uid),
        "errors": [(f"{uid}-{name.split('.')[0]}", _label(block, name), text) for name, text in errors.items()],
    }


def _label(block, name: str) -> str:
    if name in block.fields:
        return _(block.fields[name].display_name)
    parts = name.split(".")
    if len(parts) == 4:
        return _("Own process, phase %(n)s") % {"n": int(parts[2]) + 1}
    return _("Own process")


def _timelines(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The phases of every process, so that a choice shows its timeline at once."""
    found = []
    for key, _name in TEMPLATE_CHOICES:
        if key == "own":
            continue
        steps = phases(PlaceSettings(template=key))
        found.append(
            {"key": key, "phases": steps, "minutes": sum(s.minutes for s in steps), "shown": key == values.get("template")}
        )
    return found


def save(block, request) -> Answer:
    """Store what was typed, for people who may write the course. Answers JSON when stored, else the editor with messages."""
    try:
        actor = actors.author_from_block(block)
    except NotFound:  # a content library: its editor opens, and there is no course whose authors may save
        body = json.dumps({"result": "refused", "message": _("This block needs a course")})
        return Answer(body=body, status=403, content_type="application/json")
    if request.method != "POST" or not actor.is_author:
        raise_missing = json.dumps({"result": "refused", "message": _("Only authors of this course can change this.")})
        return Answer(body=raise_missing, status=403, content_type="application/json")
    try:
        data, many = form_body(request)
    except Invalid:
        body = json.dumps({"result": "refused", "message": _("This input does not fit. Please check it and try again.")})
        return Answer(body=body, status=400, content_type="application/json")
    raw = {**block.settings_values(), **typed(data, many)}
    errors: dict[str, str] = {}
    try:
        raw["own_template"] = own_process.read(data, many) if "own.name" in data else dict(block.own_template or {})
        if raw["template"] == "own":
            own_process.check(raw["own_template"])
    except own_process.Wrong as wrong:
        errors |= wrong.errors
    try:
        settings = validate_settings(raw)
    except Invalid as error:
        found = {name: words.reason(word) for name, word in _plain(error).items()}
        if errors:
            found.pop("own_template", None)  # the table says it field by field
        errors = found | errors
    if not errors and _is_another_text(block, actor, settings):
        errors["undertaking_version"] = _("People have accepted another text with this number. Please give the changed text a new number.")
    if errors:
        html = render("studio/form.html", _editor(block, raw, errors))
        return Answer(body=html, status=422)
    _store(block, settings)
    return Answer(body=json.dumps({"result": "success"}), content_type="application/json")


def _is_another_text(block, actor: Actor, settings: PlaceSettings) -> bool:
    """The text or its number was changed, and the number already stands for what somebody accepted."""
    stored = block.settings_values()
    names = ("undertaking_text", "undertaking_version")
    if all(getattr(settings, name) == stored[name] for name in names):
        return False
    return undertaking.number_is_taken(course_key=actor.course_key, settings=settings)


def _plain(error: Invalid) -> dict[str, object]:
    """Reasons with what the editor knows better: the limits of numbers, in a sentence."""
    known = all_settings()
    return {name: _sentence(name, word, known[name].limits if name in known else None) for name, word in error.errors.items()}


def _sentence(name: str, word: object, limits: tuple[int, int] | None) -> object:
    if word in ("range", "number") and limits:
        return _("Please write a whole number from %(low)s to %(high)s.") % {"low": limits[0], "high": limits[1]}
    if name == "attendance_threshold":
        return _("Please write a number from 10 to 100.")
    if word == "order" and name == "group_target":
        return _("The usual group must lie between the smallest and the largest.")
    return _("The largest number must not be below the smallest.") if word == "order" else word


def _store(block, settings: PlaceSettings) -> None:
    """Set what differs; a value that is the default again is unset, so that an export holds the author's choices only."""
    values, usual = settings.as_dict(), PlaceSettings().as_dict()
    for name, value in values.items():
        field = block.fields[name]
        if value == usual[name]:
            if field.is_set_on(block):
                field.delete_from(block)
        elif getattr(block, name) != value:
            setattr(block, name, value)


# --- preview ---------------------------------------------------------------------------------------------------------


def author_page(block) -> Page:
    """What learners will see in short, and what is still missing."""
    settings = settings_from_snapshot(block.settings_values())
    steps = phases(settings)
    try:
        actor = actors.author_from_block(block)
        facts = places.author_facts(usage_key=actor.usage_key, course_key=actor.course_key)
    except NotFound:
        facts = None
    lang, direction = words.page_language()
    html = render(
        "studio/author.html",
        {
            "lang": lang, "dir": direction, "uid": words.uid_of(str(block.scope_ids.usage_id)), "settings": settings,
            "phases": steps, "minutes": sum(step.minutes for step in steps), "facts": facts, "help": help_of(settings),
            "missing": missing(settings, facts), "rule": _rule(settings),
        },
    )
    return Page(html=html, styles=STYLES)


def _rule(settings: PlaceSettings) -> str:
    known = all_settings()["completion_rule"]
    return str(dict(known.choices)[settings.completion_rule])


def missing(settings: PlaceSettings, facts: places.AuthorFacts | None) -> list[dict[str, str]]:
    """What an author should still do, most important first: a sentence each, with who can do it."""
    found = []
    if facts is None:
        return [{"text": _("This block stands outside of a course. Volunteers can only take part inside a course.")}]
    if not settings.hotline:
        found.append(_("No hotline is set. Volunteers look for it under “Help”."))
    if not settings.contact_name or not settings.contact_phone:
        found.append(_("No contact person with telephone number is set. They are shown when a case needs other help."))
    if not settings.youth_office_phone:
        found.append(_("The telephone number of the youth welfare office is missing."))
    if not _checked_lately(settings.emergency_checked_on):
        found.append(_("The emergency numbers were not checked in the last six months."))
    if not settings.privacy_contact:
        found.append(_("No data protection officer is named."))
    if not facts.coordinators:
        found.append(_("Nobody has the role of coordination yet. Course instructors give it on the page in the course."))
    if not facts.rounds:
        found.append(_("There is no round yet. The coordination creates one on the page in the course."))
    if settings.template == "own" and not phases(settings):
        found.append(_("The own process is not complete."))
    return [{"text": text} for text in found]


def _checked_lately(day: str) -> bool:
    try:
        checked = dt.date.fromisoformat(day)
    except ValueError:
        return False
    return timezone.now().date() - checked <= CHECKED_WITHIN


__all__ = ["author_page", "missing", "save", "studio_page"]
