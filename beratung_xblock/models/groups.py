"""Proposed and published groups."""

from django.db import models

from beratung_xblock.data.enums import GroupState, Role
from beratung_xblock.models._base import uid_field, user_field, word_field
from beratung_xblock.models.registrations import Registration
from beratung_xblock.models.rounds import Round, Slot


class Proposal(models.Model):
    """One revision of the assignment board: immutable, the newest `number` of a round counts, undo writes a copy.

    `groups` is a list of {id, slot, language, members, moderator, cases, pinned, pinned_members}, `unplaced` maps a
    registration uid to a reason word; both hold uids only.

    .. no_pii:
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="proposals")
    number = models.PositiveIntegerField()
    groups = models.JSONField(default=list)
    unplaced = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    action = models.CharField(max_length=40, default="propose")
    created_by = user_field()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="beratung_proposal_number")]


class Group(models.Model):
    """Four to eight people in one slot with a moderator. `facilitator` moderates when no member does.

    .. no_pii:
    """

    uid = uid_field()
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="groups")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="groups")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=10, default="de")
    state = word_field(GroupState, GroupState.PUBLISHED)
    facilitator = user_field()
    meeting_url = models.CharField(max_length=500, blank=True, default="")
    meeting_number = models.CharField(max_length=60, blank=True, default="")
    meeting_passcode = models.CharField(max_length=60, blank=True, default="")
    dial_in = models.CharField(max_length=120, blank=True, default="")
    membership_version = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["number", "id"]
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="beratung_group_number")]


class Membership(models.Model):
    """One registration in one group, until `left_at`. Role and case are planned; the casting decides.

    .. pii: Who is in which group.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="memberships")
    planned_role = word_field(Role, Role.ADVISER)
    heard_order = models.PositiveSmallIntegerField(null=True, blank=True)
    pinned = models.BooleanField(default=False)
    joined_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "registration"], name="beratung_membership_once")]
        indexes = [models.Index(fields=["registration", "left_at"], name="beratung_member_now")]
