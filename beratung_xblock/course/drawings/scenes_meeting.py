"""Scenes of the chapters "Mitreden und zuhören" and "Gemeinsam arbeiten"."""

from __future__ import annotations

from .parts import ACCENT, ALARM, GROUND, INK, MARK, PAPER, SOFT, WARM, Canvas


def _mic_off(c: Canvas) -> None:
    c.round_button(160, 84, "mic", False, 52)
    c.text(160, 170, c.t("muted"), 18, INK, "middle", True)


def _mic_on(c: Canvas) -> None:
    c.round_button(160, 84, "mic", True, 52, ACCENT, PAPER)
    for side in (-1, 1):
        sweep = 1 if side > 0 else 0
        for r in (66, 80):
            x = 160 + side * r
            c.path(f"M{x - side * 6} {84 - r * 0.42:g}a{r} {r} 0 0 {sweep} 0 {r * 0.84:g}", ACCENT, width=5)
    c.text(160, 184, c.t("heard"), 18, INK, "middle", True)


def _mic_compare(c: Canvas) -> None:
    c.round_button(86, 78, "mic", False, 42)
    c.round_button(234, 78, "mic", True, 42, ACCENT, PAPER)
    c.text(86, 146, c.t("muted"), 16, INK, "middle", True)
    c.text(86, 168, c.t("nobody"), 14, INK, "middle")
    c.text(234, 146, c.t("loud"), 16, INK, "middle", True)
    c.text(234, 168, c.t("all"), 14, INK, "middle")


def _keys(c: Canvas, letter: str, icon: str) -> None:
    """The three keys of a shortcut and what they switch."""
    for i, (label, w) in enumerate(((c.t("ctrl"), 68), (c.t("shift"), 100), (letter, 52))):
        x = (14, 98, 214)[i]
        c.rect(x, 64, w, 52, PAPER, INK, 8, 3)
        c.text(x + w / 2, 97, label, 15 if i < 2 else 22, INK, "middle", True)
        if i < 2:
            c.text(x + w + 8, 96, "+", 18, INK, "middle", True)
    c.icon(icon, 292, 90, 34, ACCENT)
    c.text(160, 156, c.t("together"), 15, INK, "middle")


def _keys_mic(c: Canvas) -> None:
    _keys(c, "M", "mic")


def _keys_cam(c: Canvas) -> None:
    _keys(c, "O", "cam")


def _keys_hand(c: Canvas) -> None:
    _keys(c, "K", "hand")


def _camera_states(c: Canvas) -> None:
    c.tile(10, 44, 94, 92, 1)
    c.tile(216, 44, 94, 92, None)
    c.tile(113, 44, 94, 92, 1)
    for x, y, r in ((124, 60, 9), (196, 60, 9), (122, 96, 7), (199, 98, 7), (128, 78, 5), (193, 80, 5)):
        c.circle(x, y, r, SOFT, SOFT, 0)
    for x, key in ((57, "on"), (160, "blur"), (263, "off")):
        c.text(x, 160, c.t(key), 14, INK, "middle", True)


def _camera_button(c: Canvas) -> None:
    c.tile(96, 10, 128, 112, 0)
    spots = c.bar(60, 140, 200, ("mic", "cam", "hand", "chat", "leave"), ("mic",))
    c.ring(spots["cam"], 162, 22)
    c.pointer(spots["cam"] + 6, 166)


def _camera_crossed(c: Canvas) -> None:
    c.tile(96, 10, 128, 112, None)
    spots = c.bar(60, 140, 200, ("mic", "cam", "hand", "chat", "leave"), ("mic", "cam"))
    c.ring(spots["cam"], 162, 22)
    c.pointer(spots["cam"] + 6, 166)


