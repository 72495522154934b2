"""A reference cannot be guessed, and every slip of the pen in it is noticed."""

from __future__ import annotations

import math
import string
from unittest.mock import patch

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from homeward.foundation.kernel.refs import ALPHABET, check_ref, new_id, new_ref, normalise_ref

PREFIXES = st.text("ABCDEFGHJKLMNPRSTUVWXYZ", min_size=2, max_size=4)


@st.composite
def refs(draw, prefixes=PREFIXES):
    """References as the system gives them out, with Hypothesis in the place of chance."""
    drawn = draw(st.lists(st.sampled_from(ALPHABET), min_size=9, max_size=9))
    with patch("homeward.foundation.kernel.refs.secrets.choice", side_effect=drawn):
        return new_ref(draw(prefixes))


REFS = refs()
SIGNS = st.sampled_from(string.digits + string.ascii_uppercase)


def significant(ref: str) -> list[int]:
    """The places of a reference that hold a character and not a hyphen."""
    return [place for place, sign in enumerate(ref) if sign != "-"]


@given(REFS)
def test_what_we_give_out_we_recognise(ref):
    assert check_ref(ref)
    assert normalise_ref(ref) == ref


def test_the_shape_is_the_one_people_know():
    prefix, *groups = new_ref("HW").split("-")

    assert prefix == "HW"
    assert [len(group) for group in groups] == [4, 4, 2]
    assert set("".join(groups)) <= set(ALPHABET)


def test_nobody_can_guess_one():
    assert math.log2(len(ALPHABET) ** 9) >= 40
    assert len({new_ref() for _ in range(2000)}) == 2000


def test_every_character_comes_up_in_every_random_place():
    drawn = ["".join(new_ref().split("-")[1:]) for _ in range(2000)]

    for place in range(10):
        assert {ref[place] for ref in drawn} == set(ALPHABET)


def test_the_alphabet_has_a_prime_length_and_no_sign_that_looks_like_another():
    assert len(ALPHABET) == 23
    assert not set(ALPHABET) & set("AEIOUBDGLQSZ")


@given(REFS, st.data())
def test_every_single_wrong_character_is_noticed(ref, data):
    place = data.draw(st.sampled_from(significant(ref)))
    wrong = data.draw(SIGNS.filter(lambda sign: sign != ref[place]))

    assert not check_ref(ref[:place] + wrong + ref[place + 1 :])


@given(REFS, st.data())
def test_every_single_wrong_character_is_noticed_also_after_mending_look_alikes(ref, data):
    place = data.draw(st.sampled_from(significant(ref)))
    wrong = data.draw(SIGNS)
    slip = ref[:place] + wrong + ref[place + 1 :]

    mended = normalise_ref(slip)

    assert mended == ref or not check_ref(mended)


@pytest.mark.parametrize("ref", ["HW-7K3M-9TX0-C1", "HW-0000-0000-04"])
def test_references_given_out_stay_valid_for_ever(ref):
    assert check_ref(ref)


@pytest.mark.parametrize("prefix", ["HW", "ABCD", "EFGH", "JKLM", "NPRS", "TUVW", "XYZA"])
def test_all_single_character_errors_of_one_reference_without_exception(prefix):
    ref = new_ref(prefix)
    wrong = [
        ref[:place] + sign + ref[place + 1 :]
        for place in significant(ref)
        for sign in string.digits + string.ascii_uppercase
        if sign != ref[place]
    ]

    assert len(wrong) == (len(prefix) + 10) * 35
    assert not [slip for slip in wrong if check_ref(slip)]


@given(REFS, st.data())
def test_every_swap_of_neighbours_is_noticed_also_across_a_hyphen(ref, data):
    places = significant(ref)
    first = data.draw(st.integers(0, len(places) - 2))
    swapped = list(ref)
    one, other = places[first], places[first + 1]
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assume(swapped[one] != swapped[other])

    assert not check_ref("".join(swapped))


@given(REFS, st.data())
def test_every_swap_is_noticed_also_of_characters_further_apart(ref, data):
    one, other = data.draw(st.lists(st.sampled_from(significant(ref)), min_size=2, max_size=2, unique=True))
    swapped = list(ref)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assume(swapped[one] != swapped[other])

    assert not check_ref("".join(swapped))


@given(REFS, st.data())
def test_a_reference_is_understood_however_it_is_written_down(ref, data):
    confusions = {"0": "0oOdDqQ", "1": "1iIlL", "2": "2zZ", "5": "5sS", "6": "6gG", "8": "8bB"}
    prefix, body = ref.split("-", 1)
    written = prefix + "-" + "".join(data.draw(st.sampled_from(confusions.get(sign, sign))) for sign in body)
    gap = data.draw(st.sampled_from(["-", " ", "", " - ", ".", "–", "/"]))
    written = f"  {written.replace('-', gap)} "
    if data.draw(st.booleans()):
        written = written.lower()

    assert normalise_ref(written) == ref


@given(refs(st.just("HW")), refs(st.just("RN")))
def test_without_a_prefix_the_usual_one_is_meant(ours, other):
    assert normalise_ref(ours.removeprefix("HW-")) == ours
    assert normalise_ref(other.removeprefix("RN-"), "RN") == other


@given(st.text(max_size=40))
def test_whatever_somebody_types_is_answered_without_an_error(text):
    assert check_ref(normalise_ref(text)) in (True, False)


@given(st.text(max_size=20))
def test_mending_twice_changes_nothing_more(text):
    once = normalise_ref(text)

    assert normalise_ref(once) == once


@pytest.mark.parametrize("name", ["", "Gjorgje", "Ђорђе Петровић", "HW", "HW-7K3M", "HW-0000-0000-0A"])
def test_a_name_is_no_reference(name):
    assert not check_ref(normalise_ref(name))


@pytest.mark.parametrize("prefix", ["", "H", "hw", "HWHWH", "HO", "IN", "Q1", "H-"])
def test_a_prefix_that_could_be_misread_is_refused(prefix):
    with pytest.raises(ValueError, match="prefix"):
        new_ref(prefix)


def test_identities_are_random():
    ids = {new_id() for _ in range(100)}

    assert len(ids) == 100
    assert {one.version for one in ids} == {4}
