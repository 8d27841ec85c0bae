"""Certificates: from attendance, valid while it stands, checked without telling anything."""

import datetime as dt
import re
import subprocess

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from beratung_xblock.api import attendance, certificates
from beratung_xblock.exceptions import NotFound
from beratung_xblock.exports.certificate_pdf import certificate_pdf
from beratung_xblock.models import Attendance, AuditEntry, Certificate, Registration
from tests.integration import report_world, world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place():
    return world.place(organisation_name="Servicestelle Ehrenamt", contact_name="Katrin Sommer")


@pytest.fixture
def group(place):
    people = [(user, "Nord", "online", 120) for user in report_world.users(5)]
    return report_world.session(place, [*people, (None, "Nord", "phone", 90), (world.user(), "Nord", "online", 30)])


def member(group, number=0):
    row = Registration.objects.filter(round=group.round).order_by("pk")[number]
    return row, world.actor(row.user)


def text_of(pdf, tmp_path):
    path = tmp_path / "file.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout


def test_whoever_was_there_gets_one_and_the_same(group):
    row, actor = member(group)
    first = certificates.issue_own(actor=actor, round_uid=row.round.uid)
    again = certificates.issue_own(actor=actor, round_uid=row.round.uid)

    assert (first.minutes, len(first.sessions), first.organisation) == (120, 1, "Servicestelle Ehrenamt")
    assert again.code == first.code
    assert Certificate.objects.count() == 1
    assert certificates.is_valid(code=first.code.lower().replace("-", " "))


def test_it_is_known_which_of_my_own_are_made(group):
    row, actor = member(group)
    asked = {"round_uid": row.round.uid, "year": group.slot.starts_at.year}
    assert certificates.ready(actor=actor, **asked) == frozenset()
    certificates.issue_own(actor=actor, round_uid=row.round.uid)
    assert certificates.ready(actor=actor, **asked) == {"attendance"}
    certificates.issue_hours(actor=actor, year=asked["year"])
    assert certificates.ready(actor=actor, **asked) == {"attendance", "hours"}
    assert certificates.ready(actor=actor, **{**asked, "year": asked["year"] - 1}) == {"attendance"}
    assert certificates.ready(actor=member(group, 1)[1], **asked) == frozenset(), "another person's"
    Attendance.objects.filter(registration=row).update(minutes=100)
    assert certificates.ready(actor=actor, **asked) == frozenset(), "the attendance was corrected"


def test_fetching_makes_none_and_changes_nothing(group):
    row, actor = member(group)
    year = group.slot.starts_at.year
    lead = world.lead()
    before = AuditEntry.objects.count()
    doors = (
        lambda: certificates.own(actor=actor, round_uid=row.round.uid),
        lambda: certificates.own_hours(actor=actor, year=year),
        lambda: certificates.of_registration(actor=lead, registration_uid=row.uid),
    )
    for fetch in doors:
        with pytest.raises(NotFound):
            fetch()
    assert (Certificate.objects.count(), AuditEntry.objects.count()) == (0, before)

    made = certificates.issue_own(actor=actor, round_uid=row.round.uid)
    hours = certificates.issue_hours(actor=actor, year=year)
    stored = list(Certificate.objects.order_by("pk").values())
    assert [fetch().code for fetch in doors] == [made.code, hours.code, made.code]
    assert list(Certificate.objects.order_by("pk").values()) == stored

    attendance.record(actor=lead, group_uid=group.uid, lines={row.uid: {"minutes": "100"}})
    with pytest.raises(NotFound):
        doors[0]()
    assert certificates.issue_own(actor=actor, round_uid=row.round.uid).code != made.code
    assert doors[0]().minutes == 100


def test_whoever_left_early_gets_none(group):
    row, actor = member(group, 6)
    with pytest.raises(NotFound):
        certificates.issue_own(actor=actor, round_uid=row.round.uid)
    with pytest.raises(NotFound):
        certificates.issue_hours(actor=actor, year=2025)
    assert Certificate.objects.count() == 0


def test_a_corrected_attendance_ends_validity_and_the_next_one_has_another_code(group):
    row, actor = member(group)
    first = certificates.issue_own(actor=actor, round_uid=row.round.uid)
    lead = world.lead()
    attendance.record(actor=lead, group_uid=group.uid, lines={row.uid: {"minutes": "100"}})

    assert not certificates.is_valid(code=first.code)
    second = certificates.issue_own(actor=actor, round_uid=row.round.uid)
    assert (second.minutes, second.code != first.code) == (100, True)
    assert certificates.is_valid(code=second.code)
    attendance.record(actor=lead, group_uid=group.uid, lines={row.uid: {"minutes": "0"}})
    assert not certificates.is_valid(code=second.code)


def test_deleted_attendance_after_its_time_does_not_end_validity(group):
    row, actor = member(group)
    code = certificates.issue_own(actor=actor, round_uid=row.round.uid).code
    Attendance.objects.all().delete()
    assert certificates.is_valid(code=code)


def test_a_year_adds_up(place, group):
    row, actor = member(group)
    report_world.session(place, [(row.user, "Nord", "phone", 90)], on=dt.date(2025, 12, 31), minutes=90)
    report_world.session(place, [(row.user, "Nord", "online", 120)], on=dt.date(2026, 1, 7))
    found = certificates.issue_hours(actor=actor, year=2025)

    assert (found.minutes, [session.minutes for session in found.sessions]) == (210, [120, 90])
    assert certificates.issue_hours(actor=actor, year=2026).minutes == 120


