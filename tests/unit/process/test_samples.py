"""The invented cases: complete in both languages, and harmless to the checks that real cases must pass."""

import pytest

from beratung_xblock import anonymise
from beratung_xblock.process import samples

EVERY = list(samples().values())


def test_there_is_a_choice():
    assert len(samples()) == 5
    assert list(samples()) == [sample.id for sample in EVERY]


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.id)
def test_each_is_complete_in_german_and_english(sample):
    for text in (sample.title, sample.situation, sample.question):
        for language in ("de", "en"):
            assert text.language(language) == language
            assert text.get(language)
    assert len(sample.situation.get("de").split()) > 80
    assert sample.question.get("en").endswith("?")


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.id)
def test_none_names_anybody(sample):
    found = anonymise.findings(f"{sample.title.get('de')}. {sample.situation.get('de')} {sample.question.get('de')}")
    assert [one for one in found if one.strength == "direct"] == []
