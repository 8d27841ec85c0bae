"""Scenes of the chapters "Willkommen" and "Gut vorbereitet"."""

from __future__ import annotations

from .parts import ACCENT, INK, MARK, PAPER, SOFT, WARM, Canvas


def _welcome(c: Canvas) -> None:
    c.bubble(20, 12, 134, 40, 78)
    c.text(87, 37, c.t("hello"), 15, anchor="middle", bold=True)
    c.person(75, 92, 1.1, 0)
    c.person(245, 92, 1.1, 1)
    c.laptop(128, 96, 68, 48)
    c.icon("smile", 162, 120, 30, ACCENT)
    c.path("M16 172h288", INK, width=4)


def _course_pages(c: Canvas, forward: bool = True) -> None:
    c.window(24, 14, 272, 172, c.t("course"))
    c.lines(44, 58, 230, 4, 14)
    c.button(40, 144, c.t("back"), "plain" if forward else "primary", w=100)
    c.button(180, 144, c.t("next"), "primary" if forward else "plain", w=100)
    c.frame(174 if forward else 34, 138, 112, 40)


def _course_back(c: Canvas) -> None:
    _course_pages(c, forward=False)


def _two_ways(c: Canvas) -> None:
    c.path("M160 190v-50c0-30-50-30-75-52", SOFT, width=26)
    c.path("M160 190v-50c0-30 50-30 75-52", SOFT, width=26)
    c.path("M160 186v-46c0-30-50-30-75-52", PAPER, width=3, dash="8 8")
    c.path("M160 186v-46c0-30 50-30 75-52", PAPER, width=3, dash="8 8")
    c.rect(10, 22, 142, 52, PAPER, ACCENT, 8, 3)
    c.text(81, 44, c.t("quick"), 15, ACCENT, "middle", True)
    c.text(81, 63, c.t("quick-time"), 14, INK, "middle")
    c.rect(168, 22, 142, 52, PAPER, INK, 8, 3)
    c.text(239, 44, c.t("steps"), 15, INK, "middle", True)
    c.text(239, 63, c.t("steps-time"), 14, INK, "middle")


def _rooms(c: Canvas) -> None:
    for i, key in enumerate(("door", "anteroom", "waiting", "circle")):
        x = 8 + i * 77
        c.rect(x, 36, 73, 116, PAPER, INK, 4)
        c.badge(x + 36, 24, i + 1)
        c.text(x + 36, 174, c.t(key), 13, INK, "middle", True)
    c.rect(26, 62, 38, 90, WARM, INK, 2)
    c.circle(56, 108, 3, INK)
    c.icon("mic", 122, 84, 26)
    c.icon("cam", 122, 120, 26)
    c.icon("clock", 198, 90, 30)
    c.rect(182, 122, 34, 10, SOFT, INK, 2)
    c.path("M186 132v14M212 132v14", INK)
    for x, y in ((258, 74), (296, 74), (252, 110), (302, 110), (277, 132)):
        c.circle(x - 1, y, 8, ACCENT)


def _devices(c: Canvas) -> None:
    c.laptop(26, 56, 106, 70)
    c.mobile(174, 46, 66, 94)
    c.mobile(264, 66, 38, 74)
    for x, y, s in ((79, 84, 0.75), (207, 84, 0.7), (283, 96, 0.42)):
        c.person(x, y, s, 2)
    c.text(79, 172, c.t("computer"), 14, INK, "middle", True)
    c.text(200, 172, c.t("tablet"), 14, INK, "middle", True)
    c.text(276, 172, c.t("mobile"), 14, INK, "middle", True)


def _browser(c: Canvas) -> None:
    c.browser(20, 22, 280, 156, c.t("address"))
    c.lines(40, 82, 240, 5, 18)
    c.frame(44, 22, 252, 34)


def _headset(c: Canvas) -> None:
    c.person(108, 92, 1.5, 0)
    c.path("M80 92a28 30 0 0 1 56 0", INK, width=5)
    c.rect(72, 86, 12, 24, INK, INK, 5)
    c.rect(132, 86, 12, 24, INK, INK, 5)
    c.path("M78 110q4 20 22 18", INK, width=4)
    c.circle(102, 127, 5, INK)
    c.icon("check", 192, 70, 30, ACCENT)
    c.text(210, 76, c.t("clear"), 15, INK, bold=True)
    c.icon("check", 192, 118, 30, ACCENT)
    c.text(210, 124, c.t("private"), 15, INK, bold=True)


def _echo(c: Canvas) -> None:
    c.laptop(30, 70, 92, 62)
    c.mobile(216, 60, 48, 86)
    c.icon("speaker", 76, 100, 36)
    c.icon("mic", 240, 98, 32)
    c.path("M118 62c24-36 76-36 100-6", MARK, width=4, dash="9 7")
    c.path("M214 158c-24 26-66 26-92 0", MARK, width=4, dash="9 7")
    c.text(168, 24, c.t("echo"), 16, INK, "middle", True)


