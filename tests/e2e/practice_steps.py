"""What learners do in the practice meeting, and what is looked at on the way."""

import json

from beratung_xblock import practice_data
from tests.e2e.conftest import login

BASIC = practice_data.basic_tasks()
# What a learner does in each task, without any help; text goes into the field of the control before it is sent.
DEEDS = {
    "S01": ["mail:today", "link"],
    "S02": ["choose:browser"],
    "S03": ["permit:block", "site", "site_mic", "site_cam", "reload"],
    "S04": ["name"],
    "S05": ["panel:devices", "micdev:headset", "spkdev:headset", "tone", "heard"],
    "S06": ["cam", "panel:background", "bg:blur"],
    "S07": ["mic", "join"],
    "S08": ["skip"],
    "S09": ["mic", "say:hello"],
    "S10": ["mic"],
    "S11": ["hand"],
    "S12": ["mic", "say:question", "hand", "mic"],
    "S13": ["panel:chat", "chat"],
    "S14": ["panel:people", "person:guest", "report"],
    "S15": ["panel:more", "panel:language", "captions"],
    "S16": ["room:2", "back_main"],
    "S17": ["panel:share", "panel:windows", "share:leaflet", "stop"],
    "S18": ["second"],
    "S19": ["cover"],
    "S20": ["cam", "mic"],
    "S21": ["panel:chat", "answer:no"],
    "S22": ["leave"],
}
TEXTS = {"name": "Maria S.", "chat": "Feste Zeiten könnten helfen."}


def wording(language, variant="computer"):
    """The words of each task, on the phone with those of the phone laid over them."""
    tasks = practice_data.texts(language)["tasks"]
    return {task: {**words, **(words.get("phone", {}) if variant == "phone" else {})} for task, words in tasks.items()}


def deeds(task, variant="computer"):
    """What a learner does on this device: the phone joins in the app and keeps people and sharing behind "More"."""
    if variant == "computer":
        return DEEDS[task]
    return {"S02": ["choose:app"], "S14": ["panel:more", *DEEDS["S14"]], "S17": ["panel:more", *DEEDS["S17"]]}.get(task, DEEDS[task])


def heading(page):
    return page.locator(".kb-practice__task h3").inner_text()


def no_sideways_scrolling(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def small_targets(page):
    """Visible controls of the exercise that are smaller than 44 by 44 pixels."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".kb-practice :is(button, input, summary)")].filter((one) => one.getClientRects().length)
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.width < 43.5 || box.height < 43.5).map(([html]) => html)"""
    )


def small_text(page):
    """Texts of the exercise drawn smaller than 16 px, or than 18 px in an instruction or answer."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".kb-practice__task h3, .kb-practice__instruction, .kb-practice__live p, .kb-p-b, .kb-p-said, .kb-p-tile__name")]
          .filter((one) => one.getClientRects().length && parseFloat(getComputedStyle(one).fontSize) < 18).map((one) => one.className)"""
    )


def recorded_completion(demo, slug):
    code = (
        "from completion.models import BlockCompletion\n"
        f"rows = BlockCompletion.objects.filter(user__username='{slug}', block_type='teams_practice')\n"
        "print([row.completion for row in rows])"
    )
    return json.loads(demo.run(code))


def use(page, act):
    """Operate one control of the drawn meeting with the pointer."""
    control = page.locator(f"[data-act='{act}']")
    if act in TEXTS:
        control.locator("input").fill(TEXTS[act])
        control.locator("button").click()
    else:
        control.click()


def tab_to(page, selector, limit=80):
    """Press Tab until the wanted element has the focus."""
    for _ in range(limit):
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def use_by_keyboard(page, act):
    if act in TEXTS:
        tab_to(page, f"form[data-act='{act}'] input")
        page.keyboard.type(TEXTS[act])
    else:
        tab_to(page, f"button[data-act='{act}']")
    page.keyboard.press("Enter")


def wait_until_seen(page, selector):
    """Wait until the whole of an element lies inside the window."""
    page.wait_for_function(
        """(wanted) => { const box = document.querySelector(wanted)?.getBoundingClientRect(); return box && box.top >= 0 && box.bottom <= innerHeight; }""",
        arg=selector,
    )


def open_practice(page, slug):
    login(page, slug)
    page.goto("/practice/")
    page.locator("[data-do=begin]").wait_for()
