"""The practice meeting in a browser: three learners finish the basic part, and what can happen on the way."""

import pytest

from tests.e2e.conftest import CHROMIUM, assert_axe_clean, login
from tests.e2e.practice_steps import (
    BASIC,
    DEEDS,
    deeds,
    heading,
    no_sideways_scrolling,
    open_practice,
    recorded_completion,
    small_targets,
    small_text,
    tab_to,
    use,
    use_by_keyboard,
    wait_until_seen,
    wording,
)


def test_a_learner_with_the_keyboard_alone_finishes_the_basic_part(new_page, demo):
    page = new_page(reduced_motion="reduce")
    open_practice(page, "volunteer-1")
    assert_axe_clean(page)
    tab_to(page, "[data-do='variant:computer']")
    page.keyboard.press("Enter")
    tab_to(page, "[data-do=begin]")
    page.keyboard.press("Enter")
    for task in BASIC:
        assert heading(page) == wording("de")[task]["title"]
        assert page.evaluate("document.activeElement.tagName") == "H3", "a new step starts at its heading"
        assert_axe_clean(page)
        for act in DEEDS[task]:
            use_by_keyboard(page, act)
            assert page.evaluate("document.activeElement !== document.body"), f"{task}: the focus is lost after {act}"
        page.locator(".kb-notice--ok").wait_for()
        assert wording("de")[task]["success"] in page.get_by_role("status").first.inner_text()
        assert_axe_clean(page)
        tab_to(page, "[data-do=next]")
        page.keyboard.press("Enter")
    assert page.locator(".kb-practice h3").first.inner_text() == "Sie haben alles geschafft!"
    assert "14 von 14 Schritten geschafft" in page.locator(".kb-practice__progress").inner_text()
    assert_axe_clean(page)
    assert recorded_completion(demo, "volunteer-1") == [1.0]


@pytest.mark.parametrize(("language", "slug", "width"), [("de", "volunteer-2", 360), ("ar", "volunteer-3", 320), ("ar", "volunteer-4", 1280)])
def test_learners_on_a_phone_and_from_right_to_left_finish_the_basic_part(new_page, demo, language, slug, width):
    touch = {"has_touch": True, "is_mobile": True} if width < 400 else {}
    page = new_page(width=width, height=740, language=language, **touch)
    open_practice(page, slug)
    expected = "computer" if width > 640 else "phone"
    assert page.locator(f"[data-do='variant:{expected}']").get_attribute("aria-pressed") == "true"
    page.locator("[data-do=begin]").click()
    for task in BASIC:
        assert heading(page) == wording(language, expected)[task]["title"]
        wait_until_seen(page, ".kb-practice__task h3")
        assert page.locator(".kb-practice__stage").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        for act in deeds(task, expected):
            assert (task, act, no_sideways_scrolling(page), small_targets(page), small_text(page)) == (task, act, True, [], [])
            use(page, act)
        page.locator("[data-do=next]").wait_for()
        wait_until_seen(page, ".kb-practice__coach .kb-notice--ok")
        assert no_sideways_scrolling(page)
        assert_axe_clean(page)
        page.locator("[data-do=next]").click()
    page.locator("[data-do=refresher]").wait_for()
    assert recorded_completion(demo, slug) == [1.0]


def test_progress_is_there_after_a_reload_and_on_another_device(new_page, person):
    page = new_page()
    open_practice(page, "volunteer-5")
    page.locator("[data-do=begin]").click()
    with page.expect_response("**/save_progress*"):
        for act in DEEDS["S01"]:
            use(page, act)
    page.locator("[data-do=next]").click()
    with page.expect_response("**/save_progress*"):
        use(page, "choose:browser")
    page.reload()
    assert "2 von 14" in page.locator(".kb-practice__progress").inner_text()
    page.locator("[data-do=begin]").click()
    assert heading(page) == "Mikrofon und Kamera erlauben"
    phone = person("volunteer-5", width=360)
    phone.goto("/practice/")
    assert "2 von 14" in phone.locator(".kb-practice__progress").inner_text()


