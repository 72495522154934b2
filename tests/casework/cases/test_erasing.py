"""The proof of erasure: two people on record in every table there is; one is erased; the whole database is searched."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from homeward.casework.assistance import actions as assistance
from homeward.casework.assistance.actions import HistoryRow
from homeward.casework.assistance.models import Entry, SmallGrant
from homeward.casework.assistance.queries import accounts, overlaps, totals
from homeward.casework.assistance.rules.grants import Criterion
from homeward.casework.cases import actions
from homeward.casework.cases.models.team import Part
from homeward.casework.cases.rules.checks import BY_CODE
from homeward.casework.cases.rules.notes import Label
from homeward.casework.people import actions as people
from homeward.casework.people.actions import NewName, NewReturn
from homeward.casework.people.models import Guardianship, Household
from homeward.doors.intake.models import IntakeBatch, IntakeRow, fingerprints_of, identity_of
from homeward.foundation.access.actions import exclude
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.dates import PartialDate
from tests.casework.assistance.conftest import kind
from tests.casework.cases.test_documents_rules import PDF
from tests.factories.cases import a_case, let_in

pytestmark = pytest.mark.saved
ANA, OFFICER = "dprrp-coordinator", "dprrp-officer"
# Of which rows remain although they name the person: the log.
LOG = "audit.event"


def words(given, family, father, place, born):
    """Everything by which somebody could be told, as it was written and as it was filed."""
    return SimpleNamespace(given=given, family=family, father=father, place=place, born=PartialDate(*born))


WHO = {
    "erased": words("Zylfixhare", "Quxhavaj", "Bexhetan", "Wroxhan", (1987, 3, 19)),
    "kept": words("Vjollqeta", "Mprenkaj", "Dodxhon", "Krysmadh", (1988, 7, 23)),
}


@pytest.fixture(scope="module")
def two(country):
    """Both are on record in every guarded table, in rows full of their names, and one of them is then erased."""
    made = {key: _in_every_table(country, who) for key, who in WHO.items()}
    for key, case in made.items():
        _everywhere(country, case, key)
    before = {key: _found(country, who, made[key]) for key, who in WHO.items()}
    country.retention_ends(made["erased"])
    with country.acting(OFFICER) as officer:
        actions.propose_erasure(made["erased"], remark=f"{WHO['erased'].given} has left", by=officer)
    with country.acting(ANA) as ana:
        actions.erase(made["erased"], by=ana)
    return SimpleNamespace(cases=made, before=before)


def _in_every_table(country, who):
    told = f"{who.given} {who.family} ({who.father}), {who.place}"
    with country.acting(OFFICER) as officer:
        case = a_case(
            by=officer,
            names=[
                NewName(family=who.family, given=who.given, father=who.father, source=who.place),
                NewName(family=who.family, kind="birth"),
            ],
            born=who.born,
            birth_place=who.place,
            household=who.family,
            relation="head",
            return_=NewReturn(arrived_on=date(2019, 4, 20), origin=who.place),
        )
        child = a_case(by=officer, born=PartialDate(today().year - 8))
        people.tell_apart(case.person, [child.person], by=officer)
        people.link_guardian(
            child.person,
            guardian=case.person,
            kind="caregiver",
            basis=told,
            ends_on=today() - timedelta(days=1),
            by=officer,
        )
        people.link_guardian(
            case.person, institution_name=f"Centre of {who.place}", kind="guardian", basis=told, by=officer
        )
        for category in (Category.CASE, Category.NEEDS):
            actions.write_note(
                case, category=category, label=Label.FACT, happened_on=today(), text=told, by=officer
            )
        actions.add_document(
            case, category=Category.CASE, title=told, file_name=f"{who.family}.pdf", content=PDF, by=officer
        )
        actions.assign(case, member=officer, part=Part.SUPPORT, by=officer)
        mine = next(code for code in case.checks if BY_CODE[code].category in (Category.CASE, Category.NEEDS))
        actions.tick(case, code=mine, result="done", why=told, by=officer)
    with country.acting(ANA) as ana:
        door = let_in(case, "kps", by=ana)
        country.stage.superuser.execute(
            "update app.involvement set reason = %s where id = %s", [told, door.pk]
        )
        given: dict[str, Any] = {
            "case": case.pk,
            "kind": "medicines",
            "starts_on": today(),
            "amount": Decimal("10.00"),
        }
        rows = [
            HistoryRow(file=f"{who.family}.csv", row=row, reference=f"{told} {row}", **given)
            for row in (1, 2)
        ]
        assert [one.outcome for one in assistance.record_history(rows, by=ana)] == ["kept", "kept"]
        wanted: dict[str, Any] = {
            "starts_on": today(),
            "ends_on": today() + timedelta(days=9),
            "amount": Decimal("5.00"),
        }
        assistance.request(case, kind=kind("medicines"), reference=told, note=told, by=ana, **wanted)
        grant = assistance.apply(case, purpose=told, asked=Decimal("9.00"), by=ana)
        assistance.score(grant, points=dict.fromkeys(Criterion.values, 3), by=ana)
        exclude(case.pk, member=Member.objects.get(name="dprrp-cousin"), reason=told, by=ana)
    return case


def _a_visit(country, case, told):
    """A visit of a grant that was never awarded: past the trigger that asks who plans it."""
    country.stage.superuser.execute("alter table app.assistance_station disable trigger sign_station")
    country.stage.superuser.execute(
        "insert into app.assistance_station (id, grant_id, case_id, payer_id, kind, what, due_on, result, found, planned_by_id) "
        "select gen_random_uuid(), g.id, g.case_id, g.payer_id, 'visit', %s, now(), '', %s, g.applied_by_id "
        "from app.assistance_grant g where g.case_id = %s",
        [told, told, case.pk],
    )
    country.stage.superuser.execute("alter table app.assistance_station enable trigger sign_station")


def _everywhere(country, case, key):
    """What needs time, an emergency, or another institution's list."""
    who = WHO[key]
    told = f"{who.given} {who.family} ({who.father}), {who.place}"
    _a_visit(country, case, told)
    country.stage.superuser.execute(
        "insert into app.break_glass (id, case_id, member_id, institution_id, lead_id, categories, reason, opened_at, "
        "expires_at, review_due_at, reviewed_at, reviewed_by_id, verdict) select gen_random_uuid(), k.case_id, m.id, "
        "m.institution_id, k.lead_id, '{0}', %s, now(), now(), now(), now(), m.id, 'justified' "
        "from app.case_anchor k, app.member m where k.case_id = %s limit 1",
        [told, case.pk],
    )
    for login in (ANA, "csw-mitrovica-south"):
        with country.acting(login) as member:
            _a_list(member, case, who, told)
    with country.acting("kps-supervisor") as stranger:
        _a_namesake(stranger, identity_of(told))
    for step in (("begin_intake", OFFICER), ("begin_assessment", OFFICER)):
        with country.acting(step[1]) as member:
            getattr(actions, step[0])(case, by=member)
    with country.acting(ANA) as ana:
        for entry in Entry.objects.filter(case=case.pk, state="requested"):
            assistance.stop(entry, by=ana, why="no_need")
        for grant in SmallGrant.objects.filter(case=case.pk):
            assistance.decline(grant, by=ana)
    with country.acting(OFFICER) as officer:
        actions.propose_closure(case, reason="moved_away", remark=told, by=officer)
    with country.acting(ANA) as ana:
        actions.confirm_closure(case, by=ana)
        actions.archive(case, by=ana)


