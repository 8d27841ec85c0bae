"""Who read or changed which object when. No content, no update path."""

from django.db import models


class AuditEntry(models.Model):
    """One line of the audit log, written in the transaction of the act itself. Deleted by purge and erasure only.

    `object_id` is the public uid of the object; `detail` holds counts and state words.

    .. pii: Ids of the acting and the affected person.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_role = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=30)
    object_id = models.CharField(max_length=40)
    place_id = models.BigIntegerField(null=True)
    round_uid = models.CharField(max_length=32, blank=True, default="")
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="beratung_audit_object"),
            models.Index(fields=["place_id", "at"], name="beratung_audit_place"),
        ]

    def save(self, *args, **kwargs):
        """Insert once; a second save is a programming error."""
        if self.pk is not None:
            raise TypeError("audit entries are never changed")
        super().save(*args, **kwargs)
