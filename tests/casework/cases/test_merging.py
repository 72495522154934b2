"""The proof of merging: two records full of everything become one and come apart, and no row of the database is lost."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from homeward.casework.assistance import actions as assistance
from homeward.casework.cases import actions
from homeward.casework.cases.models import Case
from homeward.casework.cases.models.team import Part
from homeward.casework.cases.rules.notes import Label
from homeward.casework.people import actions as people
from homeward.casework.people.actions import NewName, NewReturn
from homeward.casework.people.models import Person, PersonTwin
from homeward.foundation.access.actions import end_involvement, exclude
from homeward.foundation.access.models import Involvement
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Missing, RuleBroken
from tests.casework.assistance.conftest import kind
from tests.casework.cases import test_erasing
from tests.factories.cases import a_case, let_in

pytestmark = pytest.mark.saved
ANA, OFFICER = "dprrp-coordinator", "dprrp-officer"
# What is worked out anew whenever doors or support change, and so has other keys and moments afterwards.
DERIVED = {
    "case_access": ("folded_at",),
    "assistance_cover": ("id",),
}


def everything(country, *, without=("person_twin",)):
    """Every row of every guarded table as it is written; overlaps that are over left out."""
    found = {}
    for (table,) in country.stage.ask("select table_name from sec.guarded order by 1"):
        if table in without:
            continue
        where = "where gone_at is null" if table == "assistance_overlap" else ""
        rows = country.stage.ask(f"select to_jsonb(t) from app.{table} t {where}")
        kept = [
            {name: value for name, value in row.items() if name not in DERIVED.get(table, ())}
            for (row,) in rows
        ]
        found[table] = sorted(json.dumps(row, sort_keys=True) for row in kept)
    return found


def differing(before, after):
    """Tables that are not as they were, with what is gone and what is new."""
    return {
        table: (
            sorted(set(before[table]) - set(after[table])),
            sorted(set(after[table]) - set(before[table])),
        )
        for table in before
        if before[table] != after[table]
    }


def paired(country, one, other):
    """The two as the nightly comparison leaves them."""
    a, b = sorted((str(one.person_id), str(other.person_id)))
    country.stage.superuser.execute(
        "insert into app.person_twin (id, one_id, other_id, state, source, probability, evidence, found_at, reason, moved) "
        "values (gen_random_uuid(), %s, %s, 'open', 'register', 0.9, '[]', now(), '', '[]')",
        [a, b],
    )
    return country.stage.one("select id from app.person_twin where one_id = %s and other_id = %s", [a, b])


def proposed(country, one, other, *, by=OFFICER):
    key = paired(country, one, other)
    with country.acting(by) as officer:
        pair = PersonTwin.objects.get(pk=key)
        people.judge(pair, verdict="propose", kept=one.person_id, reason="her passport", by=officer)
    return key


def merged(country, one, other):
    key = proposed(country, one, other)
    with country.acting(ANA) as ana:
        people.confirm_merge(PersonTwin.objects.get(pk=key), by=ana)
    return key


def apart(country, key):
    with country.acting(ANA) as ana:
        people.take_apart(PersonTwin.objects.get(pk=key), reason="two passports", by=ana)


def full(country, key):
    """Somebody on record in every guarded table there is."""
    who = test_erasing.WHO[key]
    case = test_erasing._in_every_table(country, who)
    told = f"{who.given} {who.family}"
    for login in (ANA, "csw-mitrovica-south"):
        with country.acting(login) as member:
            test_erasing._a_list(member, case, who, told)
    test_erasing._a_visit(country, case, told)
    # Somebody who sees both has decided that two of the gifts are right beside each other.
    with country.stage.superuser.transaction():
        country.stage.superuser.execute("set local session_replication_role = replica")
        country.stage.superuser.execute(
            "update app.assistance_overlap o set outcome = 'accepted', settled_at = now(), settled_by_id = "
            "(select id from app.member order by id limit 1) where o.gone_at is null and %s in (o.first_case_id, o.second_case_id)",
            [case.pk],
        )
    return case


def test_two_full_records_become_one_and_two_again(country):
    one, other = full(country, "erased"), full(country, "kept")
    before = everything(country)
    key = merged(country, one, other)
    between = everything(country)
    with country.acting(ANA):
        # Whatever was about the second is about the first; nobody opens the second.
        assert not Case.objects.filter(pk=other.pk).exists()
        assert not Person.objects.filter(pk=other.person_id).exists()
        person = Person.objects.get(pk=one.person_id)
        assert {name.family for name in person.names.all()} == {"Quxhavaj", "Mprenkaj"}
        assert [name.family for name in person.names.all() if name.is_primary] == ["Quxhavaj"]
    left = {
        table
        for table, rows in between.items()
        if any(str(other.pk) in row or str(other.person_id) in row for row in rows)
    }
    # The record itself, its standing and history, and those for which there was no room.
    assert left <= {
        "case_anchor", "case_file", "case_care", "case_move", "person", "involvement", "person_birth_place",
        "case_check", "case_team_member", "intake_row",
    }  # fmt: skip
    apart(country, key)
    assert differing(before, everything(country)) == {}
    assert (
        country.stage.one("select count(*) from audit.event where verb in ('twin.merged', 'twin.parted')")
        == 2
    )


def test_every_table_that_leads_to_a_person_says_whether_it_follows(country):
    silent = country.stage.ask(
        "select c.relname, a.attname from pg_constraint f join pg_class c on c.oid = f.conrelid "
        "join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1] left join sec.guarded g on g.table_name = c.relname "
        "where f.contype = 'f' and cardinality(f.conkey) = 1 and f.confrelid in ('app.person'::regclass, 'app.case_file'::regclass) "
        "and not coalesce(g.stays or a.attname = g.key_column or a.attname = any (g.persons), false)"
    )
    assert silent == []


def test_a_table_that_says_nothing_stops_the_merge(country):
    with country.acting(OFFICER) as officer:
        one, other = a_case(by=officer), a_case(by=officer)
    key = proposed(country, one, other)
    run = country.stage.superuser.execute
    run("create table app.silent (id uuid primary key, person_id uuid references app.person (id))")
    before = everything(country)
    try:
        with country.acting(ANA) as ana, pytest.raises(RuleBroken) as refused:
            people.confirm_merge(PersonTwin.objects.get(pk=key), by=ana)
        assert refused.value.code == "twin.silent"
    finally:
        run("drop table app.silent")
    assert differing(before, everything(country)) == {}


def test_whoever_is_kept_from_one_is_kept_from_both(country):
    with country.acting(OFFICER) as officer:
        one, other = a_case(by=officer), a_case(by=officer, names=[NewName(family="Demo", given="Other")])
    with country.acting(ANA) as ana:
        cousin = Member.objects.get(name="dprrp-cousin")
        exclude(other.pk, member=cousin, reason="her sister", by=ana)
    key = merged(country, one, other)
    with country.acting("dprrp-cousin"):
        assert not Case.objects.filter(pk__in=[one.pk, other.pk]).exists()
    apart(country, key)
    with country.acting("dprrp-cousin"):
        assert [case.pk for case in Case.objects.filter(pk__in=[one.pk, other.pk])] == [one.pk]


def test_whoever_is_kept_away_meanwhile_stays_away_from_both(country):
    with country.acting(OFFICER) as officer:
        one, other = a_case(by=officer), a_case(by=officer, names=[NewName(family="Demo", given="Other")])
    key = merged(country, one, other)
    with country.acting(ANA) as ana:
        exclude(one.pk, member=Member.objects.get(name="dprrp-cousin"), reason="her sister", by=ana)
    apart(country, key)
    with country.acting("dprrp-cousin"):
        assert not Case.objects.filter(pk__in=[one.pk, other.pk]).exists()


def test_under_another_lead_they_do_not_come_apart(country):
    """The doors of the second would lead to nobody."""
    with country.acting(OFFICER) as officer:
        one, other = a_case(by=officer), a_case(by=officer, names=[NewName(family="Demo", given="Other")])
    key = merged(country, one, other)
    with country.stage.superuser.transaction():
        country.stage.superuser.execute("set local session_replication_role = replica")
        country.stage.superuser.execute(
            "update app.case_anchor set lead_id = (select id from app.institution where code = 'kps') where case_id = %s",
            [other.pk],
        )
    with country.acting(ANA) as ana, pytest.raises(RuleBroken) as refused:
        people.take_apart(PersonTwin.objects.get(pk=key), reason="two passports", by=ana)
    assert refused.value.code == "twin.led_elsewhere"


def test_doors_follow_and_can_be_shut(country):
    """Probation was let into the second case alone: it finds the kept one, until it is shut out; then it stays out."""
    with country.acting(ANA) as ana:
        one, other = a_case(by=ana), a_case(by=ana, names=[NewName(family="Demo", given="Other")])
        let_in(other, "kps", by=ana)
    key = merged(country, one, other)
    with country.acting("kps-supervisor"):
        assert Case.objects.filter(pk=one.pk).exists()
        assert not Case.objects.filter(pk=other.pk).exists()
    with country.acting(ANA) as ana:
        [door] = Involvement.objects.filter(case_id=one.pk, ended_by=None).exclude(
            institution=ana.institution
        )
        end_involvement(door, reason="over", by=ana)
    apart(country, key)
    with country.acting("kps-supervisor"):
        assert not Case.objects.filter(pk__in=[one.pk, other.pk]).exists()


def test_what_was_merged_into_an_erased_case_is_erased_too(country):
    with country.acting(OFFICER) as officer:
        one = a_case(by=officer, names=[NewName(family="Qwertzani", given="Xhyla")])
        other = a_case(by=officer, names=[NewName(family="Yxcvbani", given="Xhyla")])
    merged(country, one, other)
    for step, login in (("begin_intake", OFFICER), ("begin_assessment", OFFICER)):
        with country.acting(login) as member:
            getattr(actions, step)(one, by=member)
    with country.acting(OFFICER) as officer:
        actions.propose_closure(one, reason="moved_away", remark="", by=officer)
    with country.acting(ANA) as ana:
        actions.confirm_closure(one, by=ana)
        actions.archive(one, by=ana)
    country.retention_ends(one)
    with country.acting(OFFICER) as officer:
        actions.propose_erasure(one, by=officer)
    with country.acting(ANA) as ana:
        actions.erase(one, by=ana)
    left = everything(country, without=())
    keys = (one.pk, one.person_id, other.pk, other.person_id)
    assert {table: _told(rows, *keys) for table, rows in left.items() if _told(rows, *keys)} == {}


def test_merged_twice_they_come_apart_in_the_reverse_order(country):
    with country.acting(OFFICER) as officer:
        first, second, third = (
            a_case(by=officer, names=[NewName(family="Demo", given=name)]) for name in "ABC"
        )
    before = everything(country)
    inner = merged(country, second, third)
    outer = merged(country, first, second)
    with country.acting(ANA) as ana, pytest.raises(Missing):
        people.take_apart(PersonTwin(pk=inner), reason="x", by=ana)
    apart(country, outer)
    apart(country, inner)
    assert differing(before, everything(country)) == {}


# --- whatever is written before, between and after ----------------------------------------------------------------

WRITES = ("name", "note", "team", "support", "move", "door", "shut", "return")


def _write(country, what, case, number):
    """One thing an office does with a case."""
    with country.acting(ANA) as ana:
        case = Case.objects.get(pk=case.pk)
        person = Person.objects.get(pk=case.person_id)
        try:
            if what == "name":
                people.add_name(person, family=f"Name{number}", given="X", kind="alias", by=ana)
            elif what == "note":
                actions.write_note(
                    case,
                    category=Category.CASE,
                    label=Label.FACT,
                    happened_on=today(),
                    text=f"note {number}",
                    by=ana,
                )
            elif what == "team":
                actions.assign(case, member=ana, part=Part.SUPPORT, by=ana)
            elif what == "support":
                assistance.request(
                    case, kind=kind("medicines"), reference=f"{case.pk} {number}", starts_on=today(),
                    ends_on=today() + timedelta(days=5), amount=Decimal("5.00"), by=ana,
                )  # fmt: skip
            elif what == "move":
                people.move_household(person, by=ana)
            elif what == "door":
                let_in(case, "kps", by=ana)
            elif what == "shut":
                door = Involvement.objects.filter(case_id=case.pk, ended_by=None).exclude(
                    institution=ana.institution
                )
                if door:
                    end_involvement(door[0], reason="over", by=ana)
            else:
                people.expect_return(person, by=ana)
        except RuleBroken:
            pass  # such as a second expectation: nothing was written, on either side


def _told(rows, *keys):
    return [row for row in rows if any(str(key) in row for key in keys)]


# Each example is really saved: a failing one is not made smaller, that would take minutes.
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    before=st.lists(st.tuples(st.booleans(), st.sampled_from(WRITES)), max_size=6),
    between=st.lists(st.sampled_from(WRITES), max_size=5),
    after=st.lists(st.tuples(st.booleans(), st.sampled_from(WRITES)), max_size=3),
)
def test_whatever_is_written_stays_on_its_side(country, before, between, after):
    with country.acting(ANA) as ana:
        kept = a_case(by=ana, household="home", return_=NewReturn(arrived_on=date(2019, 4, 20)))
        other = a_case(by=ana, names=[NewName(family="Demo", given="Other")], born=PartialDate(1990))
    for number, (first, what) in enumerate(before):
        _write(country, what, kept if first else other, number)
    started = everything(country)
    key = merged(country, kept, other)
    for number, what in enumerate(between, 10):
        _write(country, what, kept, number)
    apart(country, key)
    ended = everything(country)
    # The second record is as it was; only a door that was shut meanwhile stays shut.
    shut = {"involvement", "access_grant", "case_access", "case_access_cat"} if "shut" in between else set()
    for table in started.keys() - shut:
        assert _told(ended[table], other.pk, other.person_id) == _told(
            started[table], other.pk, other.person_id
        ), table
    # Of the first nothing is gone, and what was written between stands there.
    new = {table: gone for table, (gone, _new) in differing(started, ended).items() if gone}
    assert new.keys() <= {
        "case_care",
        "case_file",
        "household_membership",
        "person",
        "person_name",
        *SHARED,
        *shut,
    }
    for number, (first, what) in enumerate(after, 20):
        _write(country, what, kept if first else other, number)
    with country.acting(ANA):
        assert {case.pk for case in Case.objects.filter(pk__in=[kept.pk, other.pk])} == {kept.pk, other.pk}


# Rows of the first record that writing changes in place, whether there was a merge or not.
SHARED = (
    "case_team_member",
    "person_return",
    "assistance_entry",
    "involvement",
    "access_grant",
    "case_access",
    "case_access_cat",
)
