"""Seal every confidential text with the active key. May be stopped and started again at any time."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from beratung_xblock.api import rotation
from beratung_xblock.exceptions import KeyMissing


class Command(BaseCommand):
    """`manage.py lms beratung_rotate_keys`: add the new key, make it active, restart, run this, then remove the old key."""

    help = __doc__

    def handle(self, *args, **options):
        try:
            with tqdm(total=rotation.count(), unit="text", disable=None) as bar:
                report = rotation.rotate(progress=bar.update)
        except KeyMissing:
            raise CommandError("BERATUNG_KEYS is empty or BERATUNG_ACTIVE_KEY names no key.") from None
        self.stdout.write(
            f"rotated {report.done}, already current {report.current}, changed meanwhile {report.changed_meanwhile}, "
            f"unreadable {report.unreadable}"
        )
        if report.unreadable:
            raise CommandError("Some texts cannot be opened with the configured keys. Keep the old keys and look for the missing one.")
