"""`./manage.py lms beratung_tick`: what time alone causes. Run it every five minutes, by cron or by a beat."""

from django.core.management.base import BaseCommand, CommandError

from beratung_xblock import __version__
from beratung_xblock.api import periodic


class Command(BaseCommand):
    help = (
        "Ends offers that ran out, asks the next on the waiting list, adds reminders that are due and sends waiting "
        "mails. Safe to run at any time and twice at once; meant for every five minutes."
    )

    def get_version(self):
        return __version__

    def handle(self, *args, **options):
        report = periodic.run()
        done = ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in report.counts.items() if count)
        self.stdout.write(done or "nothing to do")
        if report.mail_server_is_away:
            self.stderr.write("the mail server cannot be reached; the mails wait and are tried again")
        if report.failed:
            raise CommandError("failed steps: " + ", ".join(f"{k} ({v})" for k, v in report.failed.items()))
