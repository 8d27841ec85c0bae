"""A place (one block in one course), who leads there, who promised secrecy, who wants to be told."""

from django.db import models

from beratung_xblock.models._base import user_field


class Place(models.Model):
    """Validated snapshot of a block's settings, keyed by the normalised usage key.

    Live views, tasks and commands read this row and never the modulestore.

    .. no_pii:
    """

    usage_key = models.CharField(max_length=255, unique=True)
    course_key = models.CharField(max_length=255, db_index=True)
    settings = models.JSONField(default=dict)
    settings_hash = models.CharField(max_length=64, default="")
    version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.usage_key


class Coordinator(models.Model):
    """The person who plans rounds in a course, optionally limited to one region per row; granted by course instructors.

    .. pii: Who coordinates in which course.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    course_key = models.CharField(max_length=255)
    user = user_field(null=False, blank=False, on_delete=models.CASCADE)
    region = models.CharField(max_length=80, blank=True, default="")
    granted_by = user_field()
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course_key", "user", "region"], name="beratung_coordinator_once"),
        ]


class UndertakingAcceptance(models.Model):
    """Proof that a person accepted one version of the undertaking (Verschwiegenheitserklärung).

    .. pii: Who accepted which version when, in which language; paper undertakings with their date.
    .. pii_types: id, name
    .. pii_retirement: local_api
    """

    course_key = models.CharField(max_length=255)
    user = user_field()
    registration_uid = models.CharField(max_length=32, blank=True, default="")
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    text_hash = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()
    paper_date = models.DateField(null=True, blank=True)
    recorded_by = user_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course_key", "user", "registration_uid", "version"], name="beratung_undertaking_once"
            ),
        ]


class InterestNote(models.Model):
    """"Bescheid geben": one mail when the next round opens.

    .. pii: Who wants to be told about the next round.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="interest_notes")
    user = user_field(null=False, blank=False, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "user"], name="beratung_interest_once")]
