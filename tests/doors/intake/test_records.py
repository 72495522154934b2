"""Records of seven offices about people known already: whose they are, and nothing more than that."""

from __future__ import annotations

import copy
import io
import json
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from homeward.casework.assistance.actions import Kept
from homeward.casework.assistance.models import Entry
from homeward.casework.people.models import Person, PersonName
from homeward.casework.people.queries import visible
from homeward.doors.intake import actions, queries
from homeward.doors.intake.actions import importing
from homeward.doors.intake.models import IntakeRow
from homeward.doors.intake.rules.batch import Verdict
from homeward.doors.intake.rules.evidence import Birth, Guess, certain
from homeward.doors.intake.rules.shapes import SHAPES
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import RuleBroken
from homeward.foundation.kernel.refs import new_id

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = {
    "iom-reception-2019-04-20.xlsx": "iom-reception",
    "iom-reception-2021-07-17.xlsx": "iom-reception",
    "dprrp-individual-returns.csv": "dprrp-individual",
    "dprrp-expected-returns.csv": "dprrp-expected",
}
RECORDS = {
    "kcs-custody.csv": "kcs-custody",
    "kps-caseload.xlsx": "kps-caseload",
    "education-enrolment.csv": "education-enrolment",
    "dprrp-assistance.xlsx": "dprrp-assistance",
    "csw-assistance.csv": "csw-assistance",
    "cso-support.csv": "cso-support",
    "cso-sessions.csv": "cso-sessions",
}
HEADINGS = "mbiemri,emri,emri_i_babait,gjinia,data_e_lindjes,data_e_kthimit,komuna"


def people_csv(*rows):
    """A list of people who came one by one."""
    numbered = (f"{n},{row}" for n, row in enumerate(rows, start=1))
    return io.BytesIO("\n".join([f"nr,{HEADINGS}", *numbered]).encode())


def sessions(*rows):
    """A list of sessions: a name and a year of birth."""
    lines = (
        f'{n},"{name}",{year},sport,2021-02-11,60,attended,4' for n, (name, year) in enumerate(rows, start=1)
    )
    head = "no,participant,birth_year,activity,date,minutes,attendance,other_community_members_present"
    return io.BytesIO("\n".join([head, *lines]).encode())


def custody(*rows):
    """A list of a prison."""
    head = "no;surname;name;father;born;security_category;facility;admitted;sentence_ends;programme"
    lines = (f"{n};{row};high;Dubrava;2015-01-13;2023-12-27;refused" for n, row in enumerate(rows, start=1))
    return io.BytesIO("\n".join([head, *lines]).encode())


ARDITA = "Osmani,Ardita,Jusuf,F,1992-11-02,2017-08-23,Viti"
BESIM = "Osmani,Besim,Jusuf,M,1990-01-06,2017-08-23,Lipjan"


@pytest.fixture
def known(take_in):
    """Ardita and her brother are on record."""
    take_in(people_csv(ARDITA, BESIM), through=True)


def rows_of(batch):
    return list(IntakeRow.objects.filter(batch=batch).order_by("position"))


def test_of_eleven_files_nobody_is_linked_wrongly_and_most_by_themselves(take_in, acting, ana):
    """Against what is known of the made-up caseload: who every row is about, which the intake never sees."""
    truth = json.loads((ROOT / "tests" / "data" / "truth.json").read_text())["rows"]
    batches = {}
    for name, sender in (PEOPLE | RECORDS).items():
        file = io.BytesIO((ROOT / "examples" / name).read_bytes())
        batches[name] = take_in(file, sender, name=name, through=True)
    with acting(ana):
        who = {
            row.person_id: truth[name][str(row.position)] for name in PEOPLE for row in rows_of(batches[name])
        }
        assert len(who) == Person.objects.count() == 336  # the records have registered nobody
        counted: dict[str, int] = defaultdict(int)
        for name in truth:
            for row in rows_of(batches[name]):
                if row.verdict == Verdict.REFUSED:
                    counted["refused"] += 1
                    continue
                right = truth[name][str(row.position)]
                counted["rows"] += 1
                counted["wrong"] += row.is_imported and who[row.person_id] != right
                counted["linked"] += row.is_imported
                first = row.person_id or next(iter(row.candidate_people), None)
                counted["right first"] += who.get(first) == right
        assert (counted["wrong"], counted["refused"]) == (0, 3)
        assert counted["linked"] >= 0.85 * counted["rows"]
        assert counted["right first"] >= 0.98 * counted["rows"]
        covered = {one.batch.file_name: one for one in queries.coverage(to=ana)}
        assert {name: one.rows for name, one in covered.items()} == {
            name: len(rows) + (3 if name == "cso-support.csv" else 0) for name, rows in truth.items()
        }
        assert covered["cso-support.csv"].refused == 3
        assert all(one.not_yet == 0 and one.by_itself == one.linked for one in covered.values())


