"""Scenes of the chapters "Wenn es klemmt", "Vertraulich und freundlich" and "Üben und abschließen"."""

from __future__ import annotations

from .parts import ACCENT, ALARM, GROUND, INK, MARK, PAPER, SOFT, WARM, Canvas


def _sound_check(c: Canvas) -> None:
    for i, (name, key) in enumerate((("speaker", "hear"), ("mic", "speak"), ("echo", "echo"))):
        y = 42 + i * 58
        c.circle(44, y, 24)
        if name == "echo":
            c.icon("speaker", 37, y, 20)
            c.icon("mic", 54, y, 18)
        else:
            c.icon(name, 44, y, 30)
        c.text(84, y + 6, c.t(key), 16, INK, bold=True)


def _switch_cable(c: Canvas) -> None:
    c.icon("headset", 76, 78, 92)
    c.path("M76 122c0 46 60 46 92 22", INK, width=4)
    c.rect(168, 112, 40, 62, PAPER, INK, 8, 3)
    c.rect(182, 124, 12, 30, SOFT, INK, 6)
    c.circle(188, 132, 8, MARK)
    c.ring(188, 142, 40)
    c.text(228, 66, c.t("switch"), 15, INK, "middle", True)


def _black_picture(c: Canvas) -> None:
    c.rect(20, 34, 126, 104, INK, INK, 6)
    c.text(83, 92, "?", 44, PAPER, "middle", True)
    for n in range(1, 6):
        y = 8 + n * 32
        c.badge(180, y, n)
        c.text(200, y + 5, c.t(f"cause{n}"), 14, INK, bold=True)


def _cover_open(c: Canvas) -> None:
    c.rect(40, 50, 240, 130, PAPER, INK, 10, 3)
    c.rect(56, 88, 208, 80, GROUND, SOFT, 4)
    c.circle(140, 68, 11, INK)
    c.circle(140, 68, 4, PAPER, PAPER, 0)
    c.rect(160, 58, 52, 20, MARK, INK, 5)
    c.arrow(222, 68, 262, 68)
    c.text(160, 34, c.t("open"), 15, INK, "middle", True)


def _close_program(c: Canvas) -> None:
    c.window(30, 18, 160, 116, c.t("other"))
    c.icon("cam", 96, 78, 44)
    c.window(130, 80, 166, 108, c.t("teams"))
    for i in range(2):
        c.tile(142 + i * 74, 114, 66, 62, i)
    c.ring(176, 30, 15)
    c.pointer(180, 36)


def _restart(c: Canvas) -> None:
    c.laptop(84, 28, 152, 100)
    c.icon("turn", 160, 78, 58, ACCENT)
    c.text(160, 178, c.t("again"), 16, INK, "middle", True)


def _better_net(c: Canvas) -> None:
    c.rect(222, 118, 76, 28, PAPER, INK, 6, 3)
    c.path("M236 118v-24M284 118v-24", INK, width=4)
    c.icon("wifi", 260, 66, 52, ACCENT)
    c.laptop(26, 78, 84, 58)
    c.icon("cam", 68, 106, 34, off=True)
    c.arrow(134, 106, 204, 106)
    c.text(160, 176, c.t("nearer"), 15, INK, "middle", True)


def _circle_safe(c: Canvas) -> None:
    c.circle(110, 100, 84, PAPER, ACCENT, 5)
    for i, (x, y) in enumerate(((110, 46), (160, 80), (142, 132), (78, 132), (60, 80))):
        c.person(x, y, 0.55, i)
    c.icon("lock", 110, 100, 34, ACCENT)
    for i, name in enumerate(("mic", "cam", "note")):
        c.icon(name, 262, 46 + i * 54, 38, off=True)


def _secret_talk(c: Canvas) -> None:
    c.person(60, 96, 1.1, 0)
    c.bubble(96, 22, 206, 60, 112)
    c.text(199, 47, c.t("say1"), 15, INK, "middle")
    c.text(199, 69, c.t("say2"), 15, INK, "middle")
    c.icon("lock", 240, 134, 60, ACCENT)


