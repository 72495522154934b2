"""The list of names that no rule of letters brings together."""

from collections import defaultdict

from homeward.casework.people.rules.letters import sounds, words
from homeward.casework.people.rules.lexicon import classes, known_as

ENDINGS = ("ovic", "evic", "aj", "ej", "i", "u", "a")


def written(form: str) -> str:
    return "".join(sounds(word) for word in words(form))


def test_the_list_is_long_enough_to_be_of_use():
    forms = {written(form) for _name, forms in classes() for form in forms}

    assert len(list(classes())) >= 159
    assert len(forms) >= 394


def test_no_form_stands_under_two_names():
    names = defaultdict(set)
    for name, forms in classes():
        for form in forms:
            names[written(form)].add(name)

    assert not {form: found for form, found in names.items() if len(found) > 1}


def test_every_form_leads_to_its_name_and_the_name_to_itself():
    for name, forms in classes():
        for form in forms:
            assert known_as(written(form)) == written(name), form


def test_family_names_made_from_a_name_follow_it():
    listed = {written(name) for name, _forms in classes()}
    for name, forms in classes():
        for ending in ENDINGS:
            family = {known_as(written(form) + ending) for form in forms if len(written(form)) > 2}
            own = {word for word in family if word.startswith(written(name))}
            # Some of them are forms of another name in the list (Nuri-ja, Sabri-ja); those stay with that one.
            others = {known_as(word) for word in family - own}
            assert others <= listed | own, (name, ending)


def test_words_that_are_not_in_the_list_stay_as_they_are():
    assert known_as("driton") == "driton"
    assert known_as("krasnici") == "krasnici"
