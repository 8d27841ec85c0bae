"""The frame of the demo host: start page, personas, languages, Studio's doors, at both ends of the screen sizes."""

import contextlib
import shutil
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Demo, assert_axe_clean, login

PERSONAS = 14


def test_start_page_says_what_this_is_and_offers_every_persona(page):
    page.goto("/")

    assert page.get_by_role("heading", level=1).inner_text() == "Kollegiale Beratung ausprobieren"
    assert page.locator(".hero p").count() == 3
    assert page.locator("button[name=persona]").count() == PERSONAS
    assert page.locator(".next li").count() == 6


@pytest.mark.parametrize("language", ["de", "en", "ar"])
@pytest.mark.parametrize("width", [320, 1280])
def test_start_page_is_accessible_and_never_scrolls_sideways(new_page, language, width):
    page = new_page(width=width, language=language)
    page.goto("/")

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert_axe_clean(page)


def test_the_start_page_in_the_dark(new_page):
    page = new_page(color_scheme="dark")
    page.goto("/")

    assert_axe_clean(page)


def test_a_visitor_becomes_somebody_and_stops_being_them(page):
    login(page, "volunteer-2")
    assert page.locator(".who__name").inner_text().endswith("Yusuf Aydın")
    assert page.url.endswith("/learn/beratung/")

    page.locator(".who button").click()
    page.locator(".cards").wait_for()
    assert page.locator(".who__name").count() == 0


def test_a_stranger_is_sent_to_the_start_page(page, demo):
    for path in ("/learn/beratung/", "/studio/beratung/", "/studio/beratung/edit/", "/studio/beratung/olx/", "/mails/"):
        page.goto(path)
        assert page.url == f"{demo.url}/"


def test_nobody_but_a_persona_can_be_logged_in(page):
    page.goto("/")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post("/persona/", form={"persona": "admin", "csrfmiddlewaretoken": token})

    assert answer.status == 404


def test_a_form_without_the_token_is_refused(page):
    page.goto("/")
    answer = page.request.post("/persona/", form={"persona": "volunteer-1"})

    assert answer.status == 403


def test_the_language_stays_after_changing_the_person(page):
    page.goto("/")
    page.locator("#demo-language").select_option("en")
    page.locator(".lang button").click()
    page.get_by_role("heading", name="Try peer consultation").wait_for()

    login(page, "volunteer-3")
    page.locator(".who button").click()
    page.get_by_role("heading", name="Try peer consultation").wait_for()


def test_a_session_for_today_appears_and_tells_its_members(page, person):
    page.goto("/")
    page.get_by_role("button", name="Sitzung für heute anlegen").click()
    page.get_by_role("status").wait_for()

    member = person("volunteer-1")
    expect(member.get_by_role("button", name="Sitzung starten")).to_have_count(1)
    member.goto("/mails/")
    mails = member.locator(".mail")
    expect(mails.first).to_be_visible()
    assert set(mails.locator("summary bdi:first-of-type").all_inner_texts()) == {"volunteer-1@example.org"}


def test_a_second_session_for_today_takes_the_place_of_the_first(page, demo):
    demo.run("from beratung_xblock.demo import seed; seed.session_today()")
    states = "from beratung_xblock.models import Round; print(*Round.objects.filter(title__startswith=seed.TODAY).order_by('pk').values_list('state', flat=True))"
    seen = demo.run("from beratung_xblock.demo import seed; seed.session_today()\n" + states).split()

    assert seen[-2:] == ["cancelled", "published"]


def test_only_the_author_may_edit_in_studio(person):
    page = person("volunteer-1")
    page.goto("/studio/practice/")
    assert page.locator(".studio__actions .tool--strong").count() == 0

    author = person("author")
    author.goto("/studio/practice/")
    assert author.locator(".studio__actions .tool--strong").count() == 1


def test_olx_goes_out_and_comes_back(person):
    page = person("author")
    page.goto("/studio/beratung/olx/")
    exported = page.locator("#olx").input_value()
    assert exported.startswith("<beratung ")
    assert "volunteer" not in exported

    page.locator("#olx").fill('<beratung url_name="beratung" display_name="Fallrunde Süd"/>')
    page.locator(".olx button").click()
    page.get_by_role("status").wait_for()
    assert 'display_name="Fallrunde Süd"' in page.locator("#olx").input_value()

    page.locator("#olx").fill("<beratung")
    page.locator(".olx button").click()
    assert page.get_by_role("alert").inner_text().startswith("Das ließ sich nicht einlesen.")


def test_files_outside_the_public_folder_are_not_served(page, demo):
    for path in ("beratung_xblock/../crypto.py", "crypto.py", "beratung_xblock/nothing.css"):
        assert page.request.get(f"/xblock/resource/beratung/{path}").status == 404
    assert page.request.get("/xblock/resource/beratung/beratung_xblock/css/base.css").status == 200


def test_data_of_another_version_are_named_before_anything_is_served(tmp_path, prepared):
    host = Demo(tmp_path)
    shutil.copytree(prepared, tmp_path / "var")
    with contextlib.closing(sqlite3.connect(tmp_path / "var" / "demo.sqlite3")) as database:
        database.execute("ALTER TABLE beratung_xblock_slot DROP COLUMN dial_in")
    with pytest.raises(AssertionError, match=r"data are of another version .*dial_in.*make demo-reset"):
        host.prepare()
