"""The volunteer's page in a browser: a whole sign-up, the case, what happens when things go wrong, and everybody's way of using it."""

import re

import pytest

from tests.e2e.conftest import assert_axe_clean

HERE = ".kb-root"
SITUATION = "Frau Yilmaz ruft mich jeden Abend an. Ihre Nummer ist 02331 123456. " + "Ich möchte das ändern und weiß nicht wie. " * 5


def fresh(demo, slug):
    """A persona without sign-up, undertaking and session; one round is open."""
    demo.run(
        f"""
from django.contrib.auth import get_user_model
from beratung_xblock.models import Case, Registration, UndertakingAcceptance
user = get_user_model().objects.get(username={slug!r})
Case.objects.filter(owner=user).delete()
Registration.objects.filter(user=user).delete()
UndertakingAcceptance.objects.filter(user=user).delete()
"""
    )


def ready(page):
    """Go to the unit and wait until the page listens."""
    page.goto("/learn/beratung/")
    page.locator(f"{HERE}[data-kb-started=ready]").wait_for()
    return page


def promise(page):
    page.get_by_label("Ich habe den Text gelesen").check()
    page.get_by_role("button", name="Zustimmen und weiter").click()
    page.get_by_role("heading", name="Anmelden", exact=True).wait_for()


def answer_dates(page, first="Ja", second="Wenn nötig"):
    for segment, word in zip(page.locator(".kb-segment").all(), (first, second), strict=False):
        segment.get_by_role("radio", name=word).check()


def sign_up(page):
    promise(page)
    answer_dates(page)
    page.get_by_role("button", name="Weiter zum Prüfen").click()
    page.get_by_role("button", name="Anmeldung senden").click()
    page.get_by_role("heading", name="Sie sind angemeldet").wait_for()


def test_from_the_promise_to_a_submitted_case(demo, person):
    fresh(demo, "volunteer-8")
    page = ready(person("volunteer-8"))
    page.get_by_role("button", name="Zustimmen und weiter").click()
    page.get_by_text("Bitte setzen Sie das Häkchen").wait_for()
    promise(page)

    page.get_by_label("Ihr Name in der Gruppe").fill("")
    page.get_by_role("button", name="Weiter zum Prüfen").click()
    page.locator(".kb-errors").wait_for()
    page.wait_for_function("document.activeElement.classList.contains('kb-errors')")
    page.locator(".kb-errors a", has_text="Ihr Name in der Gruppe").click()
    page.keyboard.type("Gosia <b>🙂")
    answer_dates(page)
    page.get_by_label("Ich möchte einen Fall einbringen").check()
    page.get_by_role("button", name="Weiter zum Prüfen").click()
    page.get_by_role("heading", name="Stimmt alles?").wait_for()
    assert page.get_by_text("Gosia <b>🙂").is_visible()
    page.get_by_role("button", name="Etwas ändern").click()
    assert page.get_by_label("Ihr Name in der Gruppe").input_value() == "Gosia <b>🙂"
    page.get_by_role("button", name="Weiter zum Prüfen").click()
    page.get_by_role("button", name="Anmeldung senden").click()
    page.get_by_role("heading", name="Sie sind angemeldet").wait_for()
    page.locator(".kb-live", has_text="Ihre Anmeldung ist angekommen").wait_for(state="attached")

    page.get_by_role("button", name="Fall aufschreiben").click()
    page.locator("input[name=title]").fill("Nachrichten bis spät")
    page.locator("textarea[name=situation]").fill(SITUATION)
    page.get_by_text("Gespeichert. Nur Sie können den Text lesen.").wait_for()
    page.locator(".kb-hints mark", has_text="Frau Yilmaz").wait_for()
    page.get_by_role("button", name="Ersetzen: Frau Yilmaz").click()
    assert "Yilmaz" not in page.locator("textarea[name=situation]").input_value()
    page.locator("textarea[name=key_question]").fill("Wie sage ich freundlich Nein?")
    page.get_by_role("button", name="Prüfen und einreichen").click()
    page.get_by_text("Geht es um eines davon?").wait_for()
    for question in page.locator(".kb-segment--two").all():
        question.get_by_role("radio", name="Nein").check()
    page.get_by_role("button", name="Fall einreichen").click()
    page.get_by_text("Bitte ersetzen Sie diese Stellen.").wait_for()
    page.get_by_role("button", name="Ersetzen").click()
    page.locator("mark", has_text="02331").wait_for(state="detached")
    page.get_by_role("button", name="Fall einreichen").click()
    page.get_by_text("Diesen Fall können gerade sehen").wait_for()
    assert "Die Koordination sieht Titel und Dringlichkeit." in page.locator(".kb-visible-to").inner_text()
    page.get_by_role("button", name="Fall zurückziehen").click()
    page.get_by_role("button", name="Weiterschreiben").wait_for()
    assert page.locator(".kb-visible-to strong").inner_text() == "nur Sie"
    stored = page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert not [word for word in ("Gosia", "Nachrichten", "Abend", "freundlich") if word in stored]