def _hand_up(c: Canvas) -> None:
    c.tile(14, 14, 92, 88, 0)
    c.tile(114, 14, 92, 88, 1)
    c.tile(214, 14, 92, 88, 2)
    c.circle(192, 30, 15, MARK)
    c.icon("hand", 192, 30, 20)
    c.frame(111, 11, 98, 94)
    spots = c.bar(44, 132, 232, ("mic", "cam", "hand", "chat", "leave"), ("mic",), 44)
    c.ring(spots["hand"], 154, 22)
    c.pointer(spots["hand"] + 6, 160)


def _hand_wait(c: Canvas) -> None:
    c.person(66, 96, 1.1, 3)
    c.bubble(100, 26, 190, 40, 114)
    c.text(195, 51, c.t("call"), 15, INK, "middle", True)
    c.tile(176, 86, 106, 92, 1)
    c.circle(266, 102, 15, MARK)
    c.icon("hand", 266, 102, 20)


def _hand_down(c: Canvas) -> None:
    c.tile(84, 14, 100, 92, 1)
    spots = c.bar(44, 132, 232, ("mic", "cam", "hand", "chat", "leave"), ("mic",), 44)
    c.ring(spots["hand"], 154, 22)
    c.icon("hand", 48, 62, 40)
    c.arrow(48, 88, 48, 118)
    c.text(196, 66, c.t("down"), 15, INK, bold=True)


def _reactions(c: Canvas) -> None:
    c.rect(58, 52, 204, 66, PAPER, INK, 33)
    for i, name in enumerate(("smile", "star", "check")):
        c.icon(name, 100 + i * 60, 85, 36, ACCENT)
    c.text(160, 156, c.t("few"), 15, INK, "middle", True)


def _chat_open(c: Canvas) -> None:
    c.tile(14, 14, 130, 108, 2)
    spots = c.bar(10, 140, 140, ("mic", "hand", "chat"), ("mic",), 44)
    c.ring(spots["chat"], 162, 22)
    c.window(164, 14, 142, 172, c.t("chat"))
    c.rect(174, 48, 112, 26, GROUND, SOFT, 8)
    c.lines(182, 62, 90, 1)
    c.rect(174, 148, 122, 28, PAPER, INK, 6)
    c.text(182, 167, c.t("write"), 13)


def _chat_close(c: Canvas) -> None:
    c.tile(14, 14, 190, 108, 2)
    spots = c.bar(34, 140, 150, ("mic", "hand", "chat"), ("mic",), 44)
    c.ring(spots["chat"], 162, 22)
    c.pointer(spots["chat"] + 6, 168)
    c.path("M220 14h82v172h-82z", INK, width=2, dash="7 7")
    c.text(261, 106, c.t("closed"), 13, INK, "middle", True)


def _chat_write(c: Canvas) -> None:
    c.window(40, 14, 240, 172, c.t("chat"))
    c.rect(56, 52, 180, 44, GROUND, SOFT, 8)
    c.text(66, 71, c.t("idea1"), 13)
    c.text(66, 88, c.t("idea2"), 13)
    c.rect(56, 136, 166, 32, PAPER, INK, 6)
    c.path("M66 143v18", INK, width=2)
    c.circle(250, 152, 16, ACCENT)
    c.path("M243 152h13M251 146l6 6l-6 6", PAPER, width=2.5)
    c.ring(250, 152, 22)


def _people_list(c: Canvas) -> None:
    c.window(84, 8, 226, 184, c.t("people"))
    for i, name in enumerate(("Maria S.", "Ahmet K.", "Olena B.", c.t("unknown"))):
        y = 54 + i * 37
        c.circle(108, y, 12, WARM if i < 3 else SOFT)
        c.text(128, y + 5, name, 14, INK, bold=i == 3)
    c.circle(284, 91, 13, MARK)
    c.icon("hand", 284, 91, 18)
    c.frame(90, 146, 212, 38)
    c.round_button(42, 60, "people", r=26)
    c.ring(42, 60, 33)


