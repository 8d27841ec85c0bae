"""Who may do what: every role at every door, against the one table in this folder.

`permissions.csv` holds a row for each door and a column for each role. A cell says how the door answers (yes, typed: past
the door but the input was refused, no, blind: a masquerade is read-only, method, moved) and, after a plus sign, which
planted secrets the answer showed: T title, S situation, K key question, I idea. A door without a row fails.

After a change on purpose, `BERATUNG_WRITE_TABLE=1 pytest tests/permissions -k every_cell` writes what it found into the
table; read the difference as you would read code.
"""

import csv
import os
from pathlib import Path

import pytest
from django.db import transaction

from tests.permissions import scene

TABLE = Path(__file__).with_name("permissions.csv")
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ALLOWED_TO_SEE_TEXT = {"case_giver", "member", "moderator"}


def table() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row.pop("door"): row for row in csv.DictReader(file)}


def write(found: dict[str, dict[str, str]]) -> None:
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["door", *scene.ROLES], lineterminator="\n")
        writer.writeheader()
        writer.writerows({"door": door, **row} for door, row in found.items())


def test_every_door_has_a_row_and_every_row_a_door():
    assert sorted(table()) == sorted(scene.doors())


def test_the_table_lets_nobody_but_the_group_see_text():
    for door, row in table().items():
        for role, cell in row.items():
            seen = set(cell.partition("+")[2])
            if role not in ALLOWED_TO_SEE_TEXT:
                assert seen <= ({"T"} if role in scene.LEADERS else set()), (door, role, cell)


def test_strangers_are_refused_everywhere():
    # Saying goodbye answers everybody alike and does something for members only; the check page is public and says
    # whether a code is valid, no more.
    open_to_all = {"POST session_bye", "GET check", "POST check"}
    for door, row in table().items():
        for role in ("anonymous", "stranger"):
            cell = row[role]
            if door.startswith("view ") or door in open_to_all:
                continue
            assert cell in ("no", "blind", "method", "moved"), (door, role, cell)


def test_every_cell():
    world = scene.build()
    found = {}
    for door in scene.doors():
        found[door] = {}
        for role in scene.ROLES:
            point = transaction.savepoint()
            try:
                found[door][role] = scene.cell(*scene.knock(world, role, door))
            finally:
                transaction.savepoint_rollback(point)
    if os.environ.get("BERATUNG_WRITE_TABLE"):
        write(found)
    expected = table()
    assert [
        f"{door} / {role}: {expected.get(door, {}).get(role)} expected, {got} found"
        for door, row in found.items()
        for role, got in row.items()
        if expected.get(door, {}).get(role) != got
    ] == []