def _a_list(member, case, who, told):
    batch = IntakeBatch(
        institution=member.institution, sender="x", file_name="list.xlsx", sha256="0" * 64, size=1, uploaded_by=member,
        state="imported", imported_at=now(), waiting_rows=1,
    )  # fmt: skip
    pieces = batch.seal(told.encode())
    batch.save(force_insert=True)
    for piece in pieces:
        piece.save(force_insert=True)
    values = {"given": who.given, "surname": who.family, "born": who.born.iso, "relation": "head"}
    identity = identity_of(told)
    for position, (person, verdict, candidates) in enumerate(
        [
            (case.person_id, "new", []),
            (None, "left_out", []),  # the same again, and nobody imported it
            (None, "review", [{"person": str(case.person_id), "why": "alike"}, {"row": 1, "why": "twice"}]),
        ],
        1,
    ):
        key = uuid4()
        mine = position < 3
        IntakeRow.objects.create(
            id=key, batch=batch, institution=member.institution, list_key="x", line=position, position=position,
            row_key=position, identity=identity if mine else identity_of("somebody else"),
            values=values if mine else {"given": "Somebody", "surname": "Else"},
            fingerprints=fingerprints_of(key, values), raw={"A1": told} if mine else {},
            verdict=verdict, candidates=candidates, person_id=person,
            undoing={"before": {"family": who.family}} if mine else {},
            imported_at=now() if person else None,
        )  # fmt: skip