def _share_button(c: Canvas) -> None:
    c.tile(34, 14, 120, 100, 0)
    c.tile(166, 14, 120, 100, 1)
    spots = c.bar(34, 136, 252, ("mic", "cam", "hand", "chat", "share", "leave"), ("mic",), 42)
    c.ring(spots["share"], 158, 22)
    c.pointer(spots["share"] + 6, 164)


def _share_quiet(c: Canvas) -> None:
    c.laptop(40, 30, 140, 100)
    c.lines(58, 54, 100, 4, 16)
    c.rect(196, 40, 104, 52, PAPER, INK, 8)
    c.icon("mail", 218, 66, 26)
    c.lines(238, 60, 50, 2)
    c.path("M190 34l116 66", ALARM, width=5)
    c.text(160, 176, c.t("off"), 15, INK, "middle", True)


def _share_choose(c: Canvas) -> None:
    c.text(86, 34, c.t("screen"), 15, INK, "middle")
    c.text(234, 34, c.t("window"), 15, INK, "middle", True)
    c.laptop(28, 48, 116, 80)
    c.rect(38, 58, 50, 36, WARM, INK, 3)
    c.rect(94, 64, 40, 50, SOFT, INK, 3)
    c.rect(50, 92, 46, 28, PAPER, INK, 3)
    c.window(180, 50, 108, 88, c.t("sheet"))
    c.lines(194, 92, 80, 3, 14)
    c.frame(170, 42, 128, 104)
    c.pointer(262, 128)


def _share_frame(c: Canvas) -> None:
    c.add(f'<rect x="24" y="14" width="272" height="120" rx="4" fill="{PAPER}" stroke="{ALARM}" stroke-width="6"/>')
    c.text(44, 44, c.t("sheet"), 16, INK, bold=True)
    c.lines(44, 66, 220, 4, 16)
    c.text(160, 170, c.t("visible"), 15, INK, "middle", True)


def _share_stop(c: Canvas) -> None:
    c.add(f'<rect x="24" y="14" width="272" height="96" rx="4" fill="{PAPER}" stroke="{SOFT}" stroke-width="6"/>')
    c.lines(44, 40, 220, 4, 16)
    c.button(80, 138, c.t("stop"), "danger", w=160)
    c.frame(73, 131, 174, 42)
    c.pointer(222, 160)


def _breakout(c: Canvas) -> None:
    c.rect(10, 30, 118, 132, PAPER, INK, 8)
    c.text(69, 52, c.t("main"), 14, INK, "middle", True)
    for x, y in ((44, 78), (94, 78), (34, 112), (104, 112), (50, 144), (88, 144)):
        c.circle(x, y, 10, ACCENT)
    c.arrow(134, 76, 182, 58)
    c.arrow(134, 116, 182, 136)
    for i in range(2):
        y = 12 + i * 92
        c.rect(190, y, 118, 84, PAPER, INK, 8)
        c.text(249, y + 24, f"{c.t('room')} {i + 1}", 14, INK, "middle", True)
        for x in (218, 249, 280):
            c.circle(x, y + 54, 10, MARK if i and x == 249 else ACCENT)


def _breakout_back(c: Canvas) -> None:
    c.window(20, 12, 280, 176, c.t("room2"))
    for i in range(3):
        c.tile(32 + i * 88, 46, 80, 74, i)
    c.icon("clock", 50, 152, 26)
    c.text(70, 157, "04:30", 16, INK, bold=True)
    c.button(138, 138, c.t("back"), "primary", w=148, size=13)
    c.frame(131, 131, 162, 42)


def _captions(c: Canvas) -> None:
    c.tile(24, 12, 130, 96, 3)
    c.tile(166, 12, 130, 96, 0)
    c.rect(24, 120, 272, 66, INK, INK, 6)
    c.text(160, 147, c.t("line1"), 15, PAPER, "middle")
    c.text(160, 171, c.t("line2"), 15, PAPER, "middle")


