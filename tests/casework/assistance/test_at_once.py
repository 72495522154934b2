"""What needs two connections, or a hand that no member has: really saved, in a country of its own."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import StringIO
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connections

from homeward.casework.assistance import actions, queries
from homeward.casework.assistance.actions import HistoryRow
from homeward.casework.assistance.actions.requesting import refused
from homeward.casework.assistance.models import AssistanceKind, Entry, EntryStep, catalogue
from homeward.casework.people import queries as families
from homeward.foundation.audit.actions import Operator
from homeward.foundation.institutions.models import Institution
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import RuleBroken
from homeward.foundation.kernel.packs import load
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


def test_of_two_gifts_at_once_the_second_finds_the_first(country):
    """Together they are more than may be given before somebody approves it."""
    with country.acting(ANA) as ana:
        mother, *_ = a_family(by=ana, children=1)
        wanted: dict[str, Any] = {
            "code": "cash",
            "amount": Decimal(60),
            "starts_on": today(),
            "ends_on": today(),
        }
        entries = [give(mother, by=ana, **wanted) for _time in range(2)]

    def relieves(login, entry):
        def work(start):
            with country.acting(login) as member:
                start()
                try:
                    given = actions.relieve(entry, by=member).state
                except RuleBroken as refusal:
                    return refusal.code
                sleep(0.5)  # not saved yet: the other passes the rule, and has to wait in the database
                return given

        return work

    found = at_once(relieves(ANA, entries[0]), relieves(OFFICER, entries[1]))
    assert sorted(found) == ["assistance.relief", "relieved"]


def test_who_moves_at_the_moment_of_a_request_is_compared_at_night(country):
    """Neither saw the other: the request covered the old home."""
    with country.acting(ANA) as ana:
        mother, child = a_family(by=ana, children=1)
        give(mother, by=ana)
        one = give(child, by=ana)
        assert len(pairs(mother, ana)) == 1
    country.stage.superuser.execute(
        "update app.assistance_cover set unit = gen_random_uuid() where entry_id = %s", [one.pk]
    )
    actions.sweep(by=Operator("a test"))
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
    run = country.stage.superuser.execute
    run("set role homeward_definer")
    run("update app.assistance_entry set case_id = %s where id = %s", [child.pk, moved.pk])
    run("update app.assistance_entry set case_id = case_id where case_id = %s", [child.pk])  # all are there
    run("reset role")
    with country.acting("dprrp-coordinator") as ana:
        assert pairs(child, ana) == {(JANUARY, JUNE, 181)}
        assert {one.because for one in queries.overlaps(to=ana) if child.pk == one.first_case_id} == {"moved"}


def test_the_command_prints_references_and_no_names(country):
    with country.acting(ANA) as ana:
        mother, child = a_family(by=ana, children=1)
        for case in (mother, child):
            let_in(case, CARLA, by=ana)
        row: dict[str, Any] = {"kind": "rent", "starts_on": JANUARY, "ends_on": JUNE, "amount": Decimal(900)}
        rows = [
            HistoryRow(
                case=mother.pk, file="csw.csv", row=1, payer=Institution.objects.get(code=CARLA), **row
            ),
            HistoryRow(case=child.pk, file="dprrp.xlsx", row=2, reference="A/1", **row),
        ]
        assert {one.outcome for one in actions.record_history(rows, by=ana)} == {"kept"}
        household = families.household_of(mother.person, to=ana).household.ref
    out, words, blind = StringIO(), StringIO(), StringIO()
    call_command("overlaps", "--as", ANA, "--json", stdout=out)
    [one] = [one for one in json.loads(out.getvalue())["overlaps"] if one["household"] == household]
    assert (one["person"], one["days"], one["kind"]) == (None, 181, "rent")
    places = {
        (entry["payer"], entry["file"], entry["row"], entry.get("reference")) for entry in one["entries"]
    }
    assert places == {(CARLA, "csw.csv", 1, None), ("dprrp", "dprrp.xlsx", 2, "A/1")}
    assert mother.ref not in out.getvalue()
    call_command("overlaps", "--as", ANA, stdout=words)
    assert f"{household}  rent  181 days" in words.getvalue()
    call_command("overlaps", "--as", "atrc-counsellor", "--json", stdout=blind)
    assert json.loads(blind.getvalue()) == {"overlaps": []}
    with pytest.raises(CommandError):
        call_command("overlaps", "--as", "nobody")


def test_at_night_everything_is_compared_once_more(country):
    """What a hand changed past every trigger is found, told to those who see both, and what is no longer so is gone."""
    with country.acting(ANA) as ana:
        mother, child = a_family(by=ana, children=1)
        give(mother, by=ana)
        one = give(child, by=ana)
        assert len(pairs(mother, ana)) == 1
        household = families.household_of(mother.person, to=ana).household.ref
    run = country.stage.superuser.execute
    run("delete from app.assistance_overlap where %s in (first_case_id, second_case_id)", [mother.pk])
    run("delete from app.assistance_cover where entry_id = %s", [one.pk])

    assert actions.sweep(by=Operator("a test")) == 1
    with country.acting(ANA) as ana:
        assert pairs(mother, ana) == {(JANUARY, JUNE, 181)}
    assert actions.sweep(by=Operator("a test")) == 0

    run("delete from app.assistance_cover where entry_id = %s", [one.pk])
    run("update app.assistance_entry set state = 'stopped' where id = %s", [one.pk])
    before, after = StringIO(), StringIO()
    call_command("overlaps", "--as", ANA, stdout=before)
    call_command("overlaps", "--as", ANA, "--sweep", stdout=after)
    assert (household in before.getvalue(), household in after.getvalue()) == (True, False)
    with country.acting(ANA) as ana:
        assert pairs(mother, ana) == set()


def test_the_kinds_of_a_country_are_loaded_and_those_it_drops_are_offered_no_longer(country):
    operator = Operator("a test")
    assert actions.load_assistance(load("example"), by=operator) == 5
    with country.acting(ANA) as ana:
        assert {kind.code for kind in queries.kinds(to=ana)} == {
            *("rent", "hotel", "food-parcel", "course", "workshop")
        }
        assert str(AssistanceKind.objects.get(code="rent")) == "Rent"
    assert actions.load_assistance(load("kosovo"), by=operator) == len(catalogue().kinds)
    with country.acting(ANA) as ana:
        assert {kind.code for kind in queries.kinds(to=ana)} == {kind.code for kind in catalogue().kinds}
        assert AssistanceKind.objects.get(code="rent").label["sr-latn"] == "Kirija"


def test_what_the_database_should_not_have_said_goes_on_as_it_is():
    with pytest.raises(DatabaseError, match="something else"):
        refused(DatabaseError("something else"))
