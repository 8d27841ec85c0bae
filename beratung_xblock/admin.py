"""Django admin: metadata to look at, never content. Nothing can be added or changed but the role of a coordinator."""

from __future__ import annotations

from django.contrib import admin
from django.db import models

from beratung_xblock.api import places
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
    raw_id_fields = ("user",)
    readonly_fields = ("granted_by", "granted_at")

    def _note(self, request, role: Coordinator, *, granted: bool) -> None:
        places.role_changed(by_user_id=request.user.pk, course_key=role.course_key, user_id=role.user_id, granted=granted)

    def save_model(self, request, obj, form, change):
        """Give the role, with a line in the record."""
        before = Coordinator.objects.filter(pk=obj.pk).first() if change else None
        obj.granted_by_id = request.user.pk
        super().save_model(request, obj, form, change)
        if before is not None:
            self._note(request, before, granted=False)
        self._note(request, obj, granted=True)

    def delete_model(self, request, obj):
        """Take the role back, with a line in the record."""
        super().delete_model(request, obj)
        self._note(request, obj, granted=False)

    def delete_queryset(self, request, queryset):
        """The same for several at once."""
        for role in queryset:
            self.delete_model(request, role)
