"""Who was there, what they made of it, and the evidence that stays."""

from django.db import models

from beratung_xblock.data.enums import TakePart
from beratung_xblock.models._base import uid_field, user_field, word_field
from beratung_xblock.models.groups import Group
from beratung_xblock.models.places import Place
from beratung_xblock.models.registrations import Registration
from beratung_xblock.models.rounds import Round


class Attendance(models.Model):
    """Minutes of one person in the session of one group; `override` set means a coordinator decided, with a reason.

    .. pii: Minutes of presence of a person.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="attendances")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="attendances")
    minutes = models.PositiveIntegerField(default=0)
    scheduled_minutes = models.PositiveIntegerField()
    take_part = word_field(TakePart, TakePart.ONLINE)
    override = models.BooleanField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    recorded_by = user_field()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "registration"], name="beratung_attendance_once")]


class Reflection(models.Model):
    """Two questions after a session: helped (1 to 5) and safe (1 to 5), and an optional private note, sealed.

    .. pii: Answers of a person; the note is encrypted and for the owner alone.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    row_uid = uid_field()
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="reflections")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="reflections")
    helped = models.PositiveSmallIntegerField()
    safe = models.PositiveSmallIntegerField()
    note_sealed = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "registration"], name="beratung_reflection_once")]


class Evidence(models.Model):
    """The minimum that survives every purge: in which round somebody signed up, attended, reflected. No content.

    Completion over several rounds is the maximum over these rows.

    .. pii: Participation of a person by round.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="evidence")
    user = user_field()
    round = models.ForeignKey(Round, null=True, on_delete=models.SET_NULL, related_name="evidence")
    round_uid = models.CharField(max_length=32)
    undertaking = models.BooleanField(default=False)
    signed_up = models.BooleanField(default=False)
    assigned = models.BooleanField(default=False)
    attended = models.BooleanField(default=False)
    reflected = models.BooleanField(default=False)
    minutes = models.PositiveIntegerField(default=0)
    on_date = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "user", "round_uid"], name="beratung_evidence_once")]


class Certificate(models.Model):
    """An issued Teilnahmebescheinigung or yearly statement; the public check page answers validity only.

    `registration_uid` is set for guests without an account.

    .. pii: To whom a statement was issued.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    uid = uid_field()
    code = models.CharField(max_length=24, unique=True)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="certificates")
    user = user_field()
    kind = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    round_uid = models.CharField(max_length=32, blank=True, default="")
    registration_uid = models.CharField(max_length=32, blank=True, default="")
    minutes = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
