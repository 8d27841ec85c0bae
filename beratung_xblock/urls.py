"""Plugin views beside the block: downloads, autosave, poll. Mounted below /beratung/ by the platform."""

from __future__ import annotations

from django.urls import path

from beratung_xblock import downloads, live, live_hints, live_own, live_session, mail_links

app_name = "beratung"

urlpatterns = [
    path("session/<path:usage_key>/<slug:session_uid>/poll/", live_session.poll, name="session_poll"),
    path("session/<path:usage_key>/<slug:session_uid>/act/", live_session.act, name="session_act"),
    path("session/<path:usage_key>/<slug:session_uid>/bye/", live_session.bye, name="session_bye"),
    path("session/<path:usage_key>/<slug:session_uid>/sheet/", live_session.sheet, name="session_sheet"),
    path("m/<str:token>", mail_links.mail_link, name="mail_link"),
    path("calendar/<str:secret>.ics", mail_links.calendar_feed, name="calendar_feed"),
    path("calendar-file/<str:group_uid>/<path:usage_key>/", mail_links.calendar_file, name="calendar_file"),
    path("calendar-address/<path:usage_key>/", mail_links.calendar_subscription, name="calendar_subscription"),
    path("anonymise/<str:language>/<str:wanted>.json", live_hints.anonymise_rules, name="anonymise_rules"),
    path("my-data/<slug:kind>/<path:usage_key>/", live_own.my_data, name="my_data"),
    path("undertaking/<path:usage_key>/", live_own.undertaking_file, name="undertaking"),
    path("draft/<path:usage_key>/", live.save_draft, name="save_draft"),
    path("registrations/<str:round_uid>/<path:usage_key>/", downloads.registrations_file, name="registrations_file"),
    path("report/<slug:kind>/<path:usage_key>/", downloads.report_file, name="report_file"),
    path("certificate/<str:round_uid>/<path:usage_key>/", downloads.certificate, name="certificate"),
    path("certificate-of/<str:registration_uid>/<path:usage_key>/", downloads.certificate_of, name="certificate_of"),
    path("hours/<int:year>/<path:usage_key>/", downloads.hours, name="hours"),
    path("check/", downloads.check, name="check"),
]
