"""The author in Studio: settings with messages at the field, the timeline, an own process, the preview."""

import pytest

from tests.e2e.conftest import assert_axe_clean

HERE = ".kb-root"


def editor(person, **more):
    page = person("author", **more)
    page.goto("/studio/beratung/edit/")
    page.locator(f"{HERE}[data-kb-started=ready]").wait_for()
    return page


def test_change_settings_with_a_message_at_the_field(person):
    page = editor(person)
    page.get_by_label("Länge einer Sitzung in Minuten").fill("abc")
    page.get_by_label("Titel").fill("Austausch im Ehrenamt")
    page.locator("summary", has_text="Gruppen").click()
    page.get_by_label("Größte Gruppe").fill("3")
    page.get_by_role("button", name="Einstellungen speichern").click()
    page.locator(".kb-errors").wait_for()
    assert page.locator(".kb-errors li").count() == 2
    assert page.get_by_label("Titel").input_value() == "Austausch im Ehrenamt"
    assert_axe_clean(page, within=HERE)
    page.locator(".kb-errors a", has_text="Größte Gruppe").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("7")
    page.get_by_label("Länge einer Sitzung in Minuten").fill("90")
    page.get_by_role("button", name="Einstellungen speichern").click()
    page.wait_for_url("**/studio/beratung/")
    facts = page.locator(".kb-facts").inner_text()
    assert "90 Minuten" in facts
    assert "4 bis 7 Personen" in facts
    assert page.get_by_role("heading", name="Austausch im Ehrenamt").is_visible()


def test_the_timeline_follows_the_process_and_an_own_one_can_be_made(person):
    page = editor(person)
    assert page.locator("[data-kb-timeline]:visible .kb-phases > li").count() == 6
    page.get_by_label("Ablauf", exact=True).select_option("troika")
    assert page.locator("[data-kb-timeline]:visible .kb-phases > li").count() == 5
    page.get_by_label("Ablauf", exact=True).select_option("own")
    page.get_by_label("Name des Ablaufs").fill("Unser Weg")
    for number, (name, minutes) in enumerate((("Ankommen", "5"), ("Erzählen", "10"), ("Ideen", "15")), start=1):
        page.get_by_label(f"Name von Phase {number}", exact=True).fill(name)
        page.get_by_label(f"Minuten von Phase {number}", exact=True).fill(minutes)
    assert page.locator("[data-kb-own-line] > li").count() == 3
    assert page.locator("[data-kb-own-row]:visible").count() == 3
    page.get_by_role("button", name="Phase hinzufügen").click()
    page.keyboard.type("Anfang")
    page.get_by_label("Minuten von Phase 4", exact=True).fill("2")
    page.locator("summary", has_text="Mehr zu Phase 4").click()
    page.locator("[data-kb-own-row]").nth(3).get_by_label("bis", exact=True).fill("6")
    for number in (4, 3, 2):  # the focus goes along, so that the same key moves it further
        page.get_by_role("button", name=f"Phase {number} nach oben").press("Enter")
    assert page.locator("[data-kb-own-line] .kb-phases__name").all_inner_texts() == ["Anfang", "Ankommen", "Erzählen", "Ideen"]
    assert page.locator("[name='own.0.high']").input_value() == "6"
    assert page.locator(":focus").inner_text() == "Phase 1 nach oben"
    assert_axe_clean(page, within=HERE)
    page.get_by_role("button", name="Einstellungen speichern").click()
    page.wait_for_url("**/studio/beratung/")
    assert page.locator(".kb-phases__name").all_inner_texts() == ["Anfang", "Ankommen", "Erzählen", "Ideen"]


def test_cancel_goes_back_without_saving(person):
    page = editor(person)
    page.get_by_label("Titel").fill("Wird nicht gespeichert")
    page.get_by_role("button", name="Abbrechen").click()
    page.wait_for_url("**/studio/beratung/")
    assert page.get_by_text("Wird nicht gespeichert").count() == 0


def test_volunteers_may_look_at_no_editor_that_saves(person):
    page = person("volunteer-3")
    page.goto("/studio/beratung/edit/")
    page.get_by_label("Titel").fill("Fremd")
    page.get_by_role("button", name="Einstellungen speichern").click()
    page.get_by_text("Nur Autorinnen und Autoren dieses Kurses können das ändern.").first.wait_for()


@pytest.mark.parametrize("language", ["de", "ar"])
def test_editor_and_preview_on_a_phone(person, language):
    page = person("author", width=320, language=language)
    for path in ("/studio/beratung/", "/studio/beratung/edit/"):
        page.goto(path)
        page.locator(HERE).wait_for()
        page.evaluate("document.querySelectorAll('.kb-root details').forEach((one) => { one.open = true; })")
        assert page.locator(HERE).evaluate("(root) => root.scrollWidth <= root.clientWidth")
        assert_axe_clean(page, within=HERE)


def test_the_platforms_rules_for_headings_change_nothing(person):
    """Written as the platform writes them, as far as they reach: a chain of five classes in Studio, a `header` on the learning side."""
    page = person("author")
    page.goto("/studio/beratung/")
    look = """() => [...document.querySelectorAll('.kb-root :is(h2, h3)')].map((one) => {
        const style = getComputedStyle(one);
        return [one.textContent.trim(), style.fontSize, style.fontWeight, style.marginInlineStart, style.marginBlockEnd];
    })"""
    before = page.evaluate(look)
    assert len(before) >= 3
    page.add_style_tag(content=f"""
        {HERE * 5} :is(h2, h3) {{ font-size: 30px; font-weight: 400; }}
        {HERE * 3} > div header {{ font-size: 24px; color: #767676; }}
        {HERE * 3} > div header h2 {{ font-size: 0.58em; margin: 30px 40px; }}
    """)
    assert page.evaluate(look) == before
