"""A round: one call for participation with its slots."""

from django.db import models

from beratung_xblock.data.enums import RoundState
from beratung_xblock.models._base import uid_field, user_field, word_field
from beratung_xblock.models.places import Place


class Round(models.Model):
    """One call for participation. `version` is the lock of every write to it; `rules` are the settings copied at opening.

    .. no_pii:
    """

    uid = uid_field()
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="rounds")
    title = models.CharField(max_length=120)
    state = word_field(RoundState, RoundState.DRAFT)
    rules = models.JSONField(default=dict)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    created_by = user_field()
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["place", "state"], name="beratung_round_state")]

    def __str__(self) -> str:
        return f"{self.uid}"


class Slot(models.Model):
    """One date and time in a round; times in UTC, `time_zone` is the zone shown beside them.

    `max_groups` groups may run in parallel, `capacity` limits the people who can count on this slot (empty: groups x
    largest size). `facilitators` are ids of coordinators who would moderate a group in this slot. The meeting data are for members of a group in this slot only, from the set time on.

    .. no_pii:
    """

    uid = uid_field()
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=60, default="Europe/Berlin")
    max_groups = models.PositiveSmallIntegerField(default=2)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    meeting_url = models.CharField(max_length=500, blank=True, default="")
    meeting_number = models.CharField(max_length=60, blank=True, default="")
    meeting_passcode = models.CharField(max_length=60, blank=True, default="")
    dial_in = models.CharField(max_length=120, blank=True, default="")
    facilitators = models.JSONField(default=list)
    is_cancelled = models.BooleanField(default=False)
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["starts_at", "id"]
