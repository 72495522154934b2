"""Registering somebody at a desk: whoever registers has searched, and finds nobody they may not know."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from django.urls import reverse

from homeward.casework.cases import actions
from homeward.casework.cases.models import Case
from homeward.casework.people.actions import NewName
from homeward.casework.people.models import Person
from homeward.casework.people.queries import visible
from homeward.foundation.audit.models import Event
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import NotPermitted, RuleBroken
from tests.factories.cases import a_case

FORM = {"given": "Gjorgje", "family": "Petroviq", "sex": "M", "state": "reception", "born_year": "1990"}


@pytest.fixture
def djordje(acting, ana):
    """On record in Cyrillic."""
    with acting(ana):
        names = [NewName(family="Петровић", given="Ђорђе")]
        return a_case(by=ana, names=names, sex="M", born=PartialDate(1990, 4, 2))


@pytest.fixture
def browser(signed_in, ana):
    client = signed_in(ana)
    client.cookies["homeward_language"] = "en"
    return client


def english(signed_in, member):
    client = signed_in(member)
    client.cookies["homeward_language"] = "en"
    return client


def text(response):
    body = response.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", body[body.index("<main") :]).split())


def test_somebody_new_gets_a_case(browser, acting, ana):
    answer = browser.post(reverse("cases:register"), {**FORM, "municipality": ""})
    with acting(ana):
        [case] = Case.objects.all()
        [person] = visible(to=ana).with_names()
        assert answer.url == case.get_absolute_url()
        assert (person.full_name, person.born, person.sex) == ("Gjorgje Petroviq", PartialDate(1990), "M")


def test_whoever_is_alike_is_looked_at_first_in_any_script(browser, acting, ana, djordje):
    answer = browser.post(reverse("cases:register"), FORM)
    assert answer.status_code == 422
    page = text(answer)
    assert "Is it one of these?" in page
    assert "Ђорђе Петровић" in page
    assert djordje.ref in page
    with acting(ana):
        assert Person.objects.count() == 1
    # Another form's tick is no tick of this one.
    assert browser.post(reverse("cases:register"), {**FORM, "others": "HW-0000-0000-00"}).status_code == 422
    done = browser.post(reverse("cases:register"), {**FORM, "others": djordje.ref})
    assert done.status_code == 302
    with acting(ana):
        assert Person.objects.count() == 2


def test_that_two_are_different_people_is_remembered(acting, ana, djordje, members):
    with acting(ana):
        case = actions.register(
            given="Gjorgje", family="Petroviq", sex="M", born=PartialDate(1990), others=[djordje.ref], by=ana
        )
        new = str(case.person_id)
    with acting(members["auditor"]):
        [told] = Event.objects.filter(verb="person.told_apart")
        assert (told.detail["other"], str(told.subject_id)) == (new, str(djordje.person_id))


def test_nobody_is_registered_past_the_search(acting, ana, djordje):
    with acting(ana):
        with pytest.raises(RuleBroken) as refused:
            actions.register(given="Ђорђе", family="Петровић", born=PartialDate(1990), by=ana)
        assert (refused.value.field, refused.value.code) == ("others", "register.alike")


def test_only_those_who_may_open_cases(acting, dora, members, signed_in):
    with acting(dora), pytest.raises(NotPermitted):
        actions.register(given="A", family="B", by=dora)
    assert signed_in(dora).get(reverse("cases:register")).status_code == 403
    assert "Register somebody" not in text(
        english(signed_in, dora).post(reverse("people:search"), {"text": "Petroviq"})
    )


class TestNoOracle:
    """Another institution knows somebody like that. Nobody who searches or registers learns it: not from a word, a number,
    an error, or how long the answer takes."""

    ASKED = {"given": "Gjorgje", "family": "Petroviq", "sex": "M", "state": "reception", "born_year": "1990"}

    @staticmethod
    def bare(response):
        """Without what is new in every answer, whatever was asked."""
        return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", response.content)

    def test_the_answers_are_the_same_bytes(self, acting, ana, bruno, signed_in):
        browser = signed_in(bruno)
        search = {"text": "Ђорђе Петровић", "birth_year": "1990"}
        form = {**self.ASKED, "state": "no such state"}
        nobody = [
            self.bare(browser.post(reverse("people:search"), search)),
            self.bare(browser.post(reverse("cases:register"), form)),
        ]
        with acting(ana):
            a_case(
                by=ana,
                names=[NewName(family="Петровић", given="Ђорђе")],
                sex="M",
                born=PartialDate(1990, 4, 2),
            )
        hidden = [
            self.bare(browser.post(reverse("people:search"), search)),
            self.bare(browser.post(reverse("cases:register"), form)),
        ]
        assert hidden == nobody

    def test_registering_succeeds_all_the_same(self, acting, bruno, djordje):
        with acting(bruno):
            case = actions.register(
                given="Gjorgje", family="Petroviq", sex="M", born=PartialDate(1990), by=bruno
            )
            assert case.ref != djordje.ref

    def test_a_thousand_answers_do_not_tell(self, acting, ana, bruno):
        """Timed in turns: a name that another institution knows, and one that nobody knows, of the same length."""
        from homeward.casework.people.queries import search

        with acting(ana):
            for number in range(20):
                a_case(
                    by=ana,
                    names=[NewName(family="Trungaj", given=f"Lulzana{number:02}")],
                    born=PartialDate(1990),
                )
        took: dict[str, list[float]] = {"Lulzana Trungaj": [], "Zulmana Brungaj": []}
        with acting(bruno):
            for name in took:
                search(name, to=bruno, birth_year=1990)
            for _round in range(500):
                for name, times in took.items():
                    began = perf_counter()
                    assert search(name, to=bruno, birth_year=1990) == []
                    times.append(perf_counter() - began)
        known, unknown = (sorted(times) for times in took.values())
        # How often does a call for the known name take longer than one for the unknown? Half of the time, if nothing tells.
        longer = sum(a > b for a, b in zip(*took.values(), strict=True)) / 500
        assert 0.4 < longer < 0.6, (longer, known[250], unknown[250])
