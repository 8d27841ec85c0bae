"""Packaged templates are complete in both languages; author-made ones are refused field by field."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beratung_xblock.process import (
    Contribution,
    Gate,
    PhaseKind,
    Role,
    TemplateInvalid,
    Text,
    beginner_methods,
    from_dict,
    methods,
    parse_template,
    template,
    template_ids,
    to_dict,
)
from beratung_xblock.process.templates import FieldError, sentences

ROLES = [role for role in Role if role is not Role.EVERYONE]


def own(**changes):
    phases = [
        {"kind": "casting", "name": "Anfang", "minutes": 5, "speakers": ["everyone"]},
        {"kind": "story", "name": "Erzählen", "minutes": "10", "speakers": ["case_giver"], "listeners": ["adviser"], "optional": "on"},
        {"kind": "ideas", "name": {"de": "Ideen", "en": "Ideas"}, "minutes": 12, "min_minutes": 8, "max_minutes": 15, "speakers": ["adviser"]},
    ]
    return {"name": "Unser Ablauf", "phases": phases} | changes


def errors(raw):
    with pytest.raises(TemplateInvalid) as caught:
        parse_template(raw)
    return set(caught.value.errors)


def test_seven_templates_are_shipped_and_the_licensed_one_is_not():
    assert template_ids() == ("tietze6", "ablauf8_hiba", "incident7", "troika", "reflecting", "balint6", "schule60")


@pytest.mark.parametrize(
    ("template_id", "minutes"),
    [("tietze6", [5, 10, 5, 5, 10, 5]), ("ablauf8_hiba", [5, 5, 15, 10, 5, 10, 10, 5]), ("troika", [1, 2, 2, 5, 2])],
)
def test_minutes_are_those_of_the_sources(template_id, minutes):
    assert [phase.minutes for phase in template(template_id).phases] == minutes


@pytest.mark.parametrize("template_id", template_ids())
def test_every_phase_speaks_both_languages_to_every_role(template_id):
    for phase in template(template_id).phases:
        assert phase.min_minutes <= phase.minutes <= phase.max_minutes
        for text in (phase.name, phase.output, phase.script):
            assert text.by_language["de"].strip("— ")
            assert text.by_language["en"].strip("— ")
        for role in ROLES:
            said = sentences()[phase.kind.value][role]
            assert said.by_language["de"] != said.by_language["en"]


@pytest.mark.parametrize("template_id", template_ids())
def test_the_stored_copy_is_the_template(template_id):
    assert from_dict(to_dict(template(template_id))) == template(template_id)


def test_sentences_are_short():
    for by_role in sentences().values():
        for text in by_role.values():
            for sentence in text.get("de").replace("?", ".").replace("…", "").split("."):
                assert len(sentence.split()) <= 15, sentence


def test_only_the_key_question_of_tietze_has_the_loop():
    found = [(t, phase.id) for t in template_ids() for phase in template(t).phases if phase.loops]
    assert found == [("tietze6", "schluesselfrage")]


def test_fifteen_methods_ten_for_beginners():
    assert len(methods()) == 15
    assert len(beginner_methods()) == 10
    assert set(beginner_methods()) < set(methods())
    assert {m.id for m in methods().values() if m.no_advice} == {"resonanzrunde", "kurze_kommentare", "zwei_wichtige_informationen"}
    assert [m.id for m in methods().values() if m.second_column] == ["kopfstand_brainstorming"]
    assert [m.id for m in methods().values() if m.spoken] == ["actstorming"]
    for method in methods().values():
        for text in (method.name, method.one_line, method.lead_question, method.form, method.output, method.when):
            assert {"de", "en"} <= set(text.by_language)  # the other six: test_languages.py


def test_text_falls_back_and_says_in_which_language():
    text = Text({"de": "Hallo", "en": "Hello"})
    assert [(text.get(code), text.language(code)) for code in ("de-at", "uk", "en")] == [("Hallo", "de"), ("Hallo", "de"), ("Hello", "en")]
    assert Text({"": "Eigener"}).get("ar") == "Eigener"
    assert Text({"tr": "Merhaba"}).get("de") == "Merhaba"
    assert Text().get("de") == ""
    assert not Text({"de": ""})


def test_an_authors_template_is_built():
    made = parse_template(own(), template_id="own")
    assert [phase.id for phase in made.phases] == ["phase_1", "phase_2", "phase_3"]
    assert [phase.optional for phase in made.phases] == [False, True, False]
    assert made.phases[0].gate == (Gate.MODERATOR, Gate.CASE_GIVER, Gate.TWO_ADVISERS)
    assert made.phases[2].contribution is Contribution.IDEA
    assert (made.phases[1].min_minutes, made.phases[1].max_minutes, made.minutes) == (10, 10, 27)
    assert from_dict(to_dict(made)) == made


def test_an_author_can_switch_gates_off_and_a_loop_on():
    rows = own()["phases"]
    rows[0]["gate"] = []
    rows[1]["loops"] = True
    made = parse_template(own(phases=rows))
    assert made.phases[0].gate == ()
    assert [loop.id for loop in made.phases[1].loops] == ["find_key_question"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"minutes": 0}, FieldError("phases.1.minutes", "range", (1, 240))),
        ({"minutes": "bald"}, FieldError("phases.1.minutes", "not_a_number")),
        ({"minutes": ""}, FieldError("phases.1.minutes", "required")),
        ({"minutes": 10, "min_minutes": 11, "max_minutes": 12}, FieldError("phases.1.minutes", "order", (11, 12))),
        ({"name": " "}, FieldError("phases.1.name", "required")),
        ({"name": "x" * 81}, FieldError("phases.1.name", "too_long", (80,))),
        ({"script": "x" * 601}, FieldError("phases.1.script", "too_long", (600,))),
        ({"kind": "dance"}, FieldError("phases.1.kind", "unknown")),
        ({"speakers": []}, FieldError("phases.1.speakers", "required")),
        ({"speakers": ["boss", "adviser"]}, FieldError("phases.1.speakers", "unknown")),
        ({"listeners": ["case_giver"]}, FieldError("phases.1.listeners", "silent")),
        ({"id": "phase_1"}, FieldError("phases.1.id", "duplicate")),
        ({"id": "Ä"}, FieldError("phases.1.id", "unknown")),
    ],
)
def test_each_wrong_field_is_named(change, expected):
    rows = own()["phases"]
    rows[1] = rows[1] | change
    assert expected in errors(own(phases=rows))


def test_all_wrong_fields_are_named_at_once():
    rows = own()["phases"]
    rows[0] = rows[0] | {"minutes": 999}
    found = errors({"name": "", "phases": rows[:2], "min_people": 9, "max_people": 4})
    assert found == {
        FieldError("name", "required"), FieldError("phases", "too_few", (3,)),
        FieldError("phases.0.minutes", "range", (1, 240)), FieldError("max_people", "order", (9, 12)),
    }


def test_thirteen_phases_are_too_many_and_twelve_are_not():
    row = {"kind": "story", "name": "x", "minutes": 1, "speakers": ["everyone"]}
    assert len(parse_template(own(phases=[row] * 12)).phases) == 12
    assert FieldError("phases", "too_many", (12,)) in errors(own(phases=[row] * 13))


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([kind.value for kind in PhaseKind]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["name", "phases", "minutes", "kind", "speakers", "listeners", "loops", "gate", "id", "min_minutes", "contribution"]), inner, max_size=6),
    max_leaves=25,
)


@given(json)
def test_any_json_is_either_a_template_or_a_typed_refusal(raw):
    made = None
    with suppress(TemplateInvalid):
        made = parse_template(raw)
    if made is not None:
        assert 3 <= len(made.phases) <= 12
        assert from_dict(to_dict(made)) == made
