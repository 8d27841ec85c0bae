"""Mail and long work as rows, written in the transaction that causes them."""

from django.db import models

from beratung_xblock.data.enums import JobState, MailState
from beratung_xblock.models._base import uid_field, user_field, word_field
from beratung_xblock.models.places import Place
from beratung_xblock.models.registrations import Registration
from beratung_xblock.models.rounds import Round


class OutboxMail(models.Model):
    """One mail to one person. The text is rendered when it is sent; `context` holds ids and times only.

    `dedupe_key` makes the same cause send once; `message_id` stays the same over retries.

    .. pii: Who is to be told about what.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    uid = uid_field()
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="mails")
    round = models.ForeignKey(Round, null=True, blank=True, on_delete=models.CASCADE, related_name="mails")
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    user = user_field()
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=10, default="de")
    context = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=120, unique=True)
    state = word_field(MailState, MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=120)
    last_error = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "not_before"], name="beratung_mail_due"),
            models.Index(fields=["round", "state"], name="beratung_mail_round"),
        ]


class Job(models.Model):
    """Long work that shows itself and can be cancelled: assignment of a big round, import, export.

    .. no_pii:
    """

    uid = uid_field()
    kind = models.CharField(max_length=40)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="jobs")
    round = models.ForeignKey(Round, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs")
    parameters = models.JSONField(default=dict)
    state = word_field(JobState, JobState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=40, blank=True, default="")
    cancel_requested = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    created_by = user_field()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
