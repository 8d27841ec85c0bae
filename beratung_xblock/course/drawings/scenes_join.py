"""Scenes of the chapter "In die Besprechung kommen"."""

from __future__ import annotations

from .parts import ACCENT, ALARM, INK, MARK, PAPER, SOFT, WARM, Canvas


def _invitation(c: Canvas) -> None:
    c.rect(34, 6, 278, 188, PAPER, INK, 8)
    c.text(48, 28, c.t("subject"), 14, INK, bold=True)
    c.path("M34 38h278", INK, width=1.5)
    c.text(48, 60, c.t("date"), 13)
    c.link(48, 84, c.t("join"))
    c.text(48, 114, c.t("id"), 13)
    c.text(48, 138, c.t("passcode"), 13)
    c.text(48, 168, c.t("help"), 13)
    for n, y in enumerate((55, 79, 109, 133, 163), start=1):
        c.badge(18, y, n)


def _phishing(c: Canvas) -> None:
    c.rect(34, 12, 278, 176, PAPER, ALARM, 8, 3)
    c.text(48, 36, c.t("from"), 13)
    c.path("M34 48h278", INK, width=1.5)
    c.text(48, 74, c.t("hurry"), 14, INK, bold=True)
    c.text(48, 100, c.t("ask"), 13)
    c.text(48, 134, c.t("link"), 13, ALARM, bold=True)
    c.lines(48, 156, 200, 2)
    for n, y in enumerate((31, 69, 95, 129), start=1):
        c.badge(18, y, n)


def _step_link(c: Canvas) -> None:
    c.rect(10, 16, 300, 168, PAPER, INK, 8)
    c.icon("mail", 34, 38, 24)
    c.text(54, 43, c.t("subject"), 14, INK, bold=True)
    c.path("M10 58h300", INK, width=1.5)
    c.lines(26, 78, 240, 2, 13)
    c.link(26, 126, c.t("join"))
    c.frame(18, 104, 284, 36)
    c.pointer(224, 134)


def _step_browser(c: Canvas) -> None:
    c.browser(14, 10, 292, 180, c.t("address"))
    c.text(160, 70, c.t("how"), 14, INK, "middle")
    c.button(32, 84, c.t("app"), w=256)
    c.button(32, 128, c.t("here"), "primary", w=256)
    c.frame(25, 121, 270, 42)
    c.pointer(256, 150)


def _step_allow(c: Canvas) -> None:
    c.browser(14, 10, 292, 180, c.t("address"))
    c.rect(30, 50, 262, 104, PAPER, INK, 8, 2.5)
    c.icon("mic", 46, 78, 20)
    c.icon("cam", 68, 78, 20)
    c.text(84, 82, c.t("question"), 13, INK, bold=True)
    c.button(44, 110, c.t("block"), w=104)
    c.button(168, 110, c.t("allow"), "primary", w=108)
    c.frame(161, 103, 122, 42)
    c.pointer(256, 132)


def _step_name(c: Canvas) -> None:
    c.window(14, 10, 292, 180, c.t("title"))
    c.tile(30, 46, 110, 78, 0)
    c.text(156, 66, c.t("name"), 14, INK, bold=True)
    c.rect(156, 74, 136, 32, PAPER, INK, 5)
    c.text(166, 95, "Maria S.", 15)
    c.path("M228 80v20", INK, width=2)
    c.frame(150, 72, 148, 37)
    c.button(156, 150, c.t("join-now"), w=136, size=13)


def _step_join(c: Canvas) -> None:
    c.window(14, 10, 292, 180, c.t("title"))
    c.tile(30, 46, 110, 78, 0)
    c.round_button(62, 150, "mic", False)
    c.round_button(110, 150, "cam")
    c.text(158, 66, "Maria S.", 15, INK, bold=True)
    c.lines(158, 84, 120, 2)
    c.button(156, 132, c.t("join-now"), "primary", w=136, size=13)
    c.frame(149, 125, 150, 42)
    c.pointer(266, 154)


def _permission_fix(c: Canvas) -> None:
    c.rect(14, 14, 292, 44, SOFT, INK, 8)
    c.rect(28, 22, 264, 28, PAPER, INK, 14, 1.5)
    c.icon("sliders", 48, 36, 20)
    c.text(76, 41, c.t("address"), 14)
    c.ring(48, 36, 19)
    c.rect(28, 74, 216, 108, PAPER, INK, 8, 2.5)
    for i, name in enumerate(("mic", "cam")):
        y = 104 + i * 48
        c.icon(name, 54, y, 26)
        c.text(80, y + 5, c.t("microphone" if i == 0 else "camera"), 14)
        c.rect(184, y - 13, 48, 26, ACCENT, INK, 13)
        c.circle(219, y, 9)
    c.path("M48 56v16", MARK, width=5)