def test_inside_the_learning_page_the_frame_asks_to_be_scrolled(new_page):
    """The learning page shows a unit in a frame as high as its content; only the page around it can scroll."""
    page = new_page(width=360, height=700)
    open_practice(page, "volunteer-11")
    address = page.locator(".xblock[data-usage], [data-usage]").first.get_attribute("data-usage")
    page.goto("/")
    page.evaluate(
        """(address) => {
          window.offsets = [];
          window.addEventListener("message", (event) => { if (event.data.offset) window.offsets.push(event.data.offset); });
          document.body.innerHTML = `<iframe id="unit" style="width: 340px; height: 3000px" src="/xblock/${encodeURIComponent(address)}"></iframe>`;
        }""",
        address,
    )
    frame = page.frame_locator("#unit")
    frame.locator("[data-do=begin]").click()
    for act in DEEDS["S01"]:
        frame.locator(f"[data-act='{act}']").click()
    frame.locator("[data-do=next]").scroll_into_view_if_needed()
    page.evaluate("window.offsets.length = 0; window.scrollTo(0, 2400)")
    frame.locator("[data-do=next]").evaluate("(button) => button.click()")
    page.wait_for_function("window.offsets.length > 0")
    assert 0 < page.evaluate("window.offsets[0]") < 700


def test_a_lost_connection_is_told_and_healed(new_page, demo):
    page = new_page()
    open_practice(page, "volunteer-6")
    page.route("**/save_progress*", lambda route: route.abort())
    page.locator("[data-do=begin]").click()
    for act in DEEDS["S01"]:
        use(page, act)
    page.get_by_text("Ihr Fortschritt ist noch nicht gespeichert.").wait_for()
    assert recorded_completion(demo, "volunteer-6") == []
    page.unroute("**/save_progress*")
    page.locator("[data-do=save]").click()
    page.get_by_text("Ihr Fortschritt ist noch nicht gespeichert.").wait_for(state="detached")
    assert recorded_completion(demo, "volunteer-6") == [pytest.approx(1 / 14)]


def test_help_comes_in_three_tips_and_then_shows_each_step(new_page):
    page = new_page()
    open_practice(page, "volunteer-7")
    page.locator("[data-do=begin]").click()
    hints = wording("de")["S01"]["hints"]
    tab_to(page, "[data-do=tip]")
    for number in (1, 2, 3):
        page.keyboard.press("Enter")
        assert page.locator(".kb-practice__tips li").all_inner_texts() == hints[:number]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.do") == "perform", "the help button keeps the focus while it changes"
    assert page.locator("[data-here]").get_attribute("data-act") == "mail:today"
    assert page.locator(".kb-practice__live strong").inner_text() == "Einladung: Kollegiale Beratung"
    page.locator("[data-do=perform]").click()
    assert page.locator("[data-here]").get_attribute("data-act") == "link"
    page.locator("[data-do=perform]").click()
    page.locator("[data-do=next]").wait_for()
    page.locator("[data-do=again]").click()
    assert page.locator("[data-act='mail:today']").count() == 1


def test_a_mistake_is_answered_in_kind_words_and_without_a_score(new_page):
    page = new_page()
    open_practice(page, "volunteer-7")
    page.locator(".kb-details summary").first.click()
    page.locator("[data-do='go:S09']").click()
    use(page, "say:hello")
    assert wording("de")["S09"]["mistakes"]["muted"] in page.get_by_role("status").first.inner_text()
    assert_axe_clean(page)
    text = page.locator(".kb-practice").inner_text().lower()
    for word in ("falsch", "fehler", "punkte", "✗", "✘", "sekunden"):
        assert word not in text


def test_the_lobby_lets_people_in_by_itself(new_page):
    page = new_page()
    open_practice(page, "volunteer-7")
    page.locator(".kb-details summary").first.click()
    page.locator("[data-do='go:S08']").click()
    page.locator("[data-act=skip]").focus()
    page.clock.install()
    page.locator("[data-do=again]").click()
    page.clock.run_for(7_900)
    assert page.locator("[data-act=skip]").count() == 1
    page.clock.run_for(200)
    page.get_by_text("Sie sind eingelassen worden.").wait_for()


def test_screens_in_the_dark_and_with_forced_colours_stay_readable(new_page):
    for look in ({"color_scheme": "dark"}, {"forced_colors": "active"}, {"color_scheme": "dark", "contrast": "more"}):
        page = new_page(**look)
        open_practice(page, "volunteer-8")
        assert_axe_clean(page)
        page.locator(".kb-details summary").first.click()
        page.locator("[data-do='go:S12']").click()
        assert_axe_clean(page)
        page.locator("[data-do=tip]").click()
        use(page, "say:question")
        assert_axe_clean(page)


