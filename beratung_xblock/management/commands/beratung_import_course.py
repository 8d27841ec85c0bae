"""``./manage.py cms beratung_import_course --org X --course Y --run Z [--lang de] [--update] [--with-beratung]``."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from beratung_xblock.course.checks import IMPORT_CHECKS, problems
from beratung_xblock.course.importer import Report, import_course
from beratung_xblock.course.modulestore import CourseStore, PlatformCourse
from beratung_xblock.course.olx import Identity
from beratung_xblock.course.source import LANGUAGES, CourseError, load


class Command(BaseCommand):
    """Import the Teams course, or bring an imported one up to date."""

    help = "Import the course about taking part in a Teams meeting. With --update, change only what authors have not touched."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which course, which language, new or update."""
        parser.add_argument("--org", required=True)
        parser.add_argument("--course", required=True)
        parser.add_argument("--run", required=True)
        parser.add_argument("--lang", choices=LANGUAGES, default="de")
        parser.add_argument("--update", action="store_true", help="bring an imported course up to date")
        parser.add_argument("--with-beratung", action="store_true", help="add a last chapter with a beratung block")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the sources, import, report."""
        identity = Identity(options["org"], options["course"], options["run"])
        try:
            key = CourseKey.from_string(f"course-v1:{identity.org}+{identity.course}+{identity.run}")
        except InvalidKeyError as error:
            raise CommandError("org, course and run may hold letters, digits, hyphens, dots and underscores only") from error
        try:
            course = load(options["lang"])
            faults = problems(course, IMPORT_CHECKS)
            if faults:
                raise CommandError("\n".join(faults))
            store = open_store(key)
            report = import_course(course, store, identity, update=options["update"], with_beratung=options["with_beratung"])
        except CourseError as error:
            raise CommandError(str(error)) from error
        self._tell(report)

    def _tell(self, report: Report) -> None:
        counts = f"{len(report.created)} created, {len(report.updated)} updated, {len(report.removed)} removed, {report.unchanged} unchanged"
        self.stdout.write(f"{counts}, {len(report.left_alone)} left alone")
        for name, reason in report.left_alone:
            self.stdout.write(f"  left alone: {name} ({reason})")


def open_store(key: CourseKey) -> CourseStore:
    """The course in this platform. Raises `CommandError` outside Studio's process."""
    try:
        return PlatformCourse(key)
    except ImportError as error:
        raise CommandError("this command runs in Studio: ./manage.py cms beratung_import_course ...") from error