def _reload_page(c: Canvas) -> None:
    c.browser(14, 10, 292, 180, c.t("address"))
    c.ring(30, 27, 17)
    c.pointer(36, 32)
    c.text(160, 96, c.t("or"), 14, INK, "middle")
    c.rect(120, 108, 80, 54, PAPER, INK, 8, 3)
    c.text(160, 143, "F5", 22, INK, "middle", True)


def _prejoin(c: Canvas) -> None:
    c.window(10, 6, 300, 188, c.t("title"))
    c.tile(26, 40, 136, 92, 0)
    c.round_button(58, 156, "mic", False)
    c.round_button(106, 156, "cam")
    c.text(178, 54, c.t("name"), 13, INK, bold=True)
    c.rect(178, 60, 118, 24, PAPER, INK, 4)
    c.text(186, 77, "Maria S.", 13)
    c.rect(178, 94, 118, 24, SOFT, INK, 4)
    c.text(204, 111, c.t("device"), 13)
    c.icon("headset", 192, 106, 18)
    c.button(214, 126, c.t("blur"), size=13, w=82)
    c.button(166, 160, c.t("join-now"), "primary", w=132, size=13)
    for n, x, y in ((1, 296, 60), (2, 38, 142), (3, 126, 142), (4, 296, 96), (5, 206, 126), (6, 158, 152)):
        c.badge(x, y, n)


def _lobby(c: Canvas) -> None:
    c.window(14, 10, 292, 180, c.t("title"))
    c.icon("clock", 66, 104, 56, ACCENT)
    c.text(112, 84, c.t("line1"), 15, INK, bold=True)
    c.text(112, 110, c.t("line2"), 14)
    c.text(112, 132, c.t("line3"), 14)
    c.person(264, 150, 0.6, 1)


def _let_in(c: Canvas) -> None:
    c.person(64, 84, 1.2, 1)
    c.bubble(108, 20, 190, 40, 122)
    c.text(203, 45, c.t("wants"), 14, INK, "middle", True)
    c.button(126, 92, c.t("admit"), "primary", w=120)
    c.frame(119, 85, 134, 42)
    c.text(160, 178, c.t("host"), 14, INK, "middle")


def _find_id(c: Canvas) -> None:
    c.rect(30, 14, 260, 172, PAPER, INK, 8)
    c.text(46, 40, c.t("subject"), 14, INK, bold=True)
    c.lines(46, 62, 210, 2, 13)
    c.text(46, 111, c.t("id"), 13)
    c.text(46, 138, c.t("passcode"), 13)
    c.frame(38, 90, 244, 60)
    c.lines(46, 168, 150, 1)


def _enter_id(c: Canvas) -> None:
    c.browser(14, 10, 292, 180, c.t("address"))
    c.text(34, 68, c.t("id-label"), 14, INK, bold=True)
    c.rect(34, 74, 252, 28, PAPER, INK, 5)
    c.text(44, 93, "312 645 978 01", 15)
    c.text(34, 122, c.t("pass-label"), 14, INK, bold=True)
    c.rect(34, 128, 120, 28, PAPER, INK, 5)
    c.text(44, 147, "Kb7Tq2", 15)
    c.button(172, 128, c.t("enter"), "primary", w=114)


def _join_by_id(c: Canvas) -> None:
    c.browser(14, 10, 292, 180, c.t("address"))
    c.lines(50, 68, 200, 2, 13)
    c.button(50, 108, c.t("by-id"), "primary", w=220)
    c.frame(43, 101, 234, 42)
    c.pointer(240, 130)


def _keep_secret(c: Canvas) -> None:
    c.rect(30, 40, 150, 112, PAPER, INK, 8)
    c.text(46, 76, c.t("id-short"), 14)
    c.text(46, 102, c.t("pass-short"), 14)
    c.lines(46, 124, 110, 2)
    c.icon("lock", 232, 92, 66, ACCENT)
    c.text(232, 152, c.t("only"), 14, INK, "middle", True)


def _dial_in(c: Canvas) -> None:
    c.mobile(36, 14, 84, 172)
    c.text(78, 42, c.t("call"), 13, INK, "middle", True)
    for row in range(4):
        for col in range(3):
            label = "123456789*0#"[row * 3 + col]
            c.circle(55 + col * 23, 66 + row * 26, 10, SOFT, INK, 1.5)
            c.text(55 + col * 23, 71 + row * 26, label, 13, INK, "middle")
    c.text(144, 54, c.t("number"), 14, INK, bold=True)
    c.lines(144, 68, 140, 1)
    c.text(144, 98, c.t("conference"), 14, INK, bold=True)
    c.lines(144, 112, 140, 1)
    c.icon("cam", 160, 150, 30, off=True)
    c.icon("chat", 206, 150, 30, off=True)
    c.icon("speaker", 256, 150, 34, ACCENT)


