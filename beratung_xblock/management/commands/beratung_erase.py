"""Erase one person from all our tables. The platform's retirement does the same by itself."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from beratung_xblock.api import erasure


class Command(BaseCommand):
    """`manage.py lms beratung_erase USERNAME --yes`; prints counts by kind. May run twice."""

    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--yes", action="store_true", help="really erase; it cannot be undone")

    def handle(self, *args, **options):
        user = get_user_model().objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("There is no account with this name.")
        if not options["yes"]:
            raise CommandError("This cannot be undone. Repeat with --yes.")
        for name, number in erasure.erase_person(user_id=user.pk).items():
            self.stdout.write(f"{name} {number}")
