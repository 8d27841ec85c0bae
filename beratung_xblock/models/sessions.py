"""The live meeting of one group: stored events, the chosen cases, what was said, who is there."""

from django.db import models

from beratung_xblock.data.enums import SessionState
from beratung_xblock.models._base import uid_field, user_field, word_field
from beratung_xblock.models.cases import Case
from beratung_xblock.models.groups import Group
from beratung_xblock.models.registrations import Registration


class Session(models.Model):
    """The meeting of one group. `template` is the process template copied at creation; the clock derives from events.

    `version` rises with every write and is the lock of the session.

    .. no_pii:
    """

    uid = uid_field()
    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="session")
    template = models.JSONField(default=dict)
    state = word_field(SessionState, SessionState.WAITING)
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)


class SessionEvent(models.Model):
    """What happened, in order; the payload holds ids, phase names and minutes only.

    .. no_pii:
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    registration = models.ForeignKey(Registration, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["session", "seq"], name="beratung_event_seq")]


class SessionCase(models.Model):
    """A case chosen in the casting. The group may read it from `opened_at` until `closed_at`.

    .. pii: The key question of the case giver, encrypted.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    row_uid = uid_field()
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="session_cases")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.SET_NULL, related_name="session_cases")
    giver = models.ForeignKey(Registration, null=True, on_delete=models.SET_NULL, related_name="+")
    order = models.PositiveSmallIntegerField(default=1)
    key_question_sealed = models.TextField(default="")
    method = models.CharField(max_length=40, blank=True, default="")
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    consulted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order", "id"]


class Idea(models.Model):
    """One contribution of an adviser. The author is forgotten (set empty) when the session ends.

    `client_key` makes a resent write land once. `column` 1 is the turned-round column of Kopfstand.

    .. pii: Free text, encrypted; author during the session only.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    row_uid = uid_field()
    session_case = models.ForeignKey(SessionCase, on_delete=models.CASCADE, related_name="ideas")
    author = models.ForeignKey(Registration, null=True, on_delete=models.SET_NULL, related_name="+")
    text_sealed = models.TextField(default="")
    column = models.PositiveSmallIntegerField(default=0)
    seq = models.PositiveIntegerField()
    client_key = models.CharField(max_length=40, default="")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["seq", "id"]
        constraints = [
            models.UniqueConstraint(fields=["session_case", "author", "client_key"], name="beratung_idea_once")
        ]


class Takeaway(models.Model):
    """What the case giver takes along, first step and reminder to oneself: the owner's alone.

    .. pii: Free text of the owner, encrypted.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    row_uid = uid_field()
    session_case = models.OneToOneField(SessionCase, on_delete=models.CASCADE, related_name="takeaway")
    owner = user_field()
    text_sealed = models.TextField(default="")
    first_step_sealed = models.TextField(default="")
    remind_on = models.DateField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)


class Presence(models.Model):
    """Who has the companion page open; written sparingly (join, leave, each few minutes).

    .. pii: Presence of a person in a session.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="presences")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="+")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "registration"], name="beratung_presence_once")]


class KnowsThoseInvolved(models.Model):
    """"Ich kenne die Beteiligten": at most the moderator learns it; whom it concerns stands sealed.

    .. pii: A conflict of interest, encrypted.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    row_uid = uid_field()
    session_case = models.ForeignKey(SessionCase, on_delete=models.CASCADE, related_name="conflicts")
    who_sealed = models.TextField()
    created_at = models.DateTimeField()


class CaseDot(models.Model):
    """Anonymous dots in the casting: only a keyed hash of the giver is stored, to allow two per person.

    .. no_pii:
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="dots")
    voter_hash = models.CharField(max_length=64)
    number = models.PositiveSmallIntegerField()
    case_uid = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "voter_hash", "number"], name="beratung_dot_once")
        ]