def test_the_coordinator_prints_for_guests_too(group):
    row, _actor = member(group, 5)
    found = certificates.issue_for(actor=world.lead(), registration_uid=row.uid)

    assert (found.minutes, found.name) == (90, row.display_name)
    assert certificates.is_valid(code=found.code)


def test_nobody_prints_for_others(group):
    row, _actor = member(group)
    stranger = world.actor(world.user())
    with pytest.raises(NotFound):
        certificates.issue_own(actor=stranger, round_uid=row.round.uid)
    with pytest.raises(NotFound):
        certificates.issue_for(actor=stranger, registration_uid=row.uid)


@pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA-AAAA", "x" * 500, "0OI1-0OI1-0OI1-0OI1", "' OR 1=1 --", "٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣"])
def test_any_other_text_is_no_code(code):
    assert not certificates.is_valid(code=code)


def test_the_check_page_tells_validity_and_nothing_else(group):
    row, actor = member(group)
    row.user.first_name, row.user.last_name = "Olena", "Kowalenko"
    row.user.save()
    code = certificates.issue_own(actor=actor, round_uid=row.round.uid).code
    client = Client()
    valid = client.get("/beratung/check/", {"code": code})
    unknown = client.get("/beratung/check/", {"code": "AAAA-AAAA-AAAA-AAAA"})

    for answer in (valid, unknown):
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        for secret in ("Kowalenko", "Servicestelle", "2025", "120", "Runde"):
            assert not re.search(rf"\b{secret}\b", answer.content.decode()), "as a word: the code itself may hold any signs"
    assert "This certificate is valid." in valid.content.decode()
    assert "This certificate is valid." not in unknown.content.decode()
    with time_machine.travel(dt.datetime(2030, 1, 1, tzinfo=dt.UTC), tick=False):
        assert [client.get("/beratung/check/", {"code": "AAAA"}, REMOTE_ADDR="10.0.0.9").status_code for _ in range(32)].count(429) >= 1


@pytest.mark.django_db
def test_the_check_page_works_without_a_cache_that_keeps_anything(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert Client().get("/beratung/check/", {"code": "AAAA-AAAA"}).status_code == 200


@pytest.mark.parametrize("name", ["Yusuf Aydın", "Małgorzata Nowak", "Олена Коваленко", "Нгуен Тхи Ыйъё"])
def test_the_page_holds_name_hours_and_code(group, tmp_path, name):
    row, actor = member(group)
    row.user.first_name, row.user.last_name = name.split(" ", 1)
    row.user.save()
    with translation.override("de"):
        found = certificates.issue_own(actor=actor, round_uid=row.round.uid)
        told = text_of(certificate_pdf(found, check_address="https://x.example/beratung/check/", language="de"), tmp_path)
    for part in (name, "Teilnahmebescheinigung", "2 Stunden (Online)", "Dienstag, 13. Mai 2025", "Katrin Sommer", found.code[:9]):
        assert part in told
    for secret in ("Person", "Runde", row.user.email):
        assert secret not in told


def places_of(pdf, tmp_path):
    """Word -> (left edge, right edge) on the page; words as they stand in the file."""
    path = tmp_path / "file.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-bbox", str(path), "-"], check=True, capture_output=True, text=True).stdout
    return {word: (float(left), float(right)) for left, right, word in re.findall(r'<word xMin="([0-9.]+)" yMin="[0-9.]+" xMax="([0-9.]+)" yMax="[0-9.]+">([^<]+)</word>', told)}


@pytest.mark.parametrize(("language", "mirrored"), [("ar", True), ("fa", True), ("de", False)])
def test_a_page_in_arabic_or_farsi_is_the_mirror_of_one_in_german(group, tmp_path, language, mirrored):
    row, actor = member(group)
    row.user.first_name, row.user.last_name = "Olena", "Kowalenko"
    row.user.save()
    with translation.override(language):
        found = certificates.issue_own(actor=actor, round_uid=row.round.uid)
        at = places_of(certificate_pdf(found, check_address="https://x.example/beratung/check/", language=language), tmp_path)
    margin, width = 56.7, 595.3  # 20 mm, A4
    firsts, begin = ("Servicestelle", "Olena", "Katrin", "Dienstag,"), lambda word: at[word][0]
    if mirrored:
        firsts, begin = ("Ehrenamt", "Kowalenko", "Sommer"), lambda word: width - at[word][1]
    assert [begin(word) for word in firsts] == pytest.approx([margin] * len(firsts), abs=4)
    hour, units = ("20:00", "2.7") if mirrored else ("Uhr", "2,7")
    assert begin(hour) < begin(units), "labels stand where lines begin, values after them"
    assert "https://x.example/beratung/check/" in at, "the address is whole"


def test_an_arabic_name_is_shaped_and_no_letter_is_missing(group, tmp_path):
    row, actor = member(group)
    row.user.first_name, row.user.last_name = "سميرة", "حداد"
    row.user.save()
    with translation.override("de"):
        found = certificates.issue_own(actor=actor, round_uid=row.round.uid)
        pdf = certificate_pdf(found, check_address="https://x.example/", language="de")
    path = tmp_path / "file.pdf"
    path.write_bytes(pdf)
    fonts = subprocess.run(["pdffonts", str(path)], check=True, capture_output=True, text=True).stdout
    assert "NotoSansArabicBold" in fonts