def _install_app(c: Canvas) -> None:
    c.mobile(110, 8, 100, 184)
    c.rect(134, 36, 52, 52, ACCENT, INK, 12)
    c.icon("people", 160, 62, 34, PAPER)
    c.text(160, 110, c.t("app"), 14, INK, "middle", True)
    c.button(120, 124, c.t("install"), "primary", w=80, size=13)
    c.frame(113, 117, 94, 42)


def _tap_link(c: Canvas) -> None:
    c.mobile(92, 8, 136, 184)
    c.icon("mail", 160, 34, 24)
    c.lines(112, 58, 94, 2)
    c.link(160, 107, c.t("join-short"), "middle")
    c.frame(101, 86, 118, 32)
    c.circle(160, 142, 9, MARK, MARK)
    c.circle(160, 142, 17, "none", MARK, 3)
    c.path("M160 132v-8", MARK, width=4)


def _guest_mobile(c: Canvas) -> None:
    c.mobile(96, 8, 128, 184)
    c.text(160, 40, c.t("name"), 14, INK, "middle", True)
    c.rect(110, 50, 100, 30, PAPER, INK, 5)
    c.text(160, 70, "Maria S.", 14, INK, "middle")
    c.button(108, 98, c.t("guest"), "primary", w=104, size=13)
    c.button(108, 138, c.t("signin"), w=104, size=13)
    c.frame(101, 91, 118, 42)


def _turn_phone(c: Canvas) -> None:
    c.mobile(34, 40, 66, 124)
    c.person(67, 84, 0.7, 3)
    c.icon("turn", 136, 100, 40, ACCENT)
    c.rect(176, 62, 126, 76, PAPER, INK, 10, 3)
    for i in range(2):
        c.tile(186 + i * 54, 72, 50, 56, i + 2)


def _charge_phone(c: Canvas) -> None:
    c.mobile(54, 20, 78, 140)
    c.icon("charge", 93, 64, 40, ACCENT)
    c.icon("wifi", 93, 114, 40, ACCENT)
    c.path("M93 160v18h96v-58h30", INK, width=4)
    c.rect(220, 100, 44, 40, PAPER, INK, 8, 3)
    c.path("M236 112v16M248 112v16", INK, width=4)
    c.text(242, 76, c.t("socket"), 14, INK, "middle", True)


def _private_window(c: Canvas) -> None:
    c.rect(20, 18, 280, 164, PAPER, INK, 8)
    c.path("M20 54v-28a8 8 0 0 1 8-8h264a8 8 0 0 1 8 8v28z", INK, INK, 2)
    c.icon("eye", 44, 37, 26, PAPER, off=False)
    c.text(66, 42, c.t("title"), 14, PAPER, bold=True)
    c.rect(40, 74, 240, 30, PAPER, INK, 15)
    c.text(56, 94, c.t("paste"), 14)
    c.frame(33, 67, 254, 44)
    c.lines(40, 136, 220, 3)


def _call_help(c: Canvas) -> None:
    c.circle(70, 96, 44, WARM)
    c.icon("phone", 70, 96, 52, ACCENT)
    c.bubble(130, 34, 176, 66, 152)
    c.text(218, 62, c.t("say1"), 14, INK, "middle")
    c.text(218, 84, c.t("say2"), 14, INK, "middle")
    c.person(196, 150, 0.75, 3)


SCENES = {
    "invitation": _invitation,
    "phishing": _phishing,
    "step-link": _step_link,
    "step-browser": _step_browser,
    "step-allow": _step_allow,
    "step-name": _step_name,
    "step-join": _step_join,
    "permission-fix": _permission_fix,
    "reload-page": _reload_page,
    "join-by-id": _join_by_id,
    "prejoin": _prejoin,
    "lobby": _lobby,
    "let-in": _let_in,
    "find-id": _find_id,
    "enter-id": _enter_id,
    "keep-secret": _keep_secret,
    "dial-in": _dial_in,
    "install-app": _install_app,
    "tap-link": _tap_link,
    "guest-mobile": _guest_mobile,
    "turn-phone": _turn_phone,
    "charge-phone": _charge_phone,
    "private-window": _private_window,
    "call-help": _call_help,
}
