"""Delete what is due. Runs daily as part of beratung_tick; by hand with --dry-run to see what would go."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from tqdm import tqdm

from beratung_xblock.api import retention


class Command(BaseCommand):
    """Prints counts by kind and nothing else."""

    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="count, delete nothing")

    def handle(self, *args, **options):
        with tqdm(unit="row", disable=None) as bar:
            counts = retention.purge(dry_run=options["dry_run"], progress=lambda _name, done: bar.update(done))
        for name, number in counts.items():
            self.stdout.write(f"{name} {number}")