def _a_namesake(member, identity):
    """In the list of an institution that knows nothing of the person: the same name, no date, no father."""
    batch = IntakeBatch.objects.create(
        institution=member.institution, sender="y", file_name="other.xlsx", sha256="1" * 64, size=1,
        uploaded_by=member, state="reviewing", pieces=0,
    )  # fmt: skip
    IntakeRow.objects.create(
        batch=batch, institution=member.institution, list_key="y", line=1, position=1, row_key=1, identity=identity,
        values={"given": "Somebody", "surname": "Else"}, raw={}, verdict="new",
    )  # fmt: skip


# --- the search ------------------------------------------------------------------------------------------------


def _tables(country):
    return [
        name
        for (name,) in country.stage.ask(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('app', 'audit', 'sec') order by 1"
        )
    ]


def _needles(who, case):
    """As text, and as the bytes of the text: every column of every type is searched as it is printed."""
    told = [who.given, who.family, who.father, who.place, who.born.iso, str(case.person_id), case.ref]
    told += [str(case.pk), case.ref.replace("-", "")]
    return [*told, *(one.encode().hex() for one in told)]


def _found(country, who, case):
    """Table → rows in which anything of the person stands, in whichever column."""
    needles = [f"%{one}%" for one in _needles(who, case)]
    found = {}
    for table in _tables(country):
        rows = country.stage.ask(f"select t::text from {table} t where t::text ilike any (%s)", [needles])
        if rows:
            found[table] = [row for (row,) in rows]
    return found


def test_the_person_stood_in_every_table_there_is(country, two):
    """A new table is filled here, or the search below would prove nothing about it."""
    guarded = {
        f"app.{name}"
        for (name,) in country.stage.ask(
            "select table_name from sec.guarded where about is not null or erased_by is not null"
        )
    }
    guarded.discard("app.assistance_booked")  # sums, and nobody in them; tried below
    guarded.discard("app.household")  # has nothing of anybody; that it is gone is tried below
    assert guarded - two.before["erased"].keys() == set()


def test_nothing_of_them_is_left_in_any_column_but_bare_keys_in_the_log(country, two):
    found = _found(country, WHO["erased"], two.cases["erased"])
    assert set(found) == {LOG}
    who, case = WHO["erased"], two.cases["erased"]
    for needle in set(_needles(who, case)) - {str(case.pk), str(case.person_id)}:
        assert not [row for row in found[LOG] if needle.lower() in row.lower()], needle


def test_folded_names_and_search_keys_are_gone_too(country, two):
    for column in ("folded", "skeletons"):
        rows = country.stage.ask(
            f"select {column}::text from app.person_name where {column}::text ilike '%%zylf%%'"
        )
        assert rows == []


def test_the_other_person_is_untouched(country, two):
    after = _found(country, WHO["kept"], two.cases["kept"])
    assert after == two.before["kept"]


def test_the_household_is_gone_and_the_child_keeps_that_somebody_answered_for_it(country, two):
    with country.acting(ANA):
        assert Household.objects.count() == 1
        former = Guardianship.objects.get(guardian_erased=True)
        assert (former.kind, former.guardian_id, former.basis, former.institution_name) == (
            "caregiver",
            None,
            "",
            "",
        )
        assert former.ends_on == today() - timedelta(days=1)


def test_the_payers_accounts_still_add_up_without_them(country, two):
    """Two gifts of the erased and two of the other: the sum is the same as before, and the erased stand in it alone."""
    with country.acting(ANA) as ana:
        [line] = totals(to=ana)
        assert (line.entries, line.amount) == (4, Decimal("40.00"))
        assert len(accounts(to=ana)) == 2
        assert overlaps(to=ana).count() == 1  # of the other person; those of the erased are gone
    [booked] = country.stage.ask("select kind, month, entries, amount from app.assistance_booked")
    assert booked == ("medicines", today().replace(day=1), 2, Decimal("20.00"))