def _anonymous(c: Canvas) -> None:
    c.rect(20, 22, 280, 58, PAPER, INK, 8)
    c.text(160, 57, c.t("before"), 15, INK, "middle")
    c.path("M40 52h240", ALARM, width=2)
    c.arrow(160, 86, 160, 114)
    c.rect(20, 122, 280, 58, PAPER, ACCENT, 8, 3)
    c.text(160, 157, c.t("after"), 15, INK, "middle", bold=True)


def _know_them(c: Canvas) -> None:
    c.person(54, 92, 1.0, 1)
    c.bubble(92, 16, 214, 60, 108)
    c.text(199, 41, c.t("say1"), 14, INK, "middle", True)
    c.text(199, 63, c.t("say2"), 14, INK, "middle")
    c.arrow(96, 128, 196, 128)
    c.person(246, 124, 1.0, 3)
    c.text(246, 194, c.t("moderator"), 13, INK, "middle", True)


def _courtesy(c: Canvas) -> None:
    for i, (name, key, off) in enumerate((("clock", "early", False), ("mic", "muted", True), ("smile", "kind", False))):
        x = 58 + i * 102
        c.circle(x, 86, 40)
        c.icon(name, x, 86, 46, ACCENT if not off else INK, off=off)
        c.text(x, 156, c.t(key), 14, INK, "middle", True)


def _practice(c: Canvas) -> None:
    c.window(24, 10, 272, 180, c.t("title"))
    for i in range(3):
        c.tile(38 + i * 84, 44, 76, 68, i)
    spots = c.bar(50, 126, 220, ("mic", "cam", "hand", "chat", "leave"), ("mic",), 42)
    c.pointer(spots["hand"] + 4, 152)


def _final_questions(c: Canvas) -> None:
    c.rect(84, 12, 152, 176, PAPER, INK, 8, 3)
    for i in range(4):
        y = 42 + i * 40
        c.rect(102, y - 11, 22, 22, PAPER, INK, 4)
        if i < 3:
            c.icon("check", 113, y, 20, ACCENT)
        c.lines(136, y, 80, 1)
    c.icon("smile", 274, 100, 44, MARK)


def _sheet(c: Canvas) -> None:
    c.rect(110, 14, 124, 172, PAPER, INK, 4, 3)
    c.text(172, 42, c.t("title"), 14, INK, "middle", True)
    for i, name in enumerate(("phone", "mic", "hand", "chat", "leave")):
        c.icon(name, 130, 64 + i * 26, 20, ACCENT)
        c.lines(150, 64 + i * 26, 66, 1)
    c.icon("print", 56, 100, 64)


def _rehearsal(c: Canvas) -> None:
    c.laptop(70, 24, 180, 116)
    c.tile(80, 36, 76, 92, 0)
    c.tile(164, 36, 76, 92, 3)
    c.text(160, 182, c.t("minutes"), 16, INK, "middle", True)


def _certificate(c: Canvas) -> None:
    c.rect(40, 18, 240, 164, PAPER, INK, 6, 3)
    c.rect(50, 28, 220, 144, PAPER, SOFT, 4)
    c.text(160, 66, c.t("title"), 16, INK, "middle", True)
    c.lines(90, 88, 140, 2, 14)
    c.circle(160, 138, 22, GROUND)
    c.icon("star", 160, 137, 30, MARK, MARK)


def _course_card(c: Canvas) -> None:
    c.laptop(60, 24, 200, 118)
    for i in range(3):
        c.tile(70 + i * 62, 34, 56, 62, i)
    for i, name in enumerate(("mic", "cam", "hand", "chat")):
        c.round_button(106 + i * 36, 119, name, True, 14)
    c.circle(272, 52, 26, WARM)
    c.icon("hand", 272, 52, 32)
    c.path("M20 176h280", INK, width=4)


SCENES = {
    "sound-check": _sound_check,
    "switch-cable": _switch_cable,
    "black-picture": _black_picture,
    "cover-open": _cover_open,
    "close-program": _close_program,
    "restart": _restart,
    "better-net": _better_net,
    "circle-safe": _circle_safe,
    "secret-talk": _secret_talk,
    "anonymous": _anonymous,
    "know-them": _know_them,
    "courtesy": _courtesy,
    "practice": _practice,
    "final-questions": _final_questions,
    "sheet": _sheet,
    "rehearsal": _rehearsal,
    "certificate": _certificate,
    "course-card": _course_card,
}
