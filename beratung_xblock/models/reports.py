"""What was told to funders."""

from django.db import models

from beratung_xblock.models.places import Place


class ClosedPeriod(models.Model):
    """The figures of one quarter or year as the report tells them: counted once, small ones left out, never counted again.

    `quarter` is 0 for a whole year. Nobody can be found in it, and it stays when the rows it was counted from are gone.

    .. no_pii:
    """

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="closed_periods")
    year = models.PositiveSmallIntegerField()
    quarter = models.PositiveSmallIntegerField()
    figures = models.JSONField()
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "year", "quarter"], name="beratung_period_once")]

    def save(self, *args, **kwargs):
        """Insert once: two reports of the same people must not differ."""
        if self.pk is not None:
            raise TypeError("closed periods are never changed")
        super().save(*args, **kwargs)