def test_lists_keep_their_places_and_say_nothing(country, two):
    for login in (ANA, "csw-mitrovica-south"):
        with country.acting(login):
            gone = IntakeRow.objects.filter(verdict="left_out", identity="")
            assert {(row.position, row.person_id, row.imported_at) for row in gone} == {
                (1, None, None),
                (2, None, None),
            }
            other = IntakeRow.objects.get(batch=gone[0].batch_id, position=3)
            assert (other.candidates, other.verdict) == ([{"row": 1, "why": "twice"}], "review")
            assert other.batch.waiting_rows == 1


def test_a_namesake_in_a_list_elsewhere_is_somebody_else(country, two):
    with country.acting("kps-supervisor"):
        rows = IntakeRow.objects.filter(list_key="y")
        assert rows
        assert {(row.values["given"], row.verdict, bool(row.identity)) for row in rows} == {
            ("Somebody", "new", True)
        }


# --- tables to come --------------------------------------------------------------------------------------------

# Second keys in rows that go with the case by their first one.
GO_WITH_THE_CASE = {"app.case_file.person_id", "app.case_anchor.person_id", "app.case_access.person_id"}
# Columns of which a function named in sec.guarded takes care.
FORGOTTEN_BY = {
    "app.guardianship.guardian_id": "forget_guardian",
    "app.household_membership.household_id": "forget_household",
    "app.assistance_overlap.first_case_id": "forget_overlaps",
    "app.assistance_overlap.second_case_id": "forget_overlaps",
    "app.intake_row.person_id": "forget_rows",
    "app.person_twin.one_id": "forget_twins",
    "app.person_twin.other_id": "forget_twins",
    "app.person_twin.kept_id": "forget_twins",
    "app.intake_row.household_id": "forget_rows",
}


def test_every_path_to_a_person_says_how_it_is_erased(country):
    """A table that a later room adds fails here until its migration says how its rows go (access/operations.py)."""
    by_reference = country.stage.ask(
        "select format('%I.%I.%I', n.nspname, c.relname, a.attname) from pg_constraint f "
        "join pg_class c on c.oid = f.conrelid join pg_namespace n on n.oid = c.relnamespace "
        "join pg_attribute a on a.attrelid = f.conrelid and a.attnum = any (f.conkey) "
        "join pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[array_position(f.conkey, a.attnum)] "
        "where f.contype = 'f' and f.confrelid in ('app.person'::regclass, 'app.case_file'::regclass, "
        "'app.case_anchor'::regclass, 'app.household'::regclass) "
        "and b.attname in ('id', 'case_id', 'person_id')"
    )
    by_name = country.stage.ask(
        "select format('%I.%I.%I', table_schema, table_name, column_name) from information_schema.columns "
        "where table_schema in ('app', 'sec') and data_type = 'uuid' and column_name ~ '(person|case|child|household)(_id)?$'"
    )
    about = {
        f"app.{table}.{key}": what
        for table, key, what in country.stage.ask(
            "select table_name, key_column, about from sec.guarded where about is not null"
        )
    }
    functions = {
        name for (name,) in country.stage.ask("select erased_by from sec.guarded where erased_by is not null")
    }
    columns = {column for (column,) in (*by_reference, *by_name)}
    forgotten = {column for column, function in FORGOTTEN_BY.items() if function in functions}
    assert columns - about.keys() - forgotten - GO_WITH_THE_CASE == set()
    assert columns >= forgotten | GO_WITH_THE_CASE  # a column that is gone is taken off these lists


def test_every_special_table_and_every_function_is_there(country):
    silent = country.stage.ask(
        "select table_name from sec.guarded where shape in ('case', 'person') and about is null "
        "or shape = 'special' and about is null and erased_by is null"
    )
    assert {name for (name,) in silent} == {"member"}  # who works for an institution is nobody's case
    missing = country.stage.ask(
        "select erased_by from sec.guarded g where erased_by is not null and to_regprocedure('sec.' || erased_by || '(uuid,uuid,boolean)') is null"
    )
    assert missing == []
