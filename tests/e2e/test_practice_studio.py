"""The practice meeting in the hands of an author: what is set in Studio is what learners get."""

from beratung_xblock import practice_data
from tests.e2e.conftest import assert_axe_clean
from tests.e2e.practice_steps import BASIC, deeds, heading, no_sideways_scrolling, small_targets, use, wording


def test_the_author_changes_tasks_and_words_in_studio(person):
    page = person("author")
    page.goto("/studio/practice/edit/")
    form = page.locator(".kb-practice-studio")
    assert_axe_clean(page, within=".kb-practice-studio")
    form.locator("input[name=weight]").fill("viel")
    form.get_by_role("button", name="Übung speichern").click()
    page.locator("[data-field=weight] .kb-error").wait_for()
    assert page.locator("[data-field=weight] .kb-error").inner_text() == "Bitte geben Sie eine Zahl von 0 bis 1000 ein oder nichts."
    form.locator("input[name=weight]").fill("")
    form.locator("[data-task=S22] summary").click()
    form.locator("[data-task=S22] input[name=task]").uncheck()
    assert form.locator("input[name=choice][value=own]").is_checked(), "ticking tasks is an own choice"
    form.locator("[data-task=S22] input[name=task]").check()
    form.locator("[data-task=S22] [data-word=title]").fill("Auf Wiedersehen sagen")
    for task in BASIC[:-1]:
        form.locator(f"[data-task={task}]").evaluate("(part) => { part.querySelector('input[name=task]').checked = false; }")
    form.get_by_role("button", name="Übung speichern").click()
    page.wait_for_url("**/studio/practice/")
    learner = person("volunteer-9")
    learner.goto("/practice/")
    learner.locator("[data-do=begin]").click()
    assert heading(learner) == "Auf Wiedersehen sagen"
    use(learner, "leave")
    learner.locator("[data-do=next]").click()
    assert "1 von 1" in learner.locator(".kb-practice__progress").inner_text()


def test_the_further_part_in_both_variants(person):
    """Voluntary tasks: all of them work, each screen is clean, and skipping is possible."""
    author = person("author")
    author.goto("/studio/practice/edit/")
    author.locator("input[name=choice][value=all]").check()
    author.get_by_role("button", name="Übung speichern").click()
    author.wait_for_url("**/studio/practice/")
    for variant, width in (("computer", 1280), ("phone", 360)):
        page = person("volunteer-12", width=width)
        page.goto("/practice/")
        page.locator(f"[data-do='variant:{variant}']").click()
        page.locator(".kb-details summary").first.click()
        page.locator("[data-do='go:S14']").click()
        for task in practice_data.choose_tasks("further"):
            assert heading(page) == wording("de", variant)[task]["title"]
            assert page.locator(".kb-practice__task .kb-badge").inner_text() == "freiwillig"
            for act in deeds(task, variant):
                assert (task, act, no_sideways_scrolling(page), small_targets(page)) == (task, act, True, [])
                use(page, act)
            page.locator("[data-do=next]").wait_for()
            assert_axe_clean(page)
            page.locator("[data-do=next]").click()
        page.locator("[data-do=previous]").click()
        page.locator("[data-do=pass]").click()
        page.locator("[data-act=leave]").wait_for()
