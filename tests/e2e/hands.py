"""Two ways to work the desk: by keyboard alone, and by touch. Both count what is pressed and typed."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

MOST_TABS = 260


def settled(page: Page) -> None:
    """Wait until the page listens (what was pressed before is done then), htmx has answered and put the answer in."""
    page.wait_for_function(
        """() => [...document.querySelectorAll('.kb-root:not(.kb-practice)')].every((root) => root.dataset.kbStarted === 'ready')
             && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"""
    )


class Hands:
    """What both have in common."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0
        self.typed = 0

    def press(self, target: Locator) -> None:
        """Press a button or open a fold, and wait for the answer. A touch becomes a click a moment later."""
        self.presses += 1
        self.page.evaluate("() => { window.kbPressed = false; addEventListener('click', () => { window.kbPressed = true; }, { capture: true, once: true }); }")
        self._press(target)
        self.page.wait_for_function("window.kbPressed")
        settled(self.page)

    def section(self, name: str) -> None:
        """Open a tab of the desk."""
        tab = self.page.locator(f".kb-tabs form:has(input[name=section][value={name}]) button")
        self.press(tab)
        self.page.locator(f".kb-tabs form:has(input[name=section][value={name}]) button[aria-current=page]").wait_for()

    def _press(self, target: Locator) -> None:
        raise NotImplementedError

    def type(self, target: Locator, text: str) -> None:
        """Fill a field of text."""
        raise NotImplementedError

    def day(self, target: Locator, day: str, clock: str = "") -> None:
        """Fill a field for a day (2031-04-08), with `clock` (12:00) also the time."""
        raise NotImplementedError

    def choose(self, target: Locator, value: str) -> None:
        """Pick an option of a menu."""
        raise NotImplementedError


class Keyboard(Hands):
    """Tab, Enter, arrows and letters; nothing else."""

    def reach(self, target: Locator) -> None:
        """Go to an element with Tab, as somebody without a mouse does."""
        target.wait_for()
        handle = target.element_handle()
        for _number in range(MOST_TABS):
            if self.page.evaluate("(wanted) => document.activeElement === wanted", handle):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached with Tab")

    def _press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def type(self, target: Locator, text: str) -> None:
        self.typed += 1
        self.reach(target)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def day(self, target: Locator, day: str, clock: str = "") -> None:
        self.typed += 1
        self.reach(target)
        year, month, number = day.split("-")
        # The parts stand in the order of the browser's own language, which is American here, not of the page's.
        self.page.keyboard.type(f"{month}{number}{year}")
        if clock:
            hour, minute = clock.split(":")
            self.page.keyboard.press("ArrowRight")  # a year may have six digits
            self.page.keyboard.type(f"{(int(hour) + 11) % 12 + 1:02}{minute}{'PM' if int(hour) >= 12 else 'AM'}")
        assert target.input_value() == (f"{day}T{clock}" if clock else day)

    def choose(self, target: Locator, value: str) -> None:
        self.reach(target)
        self.page.keyboard.press("Home")
        for _number in range(80):
            if target.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{value} cannot be chosen with the arrows")


class Fingers(Hands):
    """Touch on a tablet."""

    def _press(self, target: Locator) -> None:
        target.tap()

    def type(self, target: Locator, text: str) -> None:
        self.typed += 1
        target.tap()
        target.fill(text)

    def day(self, target: Locator, day: str, clock: str = "") -> None:
        self.typed += 1
        target.tap()
        target.fill(f"{day}T{clock}" if clock else day)

    def choose(self, target: Locator, value: str) -> None:
        target.tap()
        target.select_option(value)