def test_a_topic_of_the_checklist_shows_help_and_submits_nothing(demo, person):
    fresh(demo, "volunteer-9")
    page = ready(person("volunteer-9"))
    sign_up(page)
    page.get_by_role("button", name="Fall aufschreiben").click()
    page.locator("input[name=title]").fill("Sorge um ein Kind")
    page.locator("textarea[name=situation]").fill("Ich mache mir Sorgen um ein Kind in der Familie. " * 6)
    page.locator("textarea[name=key_question]").fill("Was soll ich tun?")
    page.get_by_role("button", name="Prüfen und einreichen").click()
    page.get_by_text("Geht es um eines davon?").wait_for()
    for question in page.locator(".kb-segment--two").all():
        question.get_by_role("radio", name="Nein").check()
    page.locator(".kb-segment--two").first.get_by_role("radio", name="Ja").check()
    page.get_by_role("button", name="Fall einreichen").click()
    page.get_by_text("Das klingt danach, dass ein Kind Schutz braucht.").wait_for()
    assert_axe_clean(page, within=HERE)
    page.get_by_role("button", name="Zurück zu meinem Text").click()
    assert page.locator("input[name=title]").input_value() == "Sorge um ein Kind"


def test_only_the_keyboard(demo, person):
    fresh(demo, "volunteer-10")
    page = ready(person("volunteer-10"))
    page.get_by_label("Ich habe den Text gelesen").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Anmelden", exact=True).wait_for()
    page.locator(".kb-segment").first.get_by_role("radio", name="Nein").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".kb-segment").first.get_by_role("radio", name="Ja").is_checked()
    outline = page.locator(".kb-segment").first.locator("label").first.locator("span").evaluate("(box) => getComputedStyle(box).outlineStyle")
    assert outline == "solid"
    page.get_by_role("button", name="Weiter zum Prüfen").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Stimmt alles?").wait_for()


def test_a_click_before_the_modules_are_there_is_not_lost(demo, person):
    fresh(demo, "volunteer-11")
    page = person("volunteer-11")
    page.route(re.compile(r"htmx\.esm"), lambda route: (page.wait_for_timeout(800), route.continue_()))
    page.goto("/learn/beratung/", wait_until="commit")
    page.get_by_label("Ich habe den Text gelesen").check()
    page.get_by_role("button", name="Zustimmen und weiter").click()
    page.get_by_role("heading", name="Anmelden", exact=True).wait_for()


def test_a_new_page_listens_from_the_moment_it_is_there(demo, person):
    fresh(demo, "volunteer-11")
    page = ready(person("volunteer-11"))
    page.evaluate(  # looks, and presses, in the very turn in which the form appears
        """() => new MutationObserver((_changes, watch) => {
          const form = document.querySelector(".kb-segment")?.closest("form");
          if (!form) { return; }
          watch.disconnect();
          document.body.dataset.seen = document.activeElement.textContent;
          form.querySelector("button[type=submit]").click();
        }).observe(document.body, {childList: true, subtree: true})"""
    )
    page.get_by_label("Ich habe den Text gelesen").check()
    page.get_by_role("button", name="Zustimmen und weiter").click()
    page.locator(".kb-errors").wait_for()
    assert page.locator("body").get_attribute("data-seen") == "Anmelden"
    assert page.url.endswith("/learn/beratung/"), "the form was sent by us, not by the browser in the address"


