"""Names stand in the order of the reader's own alphabet."""

from hypothesis import given
from hypothesis import strategies as st

from homeward.foundation.kernel.alphabet import ALPHABETS, alphabetical
from homeward.foundation.kernel.packs.words import in_latin


def ordered(language, *names):
    return sorted(names, key=lambda name: alphabetical(name, language))


def test_letters_of_two_signs_stand_for_themselves():
    assert ordered("sq", "Dragash", "Dhërmi", "Deçan", "Drenas") == ["Deçan", "Dragash", "Drenas", "Dhërmi"]
    assert ordered("sq", "Ferizaj", "Çabra", "Caralevë") == ["Caralevë", "Çabra", "Ferizaj"]
    assert ordered("sr-latn", "Đakovica", "Dragaš", "Džep", "Glogovac", "Čabra") == [
        "Čabra", "Dragaš", "Džep", "Đakovica", "Glogovac",
    ]  # fmt: skip


def test_cyrillic_stands_in_its_own_order():
    assert ordered("sr-cyrl", "Урошевац", "Ђаковица", "Драгаш", "Глоговац", "Дечане") == [
        "Глоговац", "Дечане", "Драгаш", "Ђаковица", "Урошевац",
    ]  # fmt: skip


def test_what_is_no_letter_of_the_alphabet_does_no_harm():
    assert ordered("en", "b", "A", "1") == ["1", "A", "b"]
    assert ordered("sq", "Wien", "Zhur", "3") == ["3", "Wien", "Zhur"]


@given(st.lists(st.text(alphabet="".join(ALPHABETS["sr"].split()) + " ", max_size=6), max_size=6))
def test_every_order_is_whole(names):
    """Sorted again, or written in the other script and back, it stays an order of the same names."""
    once = ordered("sr", *names)
    assert ordered("sr", *once) == once
    assert sorted(once) == sorted(names)
    assert len(ordered("sr-latn", *map(in_latin, names))) == len(names)
