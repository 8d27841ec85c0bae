"""``python -m beratung_xblock.demo``: prepare the data and serve; ``--reset`` starts afresh, ``--prepare`` only
prepares, ``--serve`` only serves what was prepared before."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path


def _reset() -> None:
    folder = Path(os.environ.get("BERATUNG_DEMO_VAR", "var")).resolve()
    for name in ("demo.sqlite3", "demo.sqlite3-wal", "demo.sqlite3-shm", "django.key", "beratung.key"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "mails", ignore_errors=True)


def _require_our_columns() -> None:
    """Raise DatabaseError when tables were made by another version: the first migration still changes before its release."""
    from django.apps import apps
    from django.db import DatabaseError, connection

    with connection.cursor() as cursor:
        for model in apps.get_app_config("beratung_xblock").get_models():
            table = model._meta.db_table
            there = {column.name for column in connection.introspection.get_table_description(cursor, table)}
            missing = {field.column for field in model._meta.concrete_fields} - there
            if missing:
                raise DatabaseError(f"no column {table}.{min(missing)}")


def prepare() -> None:
    """Migrate and seed; doing it twice changes nothing. Raises DatabaseError for data of another version."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    _require_our_columns()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # Readers and the writer do not block each other; kept in the file.
            cursor.execute("PRAGMA journal_mode=WAL")
    from beratung_xblock.demo import last_year, seed

    seed.run()
    last_year.run()


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m beratung_xblock.demo", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="delete the demo's data first")
    parser.add_argument("--prepare", action="store_true", help="do not serve")
    parser.add_argument("--serve", action="store_true", help="the data are there: only serve")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    options = parser.parse_args()
    os.environ["PORT"] = str(options.port)
    os.environ["DJANGO_SETTINGS_MODULE"] = "beratung_xblock.demo.settings"
    if options.reset:
        _reset()
    import django

    django.setup()
    from django.conf import settings
    from django.db.utils import DatabaseError

    from beratung_xblock.demo import mail_sink

    mail_sink.start(Path(settings.EMAIL_FILE_PATH))
    try:
        if not options.serve:
            prepare()
    except DatabaseError as error:
        print(f"The demo's data are of another version ({error}). Try: make demo-reset", file=sys.stderr)
        return 1
    if options.prepare:
        return 0
    from django.core.servers.basehttp import WSGIServer, run
    from django.core.wsgi import get_wsgi_application

    print(f"Kollegiale Beratung: http://127.0.0.1:{options.port}/   (Ctrl+C ends it)", flush=True)
    try:
        run("127.0.0.1", options.port, get_wsgi_application(), threading=True, server_cls=WSGIServer)
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"Port {options.port} cannot be used ({error.strerror}). Try: make demo PORT={options.port + 1}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
