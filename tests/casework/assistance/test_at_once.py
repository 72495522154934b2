"""What needs two connections, or a hand that no member has: really saved, in a country of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from homeward.casework.assistance import actions, queries
from homeward.casework.assistance.models import Entry, EntryStep
from homeward.foundation.kernel.errors import RuleBroken
from tests.casework.assistance.conftest import JANUARY, JUNE, give
from tests.factories.cases import a_case, a_family, let_in

pytestmark = pytest.mark.saved
ANA, OFFICER, CARLA = "dprrp-coordinator", "dprrp-officer", "csw-mitrovica-south"


def pairs(case, to):
    return {
        (one.starts_on, one.ends_on, one.days)
        for one in queries.overlaps(to=to)
        if case.pk in (one.first_case_id, one.second_case_id)
    }


def at_once(*works):
    """All of these in connections of their own, begun at the same moment."""
    start = Barrier(len(works))

    def run(work):
        try:
            return work(start.wait)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as both:
        return list(both.map(run, works))


def test_of_two_officers_who_release_at_once_one_does(country):
    """Two connections, really at once: the second waits at the row and then finds that it has moved on."""
    with country.acting("dprrp-coordinator") as ana:
        mother, *_ = a_family(by=ana, children=1)
        entry = actions.approve(give(mother, by=ana), by=ana)

    def releases(login):
        def work(start):
            try:
                with country.acting(login) as member:
                    start()
                    actions.release(Entry.objects.get(pk=entry.pk), by=member)
            except RuleBroken as broken:
                return broken.code
            return "released"

        return work

    answers = sorted(at_once(releases(ANA), releases(OFFICER)))

    assert answers in (["assistance.moved_on", "released"], ["assistance.release", "released"])
    with country.acting("dprrp-coordinator"):
        assert EntryStep.objects.filter(entry=entry, move="release").count() == 1


def test_of_two_payers_who_enter_at_once_the_second_finds_the_first(country):
    """Neither sees the other's row before it is saved; they take turns at the class of the household instead."""
    with country.acting(ANA) as ana:
        mother, *_ = a_family(by=ana, children=1)
        let_in(mother, CARLA, by=ana)

    def enters(login):
        def work(start):
            with country.acting(login) as member:
                start()
                give(mother, by=member)

        return work

    at_once(enters(ANA), enters(CARLA))

    with country.acting(ANA) as ana:
        assert pairs(mother, ana) == {(JANUARY, JUNE, 181)}


def test_two_files_that_become_one_are_compared_anew(country):
    """As the register does when it finds that two files are of one person: entries go over to the file that stays."""
    with country.acting("dprrp-coordinator") as ana:
        mother, child = a_family(by=ana, children=1)
        double = a_case(by=ana)
        give(mother, by=ana)
        moved = give(double, by=ana, code="medicines")
        give(child, by=ana, code="medicines")
        assert pairs(child, ana) == set()
    country.stage.superuser.execute(
        "update app.assistance_entry set case_id = %s where id = %s", [child.pk, moved.pk]
    )
    with country.acting("dprrp-coordinator") as ana:
        assert pairs(child, ana) == {(JANUARY, JUNE, 181)}
        assert {one.because for one in queries.overlaps(to=ana) if child.pk == one.first_case_id} == {"moved"}


