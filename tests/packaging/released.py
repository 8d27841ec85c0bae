"""Stored states of released versions: the names and hashes of their migrations, and rows that the product itself made.

A state is a folder `released/<version>/` with `state.json` and `rows.json`. `rows.json` holds, per model, the columns and one line per
row, as Django's fields write them to text; it is loaded through the models *as they were*, never through today's.

While the newest version is unreleased its state may be made again at any time:

    BERATUNG_WRITE_RELEASED=1 python -m pytest tests/packaging/test_released.py -k record

At the release, set "released" to true in its `state.json`: from then on its migrations may not change any more.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent / "released"
MIGRATIONS = ROOT / "beratung_xblock" / "migrations"
APP = "beratung_xblock"
USER_COLUMNS = ("id", "username", "email", "first_name", "last_name", "is_active", "is_staff")


@dataclass(frozen=True)
class State:
    """What is known of one version."""

    version: str
    released: bool
    made_at: dt.datetime
    migrations: dict[str, str]
    secrets: dict[str, str]

    @property
    def last_migration(self) -> str:
        """The migration that brings a database to this version."""
        return max(self.migrations)

    def rows(self) -> dict[str, Any]:
        """Model name -> {"columns": [...], "rows": [[...], ...]}; the users come as "user"."""
        return json.loads((FOLDER / self.version / "rows.json").read_text(encoding="utf-8"))


def states(folder: Path = FOLDER) -> list[State]:
    """Every stored state, oldest first."""
    found = []
    for path in folder.glob("*/state.json"):
        raw = json.loads(path.read_text(encoding="utf-8"))
        found.append(State(**{**raw, "made_at": dt.datetime.fromisoformat(raw["made_at"])}))
    return sorted(found, key=lambda state: [int(part) for part in state.version.split(".")])


def hashes(folder: Path = MIGRATIONS) -> dict[str, str]:
    """Name -> SHA-256 of every migration that lies in the folder."""
    return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("[0-9]*.py"))}


def edited(state: State, present: dict[str, str]) -> list[str]:
    """Migrations of a released state that are gone or are no longer what they were; an unreleased state forbids nothing."""
    return [name for name, value in state.migrations.items() if state.released and present.get(name) != value]


# --- rows to text and back -------------------------------------------------------------------------------------------


def _columns(model: type[models.Model]) -> list[models.Field]:
    wanted = [field for field in model._meta.concrete_fields if model._meta.app_label == APP or field.name in USER_COLUMNS]
    return sorted(wanted, key=lambda field: (field.attname != "id", field.attname))  # a migration keeps another order than the model


def _to_text(field: models.Field, row: models.Model) -> Any:
    value = getattr(row, field.attname)
    if value is None or isinstance(value, (bool, int, float, str)) or isinstance(field, models.JSONField):
        return value
    return field.value_to_string(row)


def dump(historical: Any) -> dict[str, Any]:
    """Every row of our tables, in the order of their keys, by the models of one moment (an `Apps`)."""
    found = {}
    for model in _tables(historical):
        fields = _columns(model)
        rows = [[_to_text(field, row) for field in fields] for row in model._base_manager.order_by("pk")]
        found[model._meta.model_name] = {"columns": [field.attname for field in fields], "rows": rows}
    return found


def load(historical: Any, stored: dict[str, Any]) -> None:
    """Write stored rows through the models of their time; keys between tables are checked at the end."""
    with connection.constraint_checks_disabled(), transaction.atomic():
        for model in _tables(historical):
            part = stored[model._meta.model_name]
            fields = {field.attname: field for field in _columns(model)}
            if part["columns"] != list(fields):
                raise AssertionError(f"{model.__name__}: stored columns {part['columns']}, the migration makes {list(fields)}")
            model._base_manager.bulk_create(
                [model(**{name: _from_text(fields[name], value) for name, value in zip(fields, row, strict=True)}) for row in part["rows"]],
                batch_size=200,
            )
            # Columns that fill themselves with the present moment get what was stored.
            for name, field in fields.items():
                if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
                    for row in part["rows"]:
                        key, value = row[part["columns"].index("id")], row[part["columns"].index(name)]
                        model._base_manager.filter(pk=key).update(**{name: _from_text(field, value)})
    connection.check_constraints()


def _from_text(field: models.Field, value: Any) -> Any:
    return value if value is None or isinstance(field, models.JSONField) else field.to_python(value)


def _tables(historical: Any) -> Iterator[type[models.Model]]:
    yield historical.get_model("auth", "User")
    yield from sorted(historical.get_app_config(APP).get_models(), key=lambda model: model._meta.model_name)


# --- moving between versions -----------------------------------------------------------------------------------------


def migrate(name: str | None) -> Any:
    """Bring our tables to the state after this migration (None: before the first); answers the models of that moment."""
    executor = MigrationExecutor(connection)
    executor.migrate([(APP, name)])
    everything = [key for key in executor.loader.graph.leaf_nodes() if key[0] != APP]
    return MigrationExecutor(connection).loader.project_state([*everything, *([(APP, name)] if name else [])]).apps


def newest_migration() -> str:
    """The last migration in the folder."""
    return max(hashes())


def our_tables() -> list[str]:
    """Names of our tables in the database."""
    with connection.cursor() as cursor:
        return sorted(name for name in connection.introspection.table_names(cursor) if name.startswith(APP))


# --- making a state --------------------------------------------------------------------------------------------------


def record(version: str) -> None:
    """Live a few rounds with the product and keep what lies in the tables afterwards."""
    from tests.packaging.lived import SECRETS, live

    live()
    rows = dump(apps)
    folder = FOLDER / version
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        "version": version, "released": False, "made_at": timezone.now().isoformat(), "migrations": hashes(), "secrets": SECRETS,
    }
    (folder / "state.json").write_text(json.dumps(state, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    parts = []
    for name, part in rows.items():
        lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in part["rows"])
        parts.append(f'"{name}": {{"columns": {json.dumps(part["columns"])}, "rows": [\n{lines}\n]}}')
    (folder / "rows.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def users() -> dict[str, Any]:
    """Accounts by name."""
    return {user.username: user for user in get_user_model().objects.all()}