class TestWhatIsKept:
    def test_what_no_protocol_lets_one_write_is_read_and_let_go(self, known, take_in, acting, ana, signed_in):
        """The division is sent a prison's list: it learns whose rows these are, and keeps nothing of custody or security."""
        batch = take_in(custody("Osmani;Besim;Jusuf;1990-01-06"), "kcs-custody", through=True)
        with acting(ana):
            [row] = rows_of(batch)
            assert row.is_imported
            assert set(row.values) == {"surname", "given", "father", "born"}
            assert "Dubrava" not in json.dumps([row.raw, row.values])
            assert "high" not in json.dumps([row.raw, row.values])
        browser = signed_in(ana)
        assert browser.get(reverse("intake:annotated", args=[batch.pk])).status_code == 404
        page = browser.get(batch.get_absolute_url()).content.decode()
        assert "annotated" not in page

    def test_what_one_may_write_is_kept(self, known, take_in, acting, ana):
        batch = take_in(sessions(("Osmani, Besim", 1990)), "cso-sessions", through=True)
        with acting(ana):
            [row] = rows_of(batch)
            assert (row.values["activity"], row.values["attendance"]) == ("sport", "attended")


def read_otherwise(code, acting, ana, change):
    """The mapping of a sender as the pack has it, changed; stored by the action that a page calls."""
    with acting(ana):
        found = queries.sender(code, to=ana)
        data = copy.deepcopy(dict(found.data))
        change(data)
        return actions.change_mapping(found, data=data, by=ana)


def without(field):
    def change(data):
        data["columns"] = [column for column in data["columns"] if column["field"] != field]

    return change


def headed(field, *headings):
    def change(data):
        for column in data["columns"]:
            if column["field"] == field:
                column["headings"] = [*column.get("headings", ()), *headings]
            else:
                column["headings"] = [one for one in column.get("headings", ()) if one not in headings]

    return change


def turned(field, other):
    """What is headed as one field is read as another."""

    def change(data):
        [taken] = [column["headings"] for column in data["columns"] if column["field"] == field]
        without(field)(data)
        headed(other, *taken)(data)

    return change


class TestAMappingOfOnesOwn:
    """An institution may say how a list is headed; not what it holds, and not who paid."""

    def test_what_the_pack_lets_go_is_not_handed_out_by_leaving_it_unnamed(
        self, known, take_in, acting, ana, signed_in
    ):
        read_otherwise("kcs-custody", acting, ana, without("security_category"))
        batch = take_in(custody("Osmani;Besim;Jusuf;1990-01-06"), "kcs-custody")
        browser = signed_in(ana)
        assert browser.get(reverse("intake:annotated", args=[batch.pk])).status_code == 404
        assert "annotated" not in browser.get(batch.get_absolute_url()).content.decode()
        with acting(ana):
            assert "high" not in json.dumps([[row.raw, row.values] for row in rows_of(batch)])

    def test_a_copy_of_records_has_the_columns_that_are_kept_and_no_other(
        self, known, take_in, acting, ana, signed_in
    ):
        head = "no,participant,birth_year,activity,date,minutes,attendance,whispered"
        lines = [
            "Confidential: Besim,,,,,,,",
            head,
            '1,"Osmani, Besim",19x0,sport,2021-02-11,60,attended,hears voices',
            '2,"Osmani, Besim",1990,sport,2021-02-11,60,attended,=1+1',
        ]
        batch = take_in(io.BytesIO("\n".join(lines).encode()), "cso-sessions")
        answer = signed_in(ana).get(reverse("intake:annotated", args=[batch.pk]))
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        written = {str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line}
        assert {"Osmani, Besim", "19x0", "sport"} <= written
        assert not {one for one in written if "voices" in one or "Confidential" in one or "1+1" in one}
        with acting(ana):
            assert "1+1" not in json.dumps(queries.batch(batch.pk, to=ana).faults)

    @pytest.mark.parametrize(
        ("code", "change", "refused"),
        [
            ("kcs-custody", turned("security_category", "father"), "intake.mapping_guarded"),
            ("kcs-custody", headed("father", "Kategoria e sigurisë / x"), "intake.mapping_guarded"),
            ("kcs-custody", turned("security_category", "facility"), "intake.mapping_guarded"),
            ("iom-reception", turned("medical", "birthplace"), "intake.mapping_guarded"),
            ("csw-assistance", lambda data: data["constants"].update(source="donor"), "intake.mapping_payer"),
            ("csw-assistance", lambda data: data["constants"].update(payer="atrc"), "intake.mapping_payer"),
            ("csw-assistance", headed("municipality", "vendlindja"), "intake.mapping_payer"),
            ("csw-assistance", without("municipality"), "intake.mapping_payer"),
            ("cso-support", lambda data: data.update(constants={"payer": "dprrp", "source": "donor"}), "intake.mapping_payer"),
            ("cso-support", lambda data: data.pop("constants"), "intake.mapping_payer"),
            (
                "cso-sessions",
                lambda data: data.update(shape="supervision", columns=data["columns"][:2]),
                "intake.mapping_shape",
            ),
        ],
    )  # fmt: skip
    def test_who_paid_and_what_is_guarded_is_said_by_the_pack_alone(
        self, acting, ana, db_of_test, code, change, refused
    ):
        with pytest.raises(RuleBroken) as broken:
            read_otherwise(code, acting, ana, change)
        assert broken.value.code == refused

    def test_every_mapping_of_the_pack_is_one_that_can_be_restored(self, acting, ana, db_of_test):
        with acting(ana):
            for one in queries.senders(to=ana):
                assert actions.restore_mapping(one, by=ana).is_changed

    def test_headings_and_dates_may_be_read_otherwise(self, acting, ana, db_of_test):
        for code, field in (
            ("csw-assistance", "amount"),
            ("kcs-custody", "security_category"),
            ("kcs-custody", "father"),
        ):
            assert read_otherwise(code, acting, ana, headed(field, "zzyzx")).is_changed


