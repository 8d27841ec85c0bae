"""Plugin views beside the block: downloads, autosave, poll. Mounted below /beratung/ by the platform."""

from __future__ import annotations

from django.urls import path

from beratung_xblock import live

app_name = "beratung"

urlpatterns = [
    path("draft/<path:usage_key>/", live.save_draft, name="save_draft"),
]
