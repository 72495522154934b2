"""The numbers under which names are filed: the same for every spelling, and unreadable without the secret."""

import pytest

from homeward.casework.people.rules import match_keys, search_keys

SECRET = b"a secret of this installation"


def keys(*names: str, year: int | None = 1992, secret: bytes = SECRET) -> set[int]:
    return set(search_keys(names, year, secret=secret))


def asked(*names: str, year: int | None) -> set[int]:
    pairs, words = match_keys(names, year, secret=SECRET)
    assert set(pairs).isdisjoint(words)
    return {*pairs, *words}


def test_two_words_and_a_year_make_three_keys():
    assert len(keys("Ardita Shala")) == 3 + 1 + 1, "ARTT or ARCT, SL: two pairs, three words with the year"


def test_every_spelling_files_under_the_same_keys():
    assert keys("Gjorgje Shala") == keys("Шала Ђорђе") == keys("Šala, Đorđe")


def test_order_of_words_does_not_matter():
    assert keys("Besa Shala") == keys("Shala Besa")


def test_words_of_different_names_make_no_pairs():
    apart, together = keys("Besa", "Shala", year=None), keys("Besa Shala", year=None)

    assert apart == set()
    assert len(together) == 1


def test_without_a_year_there_are_only_pairs():
    assert keys("Besa Shala", year=None) < keys("Besa Shala")


def test_asking_tries_the_years_around():
    filed = keys("Besa Shala", year=1992)

    for year in (1991, 1992, 1993):
        assert len(filed & asked("Besa Shala", year=year)) == len(filed)
    assert len(filed & asked("Besa Shala", year=1990)) == 1, "the pair remains"


@pytest.mark.parametrize("name", ["Ardita Osmani Jusuf", "Abdulkarim Noureddine", "Đorđe Anđelković"])
def test_keys_fit_the_column_of_the_database(name):
    assert all(-(2**63) <= key < 2**63 for key in keys(name))


def test_another_secret_gives_other_keys():
    assert keys("Besa Shala").isdisjoint(keys("Besa Shala", secret=b"another"))


def test_a_very_long_name_does_not_make_very_many_keys():
    assert len(keys(" ".join(["jajajaja"] * 500))) < 3000
