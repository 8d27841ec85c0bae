"""One volunteer in one round: what they offer, where they stand, whom they would rather not meet."""

from django.db import models

from beratung_xblock.data.enums import OfferState, RegistrationState, SlotAnswer, TakePart
from beratung_xblock.models._base import uid_field, user_field, word_field
from beratung_xblock.models.rounds import Round, Slot


class Registration(models.Model):
    """One volunteer in one round. Without `user` it is a guest the coordinator registered by telephone.

    `waited` counts the rounds in a row in which the person wanted a place and got none (fairness). `seat` is the slot in
    which somebody with a place is counted, never shown; `missed_offers` counts offers that ran out unanswered,
    `not_placed_because` is the word for why a published round had no group for the person.

    .. pii: Display name, languages, region, organisation, needs, and of guests name and telephone number.
    .. pii_types: id, name, phone_number, location, other
    .. pii_retirement: local_api
    """

    uid = uid_field()
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="registrations")
    user = user_field()
    display_name = models.CharField(max_length=60)
    guest_name = models.CharField(max_length=120, blank=True, default="")
    guest_phone = models.CharField(max_length=60, blank=True, default="")
    state = word_field(RegistrationState, RegistrationState.REGISTERED)
    languages = models.JSONField(default=list)
    can_moderate = models.BooleanField(default=False)
    brings_case = models.BooleanField(default=False)
    urgency = models.PositiveSmallIntegerField(default=1)
    region = models.CharField(max_length=80, blank=True, default="")
    organisation = models.CharField(max_length=120, blank=True, default="")
    experience = models.PositiveSmallIntegerField(default=0)
    wish_with = models.CharField(max_length=60, blank=True, default="")
    take_part = word_field(TakePart, TakePart.ONLINE)
    needs = models.JSONField(default=list)
    wants_reminders = models.BooleanField(default=True)
    wants_refresher = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="de")
    time_zone = models.CharField(max_length=60, default="Europe/Berlin")
    seat = models.ForeignKey(Slot, null=True, blank=True, on_delete=models.SET_NULL, related_name="seats")
    waited = models.PositiveSmallIntegerField(default=0)
    missed_offers = models.PositiveSmallIntegerField(default=0)
    not_placed_because = models.CharField(max_length=20, blank=True, default="")
    queued_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True, default="")
    registered_by = user_field()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "user"], name="beratung_registration_once")]
        indexes = [
            models.Index(
                fields=["round", "state", "missed_offers", "-waited", "queued_at"], name="beratung_reg_queue"
            ),
            models.Index(fields=["round", "queued_at"], name="beratung_reg_time"),
            models.Index(fields=["round", "display_name"], name="beratung_reg_name"),
            models.Index(fields=["round", "-waited", "queued_at"], name="beratung_reg_waited"),
            models.Index(fields=["round", "state", "seat"], name="beratung_reg_seats"),
            models.Index(fields=["user", "state"], name="beratung_reg_user"),
        ]

    def __str__(self) -> str:
        return self.uid


class Availability(models.Model):
    """The answer of one registration for one slot.

    .. no_pii:
    """

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="availabilities")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="availabilities")
    answer = word_field(SlotAnswer, SlotAnswer.NO)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "slot"], name="beratung_availability_once")]


class PlaceOffer(models.Model):
    """A freed place, offered to one person on the waiting list until it expires.

    .. no_pii:
    """

    uid = uid_field()
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="offers")
    state = word_field(OfferState, OfferState.OPEN)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    offered_by = user_field()
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["state", "expires_at"], name="beratung_offer_due")]


class Exclusion(models.Model):
    """"Ich möchte nicht mit ... in eine Gruppe": private, no reason asked. The other person stands sealed.

    .. pii: A conflict between two persons, encrypted.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    row_uid = uid_field()
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="exclusions")
    other_sealed = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)


class CalendarSubscription(models.Model):
    """A secret, revocable address of a personal calendar; only a hash of the secret is stored.

    .. pii: Which person subscribed to their own calendar.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    user = user_field(null=False, blank=False, on_delete=models.CASCADE)
    course_key = models.CharField(max_length=255)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