def _captions_menu(c: Canvas) -> None:
    spots = c.bar(14, 10, 180, ("mic", "hand", "chat", "more"), ("mic",), 42)
    c.ring(spots["more"], 32, 22)
    c.rect(120, 66, 186, 124, PAPER, INK, 8)
    c.icon("more", 142, 88, 20)
    c.text(160, 93, c.t("more"), 14)
    c.text(140, 126, c.t("language"), 14)
    c.icon("captions", 152, 162, 26)
    c.text(174, 167, c.t("captions"), 14, INK, bold=True)
    c.frame(126, 144, 174, 38)


def _captions_language(c: Canvas) -> None:
    c.window(34, 24, 252, 152, c.t("title"))
    c.text(54, 82, c.t("spoken"), 15, INK, bold=True)
    c.rect(54, 98, 212, 36, PAPER, INK, 6)
    c.text(66, 122, c.t("german"), 15)
    c.path("M240 112l7 8l7-8", INK)
    c.frame(47, 91, 226, 50)


def _not_recorded(c: Canvas) -> None:
    c.icon("captions", 70, 70, 64, ACCENT)
    c.text(70, 130, c.t("captions"), 14, INK, "middle", True)
    c.text(70, 152, c.t("fine"), 14, INK, "middle")
    c.circle(230, 70, 34)
    c.circle(230, 70, 16, ALARM)
    c.path("M204 44l52 52", INK, width=6)
    c.text(230, 130, c.t("recording"), 14, INK, "middle", True)
    c.text(230, 152, c.t("forbidden"), 14, INK, "middle")


def _leave(c: Canvas) -> None:
    c.tile(34, 12, 120, 96, 0)
    c.tile(166, 12, 120, 96, 2)
    c.rect(34, 128, 252, 52, SOFT, INK, 10)
    for x, name in ((64, "mic"), (106, "cam"), (148, "chat")):
        c.round_button(x, 154, name, name != "mic", 16)
    c.button(176, 140, c.t("leave"), "danger", w=98)
    c.frame(169, 133, 112, 42)
    c.pointer(256, 160)


def _close_window(c: Canvas) -> None:
    c.browser(20, 20, 280, 150, c.t("address"))
    c.text(160, 106, c.t("left"), 16, INK, "middle", True)
    c.circle(284, 30, 16)
    c.icon("cross", 284, 30, 18)
    c.ring(284, 30, 21)


def _camera_cover(c: Canvas) -> None:
    c.rect(40, 50, 240, 130, PAPER, INK, 10, 3)
    c.rect(56, 88, 208, 80, GROUND, SOFT, 4)
    c.circle(160, 68, 11, INK)
    c.rect(154, 58, 52, 20, MARK, INK, 5)
    c.arrow(252, 68, 214, 68)
    c.text(160, 34, c.t("closed"), 15, INK, "middle", True)


SCENES = {
    "mic-off": _mic_off,
    "mic-on": _mic_on,
    "mic-compare": _mic_compare,
    "keys-mic": _keys_mic,
    "keys-cam": _keys_cam,
    "keys-hand": _keys_hand,
    "camera-states": _camera_states,
    "camera-button": _camera_button,
    "camera-crossed": _camera_crossed,
    "hand-up": _hand_up,
    "hand-wait": _hand_wait,
    "hand-down": _hand_down,
    "reactions": _reactions,
    "chat-open": _chat_open,
    "chat-close": _chat_close,
    "chat-write": _chat_write,
    "people-list": _people_list,
    "share-button": _share_button,
    "share-quiet": _share_quiet,
    "share-choose": _share_choose,
    "share-frame": _share_frame,
    "share-stop": _share_stop,
    "breakout": _breakout,
    "breakout-back": _breakout_back,
    "captions": _captions,
    "captions-menu": _captions_menu,
    "captions-language": _captions_language,
    "not-recorded": _not_recorded,
    "leave": _leave,
    "close-window": _close_window,
    "camera-cover": _camera_cover,
}
