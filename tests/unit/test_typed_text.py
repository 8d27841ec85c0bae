"""What people type: characters nobody types are taken out, links lead where they seem to lead, cells of a sheet calculate nothing."""

import io

import pytest
from openpyxl import load_workbook

from beratung_xblock.api._typed import leads_to
from beratung_xblock.data import plain_text
from beratung_xblock.exports import tables

HOSTS = ("teams.microsoft.com", "teams.live.com")


@pytest.mark.parametrize("url", [
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Ab%40thread.v2/0?context=%7b%22Tid%22%3a%221%22%7d",
    "https://TEAMS.microsoft.com/meet/123?p=abc", "https://gov.teams.microsoft.com/x#y", "https://teams.live.com",
    "https://teams.live.com/meet?context={\"Tid\":\"1\"}", "HTTPS://teams.live.com/meet/1",
])
def test_a_link_to_teams_is_taken(url):
    assert leads_to(url, HOSTS)


@pytest.mark.parametrize("url", [
    "https://teams.microsoft.com@evil.example/x", "https://user:secret@teams.microsoft.com/", "https://evil.example\\@teams.microsoft.com/x",
    "https://evil.example\\.teams.microsoft.com", "https://evil.example%2f.teams.microsoft.com/", "https://evil.example;.teams.microsoft.com",
    "https://evil.example?.teams.microsoft.com", "https://evil.example#.teams.microsoft.com", "https://teams.microsoft.com.evil.example",
    "https://teams.microsoft.com./x", "https://xteams.microsoft.com", "https://teams\u3002microsoft.com/", "https://t\u0435ams.microsoft.com/x",
    "https://evil.example\uff0f.teams.microsoft.com", "https://teams.mic\trosoft.com/", "https://teams.microsoft.com/\r\nX-A: b",
    "https://a b.teams.microsoft.com/", "https://teams.microsoft.com:8443/x", "https://teams.microsoft.com:x/", "https:teams.microsoft.com",
    "https:///teams.microsoft.com", "https://[::1].teams.microsoft.com/", "http://teams.microsoft.com/", "javascript:alert(1)//teams.microsoft.com",
    "//teams.microsoft.com/x", "https://teams.microsoft.com/<b>", "https://\u202eteams.microsoft.com", "https://.teams.microsoft.com/x", "https://", "",
])
def test_a_link_that_only_looks_like_teams_is_refused(url):
    assert not leads_to(url, HOSTS)


@pytest.mark.parametrize(("raw", "name"), [
    ("  Anna \t\n B. ", "Anna B."), ("a\x07b\x1b[2J\x00", "ab[2J"), ("\u202eannA\u2066", "annA"), ("x\ud800y\ufffe", "xy"), ("\u200b\u200b", ""),
    ("\u200f \u3164", ""), ("a\u200bb", "ab"), ("می\u200cخواهم", "می\u200cخواهم"), ("👩\u200d🚒", "👩\u200d🚒"), ("שלום\u200f!", "שלום\u200f!"),
])
def test_a_name_is_one_line_that_can_be_seen(raw, name):
    assert plain_text.one_line(raw) == name


def test_a_text_keeps_its_lines():
    assert plain_text.lines(" eins\r\nzwei\r\tdrei\x0b\ud800 ") == "eins\nzwei\n\tdrei"


def test_cells_calculate_nothing_and_no_name_breaks_the_file():
    names = ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", " =1+1", "\uff1d1+1", "a\x07b", "x\ud800y", "\ufffe", "Anna"]
    cells = [line.strip('"') for line in tables.as_csv(["Name"], [[name] for name in names]).decode().split("\r\n")[1:-1]]
    assert [cell[0] for cell in cells[:7]] == ["'"] * 7
    sheet = load_workbook(io.BytesIO(tables.as_xlsx("Runde", ["Name"], [[name] for name in names]))).active
    found = [cell.value for cell in sheet["A"][1:]]
    assert [value[0] for value in found[:7]] == ["'"] * 7
    assert found[7:] == ["ab", "xy", None, "Anna"]
    assert all(cell.data_type != "f" for cell in sheet["A"])
