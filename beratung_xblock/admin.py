"""Django admin: metadata to look at, never content. Nothing can be added or changed but the role of a coordinator."""

from __future__ import annotations

from django.contrib import admin
from django.db import models

from beratung_xblock.models import (
    Attendance,
    AuditEntry,
    Case,
    Coordinator,
    Group,
    Job,
    OutboxMail,
    Place,
    Registration,
    Round,
    Session,
    Slot,
    UndertakingAcceptance,
)

PERSONAL = ("guest_name", "guest_phone", "wish_with", "needs", "cancel_reason", "organisation", "reason")
"""Columns that say more about a person than an administrator of the platform needs."""


class MetadataAdmin(admin.ModelAdmin):
    """Every column but sealed and personal ones, read-only."""

    list_per_page = 50
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        """Without sealed text, and without what concerns the person alone."""
        return [
            field.name
            for field in self.model._meta.concrete_fields
            if not field.name.endswith("_sealed") and field.name not in PERSONAL
        ]

    def get_readonly_fields(self, request, obj=None):
        """All of them."""
        return self.get_fields(request, obj)

    def get_list_display(self, request):
        """Short columns only; no names."""
        return [
            field.name
            for field in self.model._meta.concrete_fields
            if not isinstance(field, (models.TextField, models.JSONField, models.ForeignKey))
            and field.name not in (*PERSONAL, "display_name")
        ][:8]

    def has_add_permission(self, request):
        """Rows come from the product only."""
        return False

    def has_change_permission(self, request, obj=None):
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Deleting is the work of purge and erasure."""
        return False


admin.site.register(
    [
        Attendance, AuditEntry, Case, Group, Job, OutboxMail, Place, Registration, Round, Session, Slot,
        UndertakingAcceptance,
    ],
    MetadataAdmin,
)


@admin.register(Coordinator)
class CoordinatorAdmin(admin.ModelAdmin):
    """Who coordinates where. Usually granted on the course page by an instructor; here for the first one."""

    list_display = ("course_key", "user", "region", "granted_at")
    raw_id_fields = ("user", "granted_by")
    readonly_fields = ("granted_at",)