class TestFaultyRows:
    def test_each_is_refused_for_itself_and_can_be_mended(self, known, take_in, acting, ana, signed_in):
        faulty = sessions(("Osmani, Besim", 1990), ("Osmani, Ardita", "92b"), ("", 1992))
        batch = take_in(faulty, "cso-sessions", through=True)
        with acting(ana):
            assert [row.verdict for row in rows_of(batch)] == [Verdict.SAME, Verdict.REFUSED, Verdict.REFUSED]
            assert all(not row.values and not row.raw for row in rows_of(batch)[1:])
            result = queries.result(batch, to=ana)
            assert (result.matched, result.refused, result.remaining) == (1, 2, 0)
        browser = signed_in(ana)
        browser.cookies["homeward_language"] = "en"
        page = browser.get(batch.get_absolute_url()).content.decode()
        assert "2 rows are faulty and are not taken over" in page
        assert "C3" in page
        mended = sessions(("Osmani, Besim", 1990), ("Osmani, Ardita", 1992), ("Osmani, Besim", 1990))
        again = take_in(mended, "cso-sessions", through=True)
        with acting(ana):
            assert [row.verdict for row in rows_of(again)] == [Verdict.UNCHANGED, Verdict.SAME, Verdict.SAME]
            assert [
                one.batch.pk for one in queries.coverage(to=ana) if one.batch.sender == "cso-sessions"
            ] == [again.pk]

    def test_without_its_headings_no_list_is_one(self, take_in, acting, ana):
        batch = take_in(io.BytesIO(b"a,b\n1,2\n"), "cso-sessions")
        assert batch.state == "refused"
        with acting(ana):
            assert rows_of(batch) == []


