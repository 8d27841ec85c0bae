"""Names in a case and names of others: one table of letters for a whole case, and nobody is named by one tap."""

import re

import pytest

from beratung_xblock.models import Case, Exclusion, Registration
from tests.blocks import stage
from tests.blocks.journey import ANSWERED, CASE, published, written
from tests.integration import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def keys(page):
    return dict(re.findall(r'<mark dir="auto">([^<]+)</mark>.*?name="finding" value="([^"]+)"', page, re.DOTALL))


TEXT = {"title": "Frau Müller und ihre Tochter", "situation": "Sabine ruft mich an. Frau Müller will das nicht. Sabine weint. " + CASE["situation"],
        "key_question": "Wie rede ich mit Sabine?"}


def test_a_person_has_one_letter_in_the_whole_case(registered):
    case = written(registered, **TEXT)
    data = {"case": case.row_uid, "version": str(case.version), **ANSWERED}
    page = stage.act(registered, "check_case", {**CASE, **TEXT, "version": str(case.version)}).text
    assert "Better: “Frau A.”" in page
    assert page.count("Better: “B.”") == 3
    page = stage.act(registered, "replace_finding", {**data, "finding": keys(page)["Frau Müller"]}).text
    assert page.count("Frau A.") == 2
    page = stage.act(registered, "replace_finding", {**data, "finding": keys(page)["Sabine"]}).text
    assert "Sabine" not in page
    assert "B. ruft mich an. Frau A. will das nicht. B. weint." in page
    assert "Wie rede ich mit B.?" in page


def test_replacing_keeps_the_place_and_the_ticks(registered):
    more = "Her number is 02331 123456. Mail: a@b.example. Sabine weint. "
    case = written(registered, situation=more + CASE["situation"], title="Ein Titel mit Peter")
    data = {"case": case.row_uid, "version": str(case.version), **ANSWERED}
    page = stage.act(registered, "submit_case", data).text
    ticked = re.findall(r'name="not_real" value="([^"]+)"', page)[-1]
    answer = stage.act(registered, "replace_finding", [*data.items(), ("finding", keys(page)["Peter"]), ("not_real", ticked)]).text
    assert answer.count("data-kb-focus") == 1
    assert re.search(r"<li tabindex=\"-1\" data-kb-focus>\s*<p><mark dir=\"auto\">02331 123456", answer)
    assert re.search(r'value="' + ticked + '" checked', answer)
    last = stage.act(registered, "replace_finding", [*data.items(), ("finding", "nothing:1:2"), ("not_real", ticked)]).text
    assert last.count("data-kb-focus") == 1


def test_when_everything_is_replaced_the_page_says_so_at_that_place(registered):
    case = written(registered, situation="Sabine weint. " + CASE["situation"])
    data = {"case": case.row_uid, "version": str(case.version), **ANSWERED}
    page = stage.act(registered, "check_case", {**CASE, "situation": "Sabine weint. " + CASE["situation"], "version": str(case.version)}).text
    done = stage.act(registered, "replace_finding", {**data, "finding": keys(page)["Sabine"]}).text
    assert "Everything is replaced." in done
    assert done.count("data-kb-focus") == 1
    assert Case.objects.get().state == "draft"


def test_nobody_is_excluded_by_one_tap():
    world.place()
    lead, six = world.lead(), [stage.enrol(world.user()) for _number in range(6)]
    group = published(world.open_round(lead, evenings=1), lead, six)
    data = {"round": group.round.uid}
    page = stage.act(six[0], "show_peers", data).text
    assert re.search(r'<select [^>]*data-kb-focus><option value="" selected>Please choose</option>', page)
    refused = stage.act(six[0], "exclude", {**data, "other": ""})
    assert refused.status_int == 422
    assert re.search(r'aria-invalid="true" aria-describedby="([^"]+)"(.|\n)*id="\1">Please choose a name\.', refused.text)
    assert Exclusion.objects.count() == 0
    noted = stage.act(six[0], "exclude", {**data, "other": Registration.objects.get(user=six[3]).uid}).text
    assert noted.count("data-kb-focus") == 1
    assert Exclusion.objects.count() == 1
