"""One text in several languages, and Serbian in both scripts."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from homeward.foundation.kernel.packs import Words, in_latin

NAME = Words({"sq": "Mitrovica e Jugut", "sr": "Јужна Митровица", "en": "South Mitrovica"})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sq", "Mitrovica e Jugut"),
        ("sr", "Јужна Митровица"),
        ("sr-latn", "Južna Mitrovica"),
        ("sr-Latn", "Južna Mitrovica"),
        ("sr-cyrl", "Јужна Митровица"),
        ("en", "South Mitrovica"),
        ("en-gb", "South Mitrovica"),
        ("tr", "South Mitrovica"),
    ],
)
def test_everybody_reads_their_own_language(language, text):
    assert NAME.in_language(language) == text


def test_str_is_in_the_language_of_the_reader():
    with translation.override("sr-latn"):
        assert str(NAME) == "Južna Mitrovica"
    with translation.override(None):
        assert str(NAME) == "South Mitrovica"


def test_a_latin_spelling_that_was_given_is_kept():
    words = Words({"sr": "Приштина", "sr-latn": "Pristina"})

    assert words.in_language("sr-latn") == "Pristina"
    assert words.in_language("en") == "Приштина"


def test_it_is_a_mapping_that_can_be_stored_and_compared():
    plain = {"sq": "Mitrovica e Jugut", "sr": "Јужна Митровица", "en": "South Mitrovica"}

    assert dict(NAME) == plain
    assert plain == NAME
    assert hash(Words(plain)) == hash(NAME)
    assert Words(plain) == NAME
    assert repr(NAME) == f"Words({plain!r})"
    assert len(NAME) == 3


def test_a_text_in_no_language_is_refused():
    with pytest.raises(ValueError, match="no language"):
        Words({})


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Ђорђе Џаџић", "Đorđe Džadžić"),
        ("Љубав, њива", "Ljubav, njiva"),
        ("ЉУБАВ И ЊИВА", "LJUBAV I NJIVA"),
        ("КОЉ", "KOLJ"),
        ("Љ", "Lj"),
        ("Косово Поље", "Kosovo Polje"),
        ("Шћепан Жижић", "Šćepan Žižić"),
        ("ATRC 2024.", "ATRC 2024."),
    ],
)
def test_cyrillic_in_latin_letters(cyrillic, latin):
    assert in_latin(cyrillic) == latin


@given(st.text("абвгдђежзијклљмнњопрстћуфхцчџшАБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШ -", max_size=30))
def test_every_letter_has_a_latin_one(text):
    latin = in_latin(text)

    assert not any("Ѐ" <= sign <= "ӿ" for sign in latin)
    assert in_latin(text.lower()) == latin.lower()
    assert in_latin(latin) == latin