class TestDeciding:
    def test_nobody_is_registered_by_a_record(self, known, take_in, acting, ana):
        batch = take_in(sessions(("Krasniqi, Valdrin", 1971)), "cso-sessions")
        with acting(ana):
            [row] = rows_of(batch)
            assert (row.verdict, row.candidates) == (Verdict.REVIEW, [])
            with pytest.raises(RuleBroken):
                actions.decide(row, verdict=Verdict.NEW, by=ana)
            actions.decide(row, verdict=Verdict.LEFT_OUT, by=ana)
            assert visible(to=ana).count() == 2

    def test_the_page_shows_who_lives_around_each_of_them(self, take_in, signed_in, acting, ana):
        wave = ROOT / "examples" / "iom-reception-2021-07-17.xlsx"
        take_in(io.BytesIO(wave.read_bytes()), "iom-reception", through=True)
        with acting(ana):
            mother = next(
                person
                for person in visible(to=ana).with_names()
                if person.sex == "F" and not person.is_child_on(date(2021, 7, 17))
            )
            name = mother.name_in_use
        batch = take_in(sessions((f"Zzyzx, {name.given}", mother.born.year)), "cso-sessions")
        browser = signed_in(ana)
        browser.cookies["homeward_language"] = "en"
        page = browser.get(reverse("intake:decide", args=[batch.pk, 1])).content.decode()
        assert "Around this person" in page
        assert "Somebody else: a new person" not in page
        assert "None of them: leave this row out" in page

    def test_a_woman_is_found_by_the_name_that_a_member_recognised_her_under(
        self, known, take_in, acting, ana
    ):
        """And nobody who reads her names learns in whose list she stood."""
        batch = take_in(sessions(("Krasniqi, Ardita", 1992)), "cso-sessions")
        with acting(ana):
            [row] = rows_of(batch)
            assert row.verdict == Verdict.REVIEW
            [ardita] = row.candidate_people
            actions.decide(row, verdict=Verdict.SAME, candidate=str(ardita), by=ana)
            actions.begin_import(batch, by=ana)
            actions.import_list.now(by=ana, batch=str(batch.pk))
            [learned] = PersonName.objects.filter(person=ardita, family="Krasniqi")
            assert (learned.kind, learned.source, learned.is_primary) == ("married", "", False)
        again = take_in(sessions(("Krasniqi, Ardita", 1992), ("Krasniqi, Ardita", 1992)), "cso-sessions")
        with acting(ana):
            assert [row.verdict for row in rows_of(again)] == [Verdict.UNCHANGED, Verdict.SAME]
            assert PersonName.objects.filter(person=ardita).count() == 2

    def test_a_brother_is_not_taken_for_her(self, known, take_in, acting, ana):
        batch = take_in(sessions(("Osmani, Besnik", 1990), ("Osmani, Arta", 1992)), "cso-sessions")
        with acting(ana):
            assert {row.verdict for row in rows_of(batch)} == {Verdict.REVIEW}


def test_the_page_of_all_lists(known, take_in, signed_in, ana, dora):
    take_in(sessions(("Osmani, Besim", 1990), ("Osmani, Besnik", 1990)), "cso-sessions", through=True)
    browser = signed_in(ana)
    browser.cookies["homeward_language"] = "en"
    page = " ".join(browser.get(reverse("intake:coverage")).content.decode().split())
    assert "Sessions (civil society)" in page
    assert "50 %" in page
    assert signed_in(dora).get(reverse("intake:coverage")).status_code == 403


# --- when nobody has to look ---------------------------------------------------------------------------------------

guesses = st.builds(
    Guess,
    person=st.builds(new_id),
    name=st.floats(0, 1),
    birth=st.sampled_from(Birth),
    given=st.floats(0, 1),
    is_woman=st.booleans(),
    same_place=st.sampled_from([True, False, None]),
    same_father=st.sampled_from([True, False, None]),
)
dates = st.builds(PartialDate, st.integers(1950, 2020), st.none() | st.integers(1, 12))


@given(st.lists(guesses, max_size=4))
def test_whoever_is_certain_is_the_likeliest_and_nobody_else_fits_as_well(found):
    found.sort(key=lambda one: -one.rank)
    sure = certain(found)
    if sure is None:
        return
    assert sure is found[0]
    assert sure.birth in (Birth.YEAR, Birth.DAY)
    for other in found[1:]:
        assert not (other.name >= sure.name and other.name >= 0.6 and other.birth >= sure.birth)


@given(guesses)
def test_two_who_are_alike_in_everything_are_never_told_apart(one):
    twin = Guess(new_id(), one.name, one.birth, one.given, one.is_woman, one.same_place, one.same_father)
    if one.fits and (one.name >= 0.6 or one.is_woman):
        assert certain([one, twin]) is None


@given(st.none() | dates, st.none() | dates)
def test_how_births_agree_does_not_depend_on_who_is_asked_first(one, other):
    assert Birth.of(one, other) is Birth.of(other, one)


