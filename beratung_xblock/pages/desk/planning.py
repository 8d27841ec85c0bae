"""A year's rounds by a rule, and copies of rounds: look first, then create."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beratung_xblock.api import planning as api
from beratung_xblock.exceptions import Invalid
from beratung_xblock.holidays import Concern, DateWarning
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk import words
from beratung_xblock.pages.desk.frame import Desk, desk_of, doing, partial, section
from beratung_xblock.times import words_for_time

DEFAULTS = {"nth": "2", "weekday": "1", "month": "1", "starts": "18:00", "ends": "20:00", "max_groups": "2", "capacity": ""}
CONCERNS = {
    Concern.PUBLIC_HOLIDAY: lambda name: _("Public holiday: %(name)s.") % {"name": name},
    Concern.BEFORE_HOLIDAY: lambda name: _("The next day is a holiday: %(name)s.") % {"name": name},
    Concern.BETWEEN_HOLIDAYS: lambda name: _("Between a holiday and the weekend: %(name)s.") % {"name": name},
    Concern.WEEKEND: lambda _name: _("This is a weekend."),
    Concern.SCHOOL_HOLIDAY: lambda name: _("School holidays: %(name)s.") % {"name": name},
    Concern.RAMADAN: lambda _name: _("Ramadan: many fast until sunset."),
    Concern.ORTHODOX_EASTER: lambda _name: _("Orthodox Easter."),
    Concern.CHRISTMAS_TIME: lambda _name: _("The days around Christmas and New Year."),
    Concern.IN_THE_PAST: lambda _name: _("This day is over."),
    Concern.OVERLAP: lambda name: _("At the same time: %(name)s.") % {"name": name},
    Concern.SAME_DAY: lambda name: _("On the same day: %(name)s.") % {"name": name},
}


def warning_words(warning: DateWarning) -> str:
    """One warning as a sentence."""
    return CONCERNS[warning.concern](warning.text)


@section("planning")
def build(desk: Desk) -> Mapping[str, Any]:
    """The form of the rule, and what it gives once it was looked at."""
    rule = {**DEFAULTS, "year": str(timezone.localdate().year + 1)}
    rule |= {name: desk.asked[name] for name in rule if name in desk.asked}
    values: dict[str, Any] = {
        "rule": rule,
        "nths": [("1", _("first")), ("2", _("second")), ("3", _("third")), ("4", _("fourth")), ("-1", _("last"))],
        "weekdays": list(
            enumerate((_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")))
        ),
        "months": [("1", _("first")), ("2", _("second")), ("3", _("third"))],
        "plan": None,
    }
    if desk.errors or desk.asked.get("step") != "look":
        return values
    try:
        plan = api.plan_year(actor=desk.actor, rule=rule)
    except Invalid as error:
        desk.errors = {name: words.field_problem(reason) for name, reason in error.errors.items()}
        return {**values, "errors": desk.errors}
    values["plan"] = [
        {
            "title": each.title,
            "quarter": each.slot.quarter,
            "when": words_for_time(each.slot.starts, each.slot.ends, each.time_zone, desk.actor.language),
            "exists": each.exists,
            "warnings": [warning_words(warning) for warning in each.warnings],
            "is_serious": any(api.is_serious(warning) for warning in each.warnings),
        }
        for each in plan
    ]
    return values


@action("year.look", audience="coordinator")
def look(click: Click) -> Answer:
    """Show the dates a rule gives, with warnings; creates nothing."""
    desk = desk_of(click, "planning")
    desk.asked = {**click.data, "step": "look"}
    return partial(desk)


@action("year.create", audience="coordinator")
def create(click: Click) -> Answer:
    """Create the chosen quarters as drafts."""
    made: list[str] = []

    def step() -> None:
        chosen = {int(value) for value in click.many.get("quarters", []) if value in ("1", "2", "3", "4")}
        made.extend(
            api.create_year(
                actor=click.actor, rule=click.data, capacity=click.data.get("capacity", ""),
                max_groups=click.data.get("max_groups", ""), without={1, 2, 3, 4} - chosen,
            )
        )  # fmt: skip

    return doing(
        click, "planning", step,
        done=lambda: ngettext(
            "%(count)s round is saved as a draft.", "%(count)s rounds are saved as drafts.", len(made)
        ) % {"count": len(made)},
    )  # fmt: skip


@action("round.copy", audience="coordinator")
def copy(click: Click) -> Answer:
    """A new draft like an earlier round."""
    return doing(
        click, "rounds",
        lambda: api.copy_round(
            actor=click.actor, round_uid=click.data.get("round", ""), title=click.data.get("copy_title", ""),
            first_day=click.data.get("first_day", ""),
        ),
        done=_("The copy is saved as a draft. Open it when you are ready."),
    )  # fmt: skip
