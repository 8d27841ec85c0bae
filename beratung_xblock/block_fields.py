"""The author's settings as XBlock fields: authoring settings only, nothing about people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _
from xblock.fields import Boolean, Dict, Float, Integer, List, Scope, String

from beratung_xblock.data.settings import PlaceSettings

DEFAULT = PlaceSettings()


def _list(name: str, label: str) -> List:
    return List(default=list(getattr(DEFAULT, name)), scope=Scope.settings, display_name=label)


def _text(name: str, label: str, *, long: bool = False) -> String:
    return String(default=getattr(DEFAULT, name), scope=Scope.settings, display_name=label, multiline_editor=long)


def _number(name: str, label: str) -> Integer:
    return Integer(default=getattr(DEFAULT, name), scope=Scope.settings, display_name=label)


class SettingsFields:
    """One field for each field of `PlaceSettings`, same name, same default, all of `Scope.settings`."""

    display_name = _text("display_name", _("Title"))
    organisation_name = _text("organisation_name", _("Organisation"))
    intro_text = _text("intro_text", _("Introduction"), long=True)
    template = _text("template", _("Process"))
    own_template = Dict(default={}, scope=Scope.settings, display_name=_("Own process"))
    session_minutes = _number("session_minutes", _("Length of a session in minutes"))
    doors_open_minutes = _number("doors_open_minutes", _("Meeting link visible so many minutes before"))
    cases_per_group = _number("cases_per_group", _("Cases per session"))
    case_selection = _text("case_selection", _("How the case is chosen"))
    group_min = _number("group_min", _("Smallest group"))
    group_target = _number("group_target", _("Usual group"))
    group_max = _number("group_max", _("Largest group"))
    mix_groups = _text("mix_groups", _("Mix groups"))
    mix_organisations = _text("mix_organisations", _("Mix organisations"))
    mix_regions = _text("mix_regions", _("Mix regions"))
    languages = _list("languages", _("Languages"))
    regions = _list("regions", _("Regions"))
    offer_hours = _number("offer_hours", _("An offered place is held for so many hours"))
    reminders = _list("reminders", _("Reminders before a session"))
    hotline = _text("hotline", _("Hotline"))
    hotline_hours = _text("hotline_hours", _("Hotline hours"))
    contact_name = _text("contact_name", _("Contact person"))
    contact_phone = _text("contact_phone", _("Telephone of the contact person"))
    youth_office_phone = _text("youth_office_phone", _("Telephone of the youth welfare office"))
    legal_contacts = _text("legal_contacts", _("Contacts for legal questions"), long=True)
    emergency_checked_on = _text("emergency_checked_on", _("Emergency numbers checked on"))
    teams_course_url = _text("teams_course_url", _("Address of the Teams course"))
    meeting_hosts = _list("meeting_hosts", _("Allowed hosts of meeting links"))
    case_min_chars = _number("case_min_chars", _("Shortest case in characters"))
    case_max_chars = _number("case_max_chars", _("Longest case in characters"))
    completion_rule = _text("completion_rule", _("Counts as complete"))
    completion_sessions = _number("completion_sessions", _("Number of sessions"))
    attendance_threshold = Float(
        default=DEFAULT.attendance_threshold, scope=Scope.settings, display_name=_("Share of minutes that counts")
    )
    report_grade = Boolean(default=False, scope=Scope.settings, display_name=_("Report a grade"))
    undertaking_version = _text("undertaking_version", _("Version of the undertaking"))
    undertaking_text = _text("undertaking_text", _("Text of the undertaking"), long=True)
    privacy_law = _text("privacy_law", _("Data protection law"))
    privacy_contact = _text("privacy_contact", _("Data protection officer"))
    retention_draft_days = _number("retention_draft_days", _("Delete drafts after days"))
    retention_text_days = _number("retention_text_days", _("Delete texts and ideas after days"))
    retention_log_days = _number("retention_log_days", _("Delete the log after days"))
    retention_undertaking_years = _number("retention_undertaking_years", _("Keep undertakings for years"))
    retention_attendance_years = _number("retention_attendance_years", _("Keep attendance for years"))

    def settings_values(self) -> dict[str, Any]:
        """All settings as a plain dict, as `validate_settings` takes it."""
        return {name: getattr(self, name) for name in DEFAULT.as_dict()}