@pytest.mark.parametrize(
    ("one", "other", "birth"),
    [
        ("1992-11-02", "1992-11-02", Birth.DAY),
        ("1992-11-02", "1992", Birth.YEAR),
        ("1992-01-01", "1992-11-02", Birth.YEAR),  # the first of January stands for a year
        ("1992-01-01", "1992-01-01", Birth.YEAR),
        ("1992-11-02", "1992-02-11", Birth.NEAR),  # day and month changed places
        ("1992-11-02", "1993-11-02", Birth.NEAR),
        ("1992-11-02", "1993", Birth.NEAR),
        ("1992-11-02", "1994-11-03", Birth.DIFFERENT),
        ("1992", "1994", Birth.DIFFERENT),
        ("1992", None, Birth.UNKNOWN),
    ],
)
def test_how_two_births_agree(one, other, birth):
    read = [PartialDate.parse(text) if text else None for text in (one, other)]
    assert Birth.of(*read) is birth


def guess(name=1.0, birth=Birth.YEAR, **more):
    return Guess(new_id(), name, birth, **more)


@pytest.mark.parametrize(
    ("found", "is_sure"),
    [
        ([], False),
        ([guess()], True),
        ([guess(0.5)], False),
        ([guess(birth=Birth.UNKNOWN)], False),
        ([guess(birth=Birth.NEAR)], False),
        ([guess(), guess(birth=Birth.NEAR)], False),  # a namesake, a year older
        ([guess(birth=Birth.DAY), guess(birth=Birth.NEAR)], True),
        ([guess(birth=Birth.DAY), guess(0.3, Birth.DAY, given=0.2)], True),  # a twin
        # A woman under another family name: her father or her municipality has to agree as well.
        ([guess(0.2, Birth.DAY, given=1.0, is_woman=True, same_father=True)], True),
        ([guess(0.2, Birth.DAY, given=1.0, is_woman=True, same_place=True)], True),
        ([guess(0.2, Birth.DAY, given=1.0, is_woman=True)], False),
        ([guess(0.2, Birth.DAY, given=1.0, is_woman=True, same_place=True, same_father=False)], False),
        ([guess(0.2, Birth.DAY, given=1.0, same_father=True)], False),
        ([guess(0.2, Birth.YEAR, given=1.0, is_woman=True, same_father=True)], False),
        # A woman of the same first name and year may be the one who stands here under her husband's name.
        ([guess(), guess(0.2, Birth.YEAR, given=1.0, is_woman=True)], False),
    ],
)
def test_when_nobody_has_to_look(found, is_sure):
    assert (certain(found) is not None) is is_sure


# --- what payers have given ----------------------------------------------------------------------------------------


def support(*rows):
    """A list of the Centres for Social Work."""
    head = "nr;mbiemri/prezime;emri/ime;datelindja;komuna/opstina;kind;from;to;amount_eur"
    lines = (f"{n};{row}" for n, row in enumerate(rows, start=1))
    return io.BytesIO("\n".join([head, *lines]).encode())


RENT = "Osmani;Besim;06.01.1990;Lipjan;rent;14.05.2019;13.11.2019;{amount}"


