"""The confidential text a volunteer brings."""

from django.db import models

from beratung_xblock.data.enums import CaseState
from beratung_xblock.models._base import uid_field, user_field, word_field
from beratung_xblock.models.places import Place
from beratung_xblock.models.registrations import Registration


class Case(models.Model):
    """A case concern. Title and body are sealed; the body is JSON of situation, tried, key_question, method.

    `staff_may_read` is the owner's own tick and is off by default.

    .. pii: Free text about the owner's voluntary work, encrypted; third persons are to be anonymised by the owner.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    row_uid = uid_field()
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="cases")
    owner = user_field()
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases"
    )
    state = word_field(CaseState, CaseState.DRAFT)
    title_sealed = models.TextField(default="")
    body_sealed = models.TextField(default="")
    urgency = models.PositiveSmallIntegerField(default=1)
    staff_may_read = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "state"], name="beratung_case_owner"),
            models.Index(fields=["state", "updated_at"], name="beratung_case_age"),
        ]


class ContactRequest(models.Model):
    """The owner asks staff to call back. Says who, when and at which number, never why.

    .. pii: Who asks for a call, and the number to call.
    .. pii_types: id, phone_number
    .. pii_retirement: local_api
    """

    uid = uid_field()
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="contact_requests")
    user = user_field()
    phone = models.CharField(max_length=40, blank=True, default="")
    """Empty when none was given, and again once the call was made."""
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