def _volume(c: Canvas) -> None:
    c.rect(22, 70, 276, 64, PAPER, INK, 10)
    for i, sign in enumerate(("–", "+")):
        x = 62 + i * 124
        c.rect(x, 80, 72, 44, SOFT, INK, 6)
        c.icon("speaker", x + 24, 102, 26)
        c.text(x + 54, 110, sign, 24, INK, "middle", True)
    c.text(98, 160, c.t("softer"), 15, INK, "middle", True)
    c.text(222, 160, c.t("louder"), 15, INK, "middle", True)
    c.text(160, 48, c.t("keys"), 15, INK, "middle")


def _door_closed(c: Canvas) -> None:
    c.rect(104, 16, 92, 168, WARM, INK, 3, 3)
    c.rect(118, 32, 64, 50, PAPER, INK, 3)
    c.circle(182, 106, 5, MARK)
    c.rect(122, 112, 56, 30, PAPER, INK, 3)
    c.text(150, 132, c.t("sign"), 13, INK, "middle", True)
    c.path("M150 96l-16 16M150 96l16 16", INK, width=2)
    c.icon("check", 248, 98, 46, ACCENT)


def _light_front(c: Canvas) -> None:
    c.rect(16, 30, 78, 110, "#fff6d8", INK, 3, 3)
    c.path("M55 30v110M16 85h78", INK, width=2)
    c.icon("sun", 55, 60, 34, MARK)
    c.laptop(112, 102, 50, 36)
    c.person(238, 92, 1.3, 1)
    c.arrow(108, 66, 192, 82, MARK)
    c.path("M96 172h210", INK, width=4)


def _screen_away(c: Canvas) -> None:
    c.rect(8, 18, 62, 166, WARM, INK, 3)
    c.circle(58, 102, 4, INK)
    c.text(39, 54, c.t("door"), 13, INK, "middle", True)
    c.laptop(106, 96, 56, 40)
    c.person(216, 96, 1.1, 2)
    c.rect(258, 18, 56, 166, SOFT, INK, 3)
    c.text(286, 54, c.t("wall"), 13, INK, "middle", True)
    c.path("M84 172h168", INK, width=4)


def _phone_silent(c: Canvas) -> None:
    c.mobile(116, 20, 88, 160)
    c.icon("speaker", 160, 84, 48, off=True)
    c.text(160, 138, c.t("silent"), 15, INK, "middle", True)


def _assistant_off(c: Canvas) -> None:
    c.rect(66, 70, 70, 96, SOFT, INK, 30, 3)
    c.path("M66 94c14 12 56 12 70 0", INK, width=3)
    c.icon("mic", 101, 130, 34, off=True)
    c.path("M136 150c50 10 60-30 92-30", INK, width=4)
    c.rect(236, 104, 44, 44, PAPER, INK, 8, 3)
    c.circle(252, 126, 3, INK)
    c.circle(264, 126, 3, INK)
    c.path("M228 120l-16 3M228 128l-16-1", INK, width=4)
    c.text(160, 40, c.t("unplug"), 15, INK, "middle", True)


def _room_spots(c: Canvas) -> None:
    c.path("M10 160h300", INK, width=3)
    c.path("M12 30h46v128h-46z", INK, WARM, 2)
    c.path("M58 30l22 12v116l-22 2", INK, PAPER, 2)
    c.rect(214, 26, 76, 58, "#fff6d8", INK, 2)
    c.path("M252 26v58", INK, width=2)
    c.person(250, 104, 0.9, 2)
    c.laptop(160, 104, 50, 34)
    c.rect(104, 122, 24, 34, SOFT, INK, 10)
    c.icon("headset", 136, 62, 34)
    c.rect(282, 146, 26, 12, INK, INK, 3)
    for n, x, y in ((1, 36, 16), (2, 252, 14), (3, 185, 90), (4, 296, 130), (5, 104, 108), (6, 136, 36)):
        c.badge(x, y, n)
    c.text(160, 186, c.t("look"), 14, INK, "middle", True)


SCENES = {
    "welcome": _welcome,
    "course-pages": _course_pages,
    "course-back": _course_back,
    "two-ways": _two_ways,
    "rooms": _rooms,
    "devices": _devices,
    "browser": _browser,
    "headset": _headset,
    "echo": _echo,
    "volume": _volume,
    "door-closed": _door_closed,
    "light-front": _light_front,
    "screen-away": _screen_away,
    "phone-silent": _phone_silent,
    "assistant-off": _assistant_off,
    "room-spots": _room_spots,
}
