"""The editor's fields: in which group a setting stands, how it is typed, and what it is for in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from beratung_xblock.data.settings import INTEGER_LIMITS, PlaceSettings
from beratung_xblock.pages.forms import LANGUAGE_NAMES


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting in the editor. `kind`: text, long, number, share, choice, languages, lines, flag, tel, url, day."""

    name: str
    kind: str
    help: Any
    choices: tuple[tuple[str, Any], ...] = ()

    @property
    def limits(self) -> tuple[int, int] | None:
        """Smallest and largest number that is taken."""
        return INTEGER_LIMITS.get(self.name)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A group of settings."""

    key: str
    title: Any
    intro: Any
    settings: tuple[Setting, ...]


def _s(name: str, kind: str, help_: Any, choices: tuple[tuple[str, Any], ...] = ()) -> Setting:
    return Setting(name=name, kind=kind, help=help_, choices=choices)


TEMPLATE_CHOICES = (
    ("tietze6", _("Six phases (after Tietze), 40 minutes")),
    ("ablauf8_hiba", _("Eight steps, 65 minutes")),
    ("incident7", _("Seven phases (incident method), 65 minutes")),
    ("troika", _("Three people advise each other (Troika), 10 minutes each")),
    ("reflecting", _("Reflecting team, 40 minutes")),
    ("balint6", _("Balint group, 49 minutes, with trained leader")),
    ("schule60", _("School sheet, 60 minutes")),
    ("own", _("Own process")),
)
SELECTION = (
    ("consensus", _("Together, by agreement")),
    ("dots", _("With dots, without names")),
    ("longest_waiting", _("Who has waited longest")),
    ("draw", _("By lot")),
)
MIX = (
    ("mix", _("People who do not know each other yet")),
    ("neutral", _("Does not matter")),
    ("familiar", _("The same people as last time")),
)
IMPORTANCE = (("important", _("Important")), ("neutral", _("Does not matter")))
COMPLETION = (
    ("attended_and_reflected", _("Attended and looked back")),
    ("attended", _("Attended")),
    ("signed_up", _("Signed up")),
    ("took_part", _("Took part in a number of sessions")),
)

SECTIONS = (
    Section(
        key="process",
        title=_("Process"),
        intro=_("What happens in a session, and for how long."),
        settings=(
            _s("display_name", "text", _("The heading of the page.")),
            _s("organisation_name", "text", _("Stands above the heading and on certificates.")),
            _s("intro_text", "long", _("What volunteers read before a round opens. Empty: our own short text.")),
            _s("template", "choice", _("The phases that the page leads through. Below you see them as a timeline."), TEMPLATE_CHOICES),
            _s("session_minutes", "number", _("From greeting to good-bye, breaks included.")),
            _s("doors_open_minutes", "number", _("Before that, nobody sees the link.")),
            _s("cases_per_group", "number", _("In 120 minutes there is time for two.")),
            _s("case_selection", "choice", _("Used at the beginning of the session."), SELECTION),
            _s("teams_course_url", "url", _("Volunteers find this course beside their sign-up.")),
        ),
    ),
    Section(
        key="groups",
        title=_("Groups"),
        intro=_("How groups are put together. The coordination can always change a proposal."),
        settings=(
            _s("group_min", "number", _("With fewer people a group does not take place. Online, four work.")),
            _s("group_target", "number", _("Proposals aim at this number.")),
            _s("group_max", "number", _("Online, more than eight people are too many.")),
            _s("mix_groups", "choice", _("Who should meet?"), MIX),
            _s("mix_organisations", "choice", _("Should people of different organisations meet?"), IMPORTANCE),
            _s("mix_regions", "choice", _("Should people of different regions meet?"), IMPORTANCE),
            _s("languages", "languages", _("Volunteers choose from these."), tuple(LANGUAGE_NAMES.items())),
            _s("regions", "lines", _("One per line. Empty: we do not ask.")),
            _s("offer_hours", "number", _("Then the next person on the waiting list is asked.")),
            _s("reminders", "lines", _("How long before, one per line: 14d are 14 days, 1h is one hour.")),
            _s("meeting_hosts", "lines", _("Meeting links may point to these hosts only, one per line.")),
        ),
    ),
    Section(
        key="texts",
        title=_("Texts and telephone numbers"),
        intro=_("What stands behind “Help” and “Help in an emergency” in the same place on every page."),
        settings=(
            _s("hotline", "tel", _("The number for questions about sign-up and technology.")),
            _s("hotline_hours", "text", _("When somebody answers, for example: Monday to Friday, 9 to 16.")),
            _s("contact_name", "text", _("The member of staff whom volunteers turn to when something is serious.")),
            _s("contact_phone", "tel", _("Is shown when a case needs other help.")),
            _s("youth_office_phone", "tel", _("Is shown when a child needs protection.")),
            _s("legal_contacts", "long", _("Is shown with legal questions: advice centres with telephone number.")),
            _s("emergency_checked_on", "day", _("Volunteers see this day. Check the numbers twice a year.")),
            _s("case_min_chars", "number", _("A case below this length cannot be submitted.")),
            _s("case_max_chars", "number", _("Longer cases have to be shortened before submitting.")),
        ),
    ),
    Section(
        key="completion",
        title=_("Completion"),
        intro=_("When the course counts this page as done."),
        settings=(
            _s("completion_rule", "choice", _("Before that, progress shows a part of it."), COMPLETION),
            _s("completion_sessions", "number", _("Only for “Took part in a number of sessions”.")),
            _s("attendance_threshold", "share", _("In percent of the planned minutes. Usual are 70.")),
            _s("report_grade", "flag", _("Reports completion as a grade, too. Off is usual.")),
        ),
    ),
    Section(
        key="privacy",
        title=_("Data protection"),
        intro=_("All defaults are the most private ones."),
        settings=(
            _s("undertaking_version", "text", _("A new number asks everybody to accept the text again.")),
            _s("undertaking_text", "long", _("The binding German text. Empty: our own text.")),
            _s("privacy_law", "text", _("For example DSG-EKD, KDG or DSGVO.")),
            _s("privacy_contact", "text", _("Is shown beside the sign-up.")),
            _s("retention_draft_days", "number", _("Counted from the last change.")),
            _s("retention_text_days", "number", _("Counted from the session.")),
            _s("retention_log_days", "number", _("The log says who opened what, without texts.")),
            _s("retention_undertaking_years", "number", _("Counted from the end of volunteering.")),
            _s("retention_attendance_years", "number", _("Funders usually ask for five years.")),
        ),
    ),
)
"""Every field of `PlaceSettings` stands in exactly one section, but `own_template`, which has its own table."""


def all_settings() -> dict[str, Setting]:
    """All settings of the editor by name."""
    return {setting.name: setting for section in SECTIONS for setting in section.settings}


def typed(data: Mapping[str, str], many: Mapping[str, list[str]]) -> dict[str, Any]:
    """The editor's form as `validate_settings` takes it; a setting that was not sent is left out."""
    values: dict[str, Any] = {}
    for name, setting in all_settings().items():
        if setting.kind == "flag":
            values[name] = data.get(name) == "on"
        elif setting.kind == "languages":
            values[name] = many.get(name, [])
        elif name not in data:
            continue
        elif setting.kind == "lines":
            values[name] = [line.strip() for line in data[name].splitlines() if line.strip()]
        elif setting.kind == "share":
            values[name] = _share(data[name])
        else:
            values[name] = data[name].strip()
    return values


def _share(text: str) -> Any:
    """Percent as typed -> share; what is no number stays as it is, and is refused with a message."""
    try:
        return round(float(text.strip().rstrip("%").strip().replace(",", ".")) / 100, 4)
    except ValueError:
        return text


def shown(setting: Setting, value: Any) -> Any:
    """A stored value as the editor shows it."""
    if setting.kind == "lines":
        return "\n".join(value)
    if setting.kind == "share":
        return f"{100 * value:g}" if isinstance(value, (int, float)) else value
    return value


def defaults() -> PlaceSettings:
    """The values a fresh block has."""
    return PlaceSettings()