def test_first_interaction_comes_within_a_second_on_a_slow_machine(new_page):
    page = new_page()
    login(page, "volunteer-8")
    page.goto("/practice/")
    throttle = page.context.new_cdp_session(page)
    throttle.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(
        """new MutationObserver(() => { if (!window.kbReady && document.querySelector("[data-do=begin]")) window.kbReady = performance.now(); })
          .observe(document, {childList: true, subtree: true});"""
    )
    times = []
    for _ in range(6):  # other work of the machine only ever makes it slower: one good time shows what the page needs
        page.reload()
        page.locator("[data-do=begin]").wait_for()
        answered = page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd")
        times.append(page.evaluate("window.kbReady") - answered)
        if times[-1] < 1000:
            break
    assert min(times) < 1000, times


@pytest.fixture(scope="module")
def device_browser(browser):
    """A Chromium with a made-up microphone and camera."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--use-fake-device-for-media-stream"]
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=arguments)
    yield chromium
    chromium.close()


RECORD = """
  window.tracks = []; window.asked = 0;
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wish) => {
    window.asked += 1;
    return real(wish).then((stream) => { window.tracks.push(...stream.getTracks()); return stream; });
  };
"""


@pytest.fixture
def device_page(device_browser, demo):
    contexts = []

    def make(*permissions):
        context = device_browser.new_context(base_url=demo.url, locale="de", permissions=list(permissions))
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(RECORD)
        open_practice(page, "volunteer-10")
        return page

    yield make
    for context in contexts:
        context.close()


def test_the_device_check_is_real_asks_late_and_switches_everything_off(device_page):
    page = device_page("microphone", "camera")
    page.locator(".kb-practice__devices summary").first.click()
    page.locator("[data-device=mic]").wait_for()
    assert page.evaluate("window.asked") == 0, "nothing is asked before the click"
    page.locator("[data-device=mic]").click()
    page.locator("meter").wait_for()
    page.wait_for_function("document.querySelector('meter').value > 0")
    assert_axe_clean(page, within=".kb-practice__devices")
    page.locator("[data-device=stop]").click()
    page.get_by_text("Mikrofon und Kamera sind aus.").wait_for()
    page.locator("[data-device=cam]").click()
    page.wait_for_function("document.querySelector('video')?.videoWidth > 0")
    page.locator(".kb-practice__devices summary").first.click()
    page.wait_for_function("window.tracks.length === 2 && window.tracks.every((track) => track.readyState === 'ended')")


def test_a_blocked_device_is_explained_for_this_browser_first(device_page):
    page = device_page()
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }")
    page.locator(".kb-practice__devices summary").first.click()
    page.locator("[data-device=mic]").click()
    page.get_by_text("Der Zugriff ist gesperrt. Das lässt sich ändern.").wait_for()
    problem = page.locator(".kb-practice__devices .kb-notice--warn")
    assert problem.locator("strong").first.inner_text() == "Chrome am Computer"
    assert problem.locator("details strong").all_text_contents() == [
        "Edge am Computer",
        "Firefox am Computer",
        "Safari am Mac",
        "Handy oder Tablet mit Android",
        "iPhone oder iPad",
    ]
    assert_axe_clean(page, within=".kb-practice__devices")


def test_each_failure_of_a_device_is_explained_and_the_test_tone_sounds(device_page):
    page = device_page()
    page.locator(".kb-practice__devices summary").first.click()
    page.locator("[data-device=tone]").click()
    page.get_by_text("Der Ton ist abgespielt.").wait_for()
    assert page.evaluate("window.asked") == 0, "a tone needs no permission"
    problem = page.locator(".kb-practice__devices .kb-notice--warn")
    failures = {
        "NotFoundError": "Wir finden kein solches Gerät.",
        "NotReadableError": "Ein anderes Programm benutzt das Gerät gerade.",
        "TypeError": "Dieser Browser lässt die Prüfung hier nicht zu.",
    }
    for device, (name, sentence) in zip(("mic", "cam", "mic"), failures.items(), strict=True):
        page.evaluate("(name) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', name)); }", name)
        page.locator(f"[data-device={device}]").click()
        problem.get_by_text(sentence).wait_for()
        assert problem.locator("strong").first.inner_text() == "Chrome am Computer"
        assert problem.locator("ol").count() == 6, "one way for each browser"
        assert page.evaluate("document.activeElement !== document.body"), "the focus stays where it was"


def test_the_exercise_itself_never_asks_for_a_device(device_page):
    page = device_page("microphone", "camera")
    page.locator(".kb-details summary").first.click()
    page.locator("[data-do='go:S03']").click()
    for act in DEEDS["S03"]:
        use(page, act)
    page.locator("[data-do=next]").wait_for()
    assert page.evaluate("window.asked") == 0