class TestSupport:
    def entries(self):
        return [
            (one.payer.code, str(one.amount), one.origin_file, one.origin_row, one.state)
            for one in Entry.objects.select_related("payer").order_by("requested_at")
        ]

    def test_it_stands_in_the_ledger_under_the_place_it_had_first(self, known, take_in, acting, ana):
        first = support(RENT.format(amount="100,00"), "Osmani;Ardita;02.11.1992;Viti;qira;01.06.2019;;80,00")
        batch = take_in(first, "csw-assistance", name="first.csv", through=True)
        with acting(ana):
            assert sorted(self.entries()) == [
                ("csw-lipjan", "100.00", "first.csv", 1, "released"),
                ("csw-viti", "80.00", "first.csv", 2, "released"),
            ]
        # Sent again under another name, with one amount corrected: nothing stands there twice.
        again = support(RENT.format(amount="120,00"), "Osmani;Ardita;02.11.1992;Viti;qira;01.06.2019;;80,00")
        take_in(again, "csw-assistance", name="second.csv", through=True)
        with acting(ana):
            lipjan = [one for one in self.entries() if one[0] == "csw-lipjan"]
            assert [(amount, file, row) for _payer, amount, file, row, _state in lipjan] == [
                ("100.00", "first.csv", 1),
                ("120.00", "first.csv", 1),
            ]
            assert sorted(state for *_rest, state in lipjan) == ["released", "reversed"]
            assert len(self.entries()) == 3
        with acting(ana), pytest.raises(RuleBroken) as refused:
            actions.undo(queries.batch(batch.pk, to=ana), by=ana)
        assert refused.value.code == "intake.in_ledger"

    def test_what_the_ledger_does_not_take_is_refused_alone_and_told_anew_by_the_next_list(
        self, known, take_in, acting, ana, monkeypatch
    ):
        kept = Kept("refused", None, "Not in this case.", "assistance.missing")
        with monkeypatch.context() as patched:
            patched.setattr(importing, "record_history", lambda rows, by: [kept for _row in rows])
            batch = take_in(support(RENT.format(amount="1,00")), "csw-assistance", through=True)
        with acting(ana):
            assert batch.state == "imported"
            assert {(row.verdict, row.imported_at) for row in rows_of(batch)} == {(Verdict.REFUSED, None)}
            assert str(batch.fault_list[0].why) == "The ledger does not take this: Not in this case."
            assert self.entries() == []
        take_in(support(RENT.format(amount="1,00")), "csw-assistance", through=True)
        with acting(ana):
            assert len(self.entries()) == 1

    def test_a_correction_about_somebody_out_of_sight_is_refused_and_not_forgotten(
        self, known, take_in, acting, ana, monkeypatch
    ):
        take_in(support(RENT.format(amount="1,00")), "csw-assistance", through=True)
        corrected = support(RENT.format(amount="2,00"))
        with monkeypatch.context() as patched:
            patched.setattr(importing.Case.objects, "filter", lambda **_: importing.Case.objects.none())
            batch = take_in(corrected, "csw-assistance", through=True)
        with acting(ana):
            assert [row.verdict for row in rows_of(batch)] == [Verdict.REFUSED]
            assert [amount for _payer, amount, *_where in self.entries()] == ["1.00"]
        corrected.seek(0)
        take_in(corrected, "csw-assistance", through=True)
        with acting(ana):
            assert [one[1] for one in self.entries() if one[-1] == "released"] == ["2.00"]

    def test_a_payer_whom_nobody_knows_stops_it_too(self, known, take_in, acting, ana, monkeypatch):
        monkeypatch.setattr(importing._Import, "payers", {})
        with acting(ana):
            batch = actions.upload(file=support(RENT.format(amount="1,00")), sender="csw-assistance", by=ana)
            actions.read_list.now(by=ana, batch=str(batch.pk))
            actions.begin_import(queries.batch(batch.pk, to=ana), by=ana)
            actions.import_list.now(by=ana, batch=str(batch.pk))
            assert "which institution paid" in queries.batch(batch.pk, to=ana).failure
            assert self.entries() == []


class TestOnlyWhatWasGiven:
    def test_what_is_to_come_and_what_still_needs_two_signatures_is_refused_row_by_row(
        self, known, take_in, acting, ana
    ):
        day = today()
        rows = [
            ("cash", day + timedelta(days=3), None, "9,00"),
            ("cash", day - timedelta(days=3), None, "9000,00"),
            ("cash", day - timedelta(days=30), day + timedelta(days=90), "9000,00"),
            ("cash", day, None, "300,00"),
        ]
        lines = [
            f"Osmani;Besim;06.01.1990;Lipjan;{kind};{first:%d.%m.%Y};{f'{last:%d.%m.%Y}' if last else ''};{amount}"
            for kind, first, last, amount in rows
        ]
        batch = take_in(support(*lines), "csw-assistance", through=True)
        with acting(ana):
            assert [row.verdict for row in rows_of(batch)] == ["refused", "refused", "same", "same"]
            told = [(fault.cell, fault.code) for fault in batch.fault_list]
            assert told == [("G2", "in_the_future"), ("I3", "unsigned")]
            assert Entry.objects.count() == 2

    def test_a_mapping_of_ones_own_does_not_make_the_future_the_past(self, known, take_in, acting, ana):
        def allow(data):
            for column in data["columns"]:
                column |= {"future": True} if column["field"] == "starts_on" else {}

        read_otherwise("csw-assistance", acting, ana, allow)
        line = f"Osmani;Besim;06.01.1990;Lipjan;cash;{today() + timedelta(days=3):%d.%m.%Y};;9,00"
        batch = take_in(support(line), "csw-assistance")
        assert [(fault.cell, fault.code) for fault in batch.fault_list] == [("G2", "begins_later")]
        with acting(ana):
            assert [row.verdict for row in rows_of(batch)] == ["refused"]


def test_nobody_was_born_in_the_century_before_the_last():
    [fault] = SHAPES["sessions"].rule({"surname": "Osmani", "born": PartialDate(1850)}, date(2026, 1, 1))
    assert (fault.field, fault.fault.code) == ("born", "born_too_long_ago")
