"""Correcting what is written: nothing is lost, nobody overwrites anybody, and the search follows."""

import pytest

from homeward.casework.people import actions, queries
from homeward.casework.people.models import PersonName
from homeward.casework.people.rules.persons import DocumentsStatus, NameKind
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken, Stale


def test_a_corrected_name_is_found_under_both(acting, ana, family):
    with acting(ana):
        actions.correct_person(family["ardita"], by=ana, version=1, family="Krasniqi", given="Ardita")

        ardita = queries.find_person(family["ardita"].ref, to=ana)
        assert ardita.full_name == "Ardita Krasniqi"
        assert ardita.version == 2
        assert "Osmani" in {name.family for name in ardita.other_names}
        for typed in ("Krasnići", "Ardita Osmani", "Dervishi Krasniqi"):
            found = {one.person for one in queries.search(typed, to=ana)}
            assert (ardita in found) == (typed != "Dervishi Krasniqi"), typed


def test_other_names_follow_the_given_name_of_the_one_in_use(acting, ana, family):
    with acting(ana):
        actions.add_name(family["besa"], by=ana, family="Dervishi", kind=NameKind.BIRTH)
        actions.correct_person(family["besa"], by=ana, version=1, given="Teuta")

        assert [one.person for one in queries.search("Teuta Dervishi", to=ana)] == [family["besa"]]


def test_everything_else_can_be_corrected_too(acting, ana, family, members):
    from homeward.foundation.institutions.queries import municipalities

    with acting(ana):
        place = municipalities(to=ana).first()
        actions.correct_person(
            family["besa"],
            by=ana,
            version=1,
            sex="M",
            born=PartialDate(2016, 3, approximate=True),
            birth_place="Raqqa",
            documents=["birth_certificate"],
            languages=["sq", "ar"],
            municipality=place,
        )

        besa = queries.find_person(family["besa"].ref, to=ana)
        assert (besa.sex, besa.born.iso, besa.birth_place) == ("M", "2016-03~", "Raqqa")
        assert (besa.documents, besa.documents_status) == (["birth_certificate"], DocumentsStatus.PARTIAL)
        assert (besa.languages, besa.municipality) == (["sq", "ar"], place)
        assert [one.person for one in queries.search("Besa Osmani", to=ana, birth_year=2015)] == [besa]


def test_a_place_of_birth_is_corrected_again_and_again(acting, ana, family):
    with acting(ana):
        for version, place in ((1, "Raqqa"), (2, "Prizren"), (3, "")):
            corrected = actions.correct_person(family["besa"], by=ana, version=version, birth_place=place)
            assert (
                corrected.birth_place == queries.find_person(family["besa"].ref, to=ana).birth_place == place
            )


def test_what_is_not_mentioned_stays(acting, ana, family):
    with acting(ana):
        actions.correct_person(family["ardita"], by=ana, version=1, sex="F")

        ardita = queries.find_person(family["ardita"].ref, to=ana)
        assert (ardita.full_name, ardita.born.year, ardita.documents) == (
            "Ardita Osmani",
            1992,
            ["passport_expired"],
        )
        assert ardita.documents_status == DocumentsStatus.EXPIRED


def test_a_correction_leaves_a_trace_without_the_words(acting, ana, family):
    with acting(ana):
        actions.correct_person(family["besa"], by=ana, version=1, given="Teuta")

        assert history(family["besa"]) == ["person.registered", "person.corrected"]


def test_correcting_back_and_forth_does_not_pile_up_names(acting, ana, family):
    with acting(ana):
        for version, given in enumerate(("Teuta", "Besa", "Teuta", "Besa"), start=1):
            actions.correct_person(family["besa"], by=ana, version=version, given=given)

        assert PersonName.objects.filter(person=family["besa"]).count() == 3


def test_two_at_once_the_second_is_shown_what_stands(acting, ana, family):
    with acting(ana):
        actions.correct_person(family["besa"], by=ana, version=1, given="Teuta")
        with pytest.raises(Stale) as refused:
            actions.correct_person(family["besa"], by=ana, version=1, given="Besiana")

        assert (refused.value.theirs["given"], refused.value.theirs["version"]) == ("Teuta", 2)
        assert queries.find_person(family["besa"].ref, to=ana).full_name == "Teuta Osmani"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"given": "", "family": ""}, "person.name"), ({"born": PartialDate(2090)}, "person.born_in_future")],
)
def test_what_cannot_be_is_refused(acting, ana, family, wrong, code):
    with acting(ana), pytest.raises(RuleBroken) as refused:
        actions.correct_person(family["besa"], by=ana, version=1, **wrong)
    assert refused.value.code == code


def test_a_stranger_and_an_auditor_cannot_correct(acting, dora, edu, family):
    for member in (dora, edu):
        with acting(member), pytest.raises(Missing):
            actions.correct_person(family["besa"], by=member, version=1, given="Teuta")


def test_a_name_is_added_once(acting, ana, family):
    with acting(ana):
        first = actions.add_name(family["gjorgje"], by=ana, given="Ђорђе", family="Османи", source="register")
        again = actions.add_name(family["gjorgje"], by=ana, given="Ђорђе", family="Османи")

        assert first == again
        assert (first.script, first.kind, first.source) == ("cyrl", NameKind.ALIAS, "register")
        assert history(family["gjorgje"]) == ["person.registered", "person.name_added", "person.name_added"]


def test_a_name_that_says_nothing_is_not_added(acting, ana, family):
    with acting(ana), pytest.raises(RuleBroken):
        actions.add_name(family["besa"], by=ana)


def test_reading_is_not_writing(acting, ana, carla, family, let_in):
    """The Centre for Social Work reads who the child is; the register stays with those who keep it."""
    with acting(ana):
        let_in(carla, family["besa"], by=ana)
    with acting(carla):
        assert queries.find_person(family["besa"].ref, to=carla).full_name == "Besa Osmani"
        with pytest.raises(NotPermitted):
            actions.correct_person(family["besa"], by=carla, version=1, given="Teuta")
        with pytest.raises(NotPermitted):
            actions.add_name(family["besa"], by=carla, given="Teuta")