def test_lost_connection_keeps_what_is_typed(demo, person):
    fresh(demo, "volunteer-12")
    page = ready(person("volunteer-12"))
    sign_up(page)
    page.get_by_role("button", name="Fall aufschreiben").click()
    page.locator("input[name=title]").wait_for()
    page.context.set_offline(True)
    page.locator("input[name=title]").fill("Ohne Netz geschrieben")
    page.get_by_text("Noch nicht gespeichert.").wait_for()
    page.get_by_role("button", name="Prüfen und einreichen").click()
    page.get_by_text("Die Verbindung ist weg.").first.wait_for()
    assert page.locator("input[name=title]").input_value() == "Ohne Netz geschrieben"
    page.context.set_offline(False)
    page.get_by_text("Gespeichert. Nur Sie können den Text lesen.").wait_for()
    page.goto("/learn/beratung/")
    assert page.get_by_text("Ohne Netz geschrieben").is_visible()


def test_two_windows(demo, person):
    fresh(demo, "volunteer-12")
    page = ready(person("volunteer-12"))
    sign_up(page)
    other = page.context.new_page()
    ready(other)
    other.get_by_role("button", name="Ihre Anmeldung").or_(other.locator("summary", has_text="Ihre Anmeldung")).click()
    page.locator("summary", has_text="Ich kann nicht kommen").click()
    page.get_by_role("button", name="Ich möchte absagen").click()
    page.get_by_role("button", name="Anmeldung absagen").click()
    page.locator(".kb-notice", has_text="Ihre Anmeldung ist abgesagt.").wait_for()
    other.get_by_role("button", name="Fall aufschreiben").click()
    other.get_by_text("Ihre Anmeldung wurde inzwischen abgesagt.").first.wait_for()


def test_leaving_with_unsaved_input_warns(demo, person):
    fresh(demo, "volunteer-11")
    page = ready(person("volunteer-11"))
    promise(page)
    page.get_by_label("Ihr Name in der Gruppe").fill("Claudia")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/learn/beratung/")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("language", ["de", "en", "ar"])
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_every_screen_of_the_sign_up_is_accessible_and_never_scrolls_sideways(demo, person, language, width, scheme):
    fresh(demo, "volunteer-7")
    page = ready(person("volunteer-7", width=width, language=language, color_scheme=scheme))

    def good():
        page.evaluate("document.querySelectorAll('.kb-root details').forEach((one) => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        small = page.evaluate(
            """() => [...document.querySelectorAll('.kb-root .kb-button, .kb-root summary, .kb-root .kb-check, .kb-root .kb-input, .kb-root .kb-tel')]
                 .filter((box) => box.getClientRects().length && box.getBoundingClientRect().height < 43.5).map((box) => box.outerHTML.slice(0, 80))"""
        )
        assert small == []
        assert page.locator(HERE).evaluate("(root) => parseFloat(getComputedStyle(root).fontSize)") >= 18
        assert_axe_clean(page, within=HERE)

    good()
    page.locator("[name=accept]").check()
    page.locator("form[hx-post*=accept_undertaking] button").click()
    page.locator("[name=display_name]").wait_for()
    good()
    page.locator("[name=display_name]").fill("")
    page.locator("form[hx-post*=review_signup] button[type=submit]").click()
    page.locator(".kb-errors").wait_for()
    good()
    page.locator("[name=display_name]").fill("Werner")
    page.locator(".kb-segment input[value=yes]").first.check()
    page.locator("form[hx-post*=review_signup] button[type=submit]").click()
    page.locator("form[hx-post*=submit_signup]").wait_for()
    good()
    page.locator("form[hx-post*=submit_signup] .kb-button--primary").click()
    page.locator("form[hx-post*=write_case] button").click()
    page.locator("[name=situation]").wait_for()
    good()


def test_zoom_to_200_percent_and_big_browser_text(demo, person):
    fresh(demo, "volunteer-7")
    page = ready(person("volunteer-7", width=640, height=480))
    page.add_style_tag(content="html { font-size: 32px !important; }")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator(HERE).evaluate("(root) => parseFloat(getComputedStyle(root).fontSize)") == 36
