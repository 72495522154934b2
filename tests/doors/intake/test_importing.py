"""From a list to people with cases: created once, known again, corrected where the list was corrected, undone."""

import io
from collections import Counter
from datetime import date, timedelta

import openpyxl
import pytest
from django.urls import reverse

from homeward.casework.cases.models import Case, CaseNote
from homeward.casework.people import actions as people
from homeward.casework.people.models import Household, Person, PersonTwin, Return
from homeward.casework.people.queries import visible
from homeward.doors.intake import actions, queries
from homeward.doors.intake.models import IntakeBatch, IntakeContent, IntakeRow
from homeward.doors.intake.rules.faults import FileRefused
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken, Stale

HEADINGS = ["nr", "mbiemri", "emri", "emri_i_babait", "gjinia", "data_e_lindjes", "data_e_kthimit", "komuna"]
ALI = ("Gashi", "Ali", "Jeton", "M", "1990-01-06", "2017-08-23", "Lipjan")
SAMI = ("Elshani", "Sami", "Zeqir", "M", "1997-03-11", "2018-03-21", "Pejë")
BESA = ("Salihu", "Besa", "Skënder", "F", "1992-05-09", "2016-05-09", "Prizren")


def people_csv(*people_):
    """A list of people who came one by one: surname, given name, father, sex, birth, return, municipality."""
    lines = [HEADINGS, *([str(n), *one] for n, one in enumerate(people_, start=1))]
    return io.BytesIO("\n".join(",".join(line) for line in lines).encode())


def numbers(batch):
    """created, updated, unchanged, waiting."""
    found = queries.result(batch, to=batch.uploaded_by)
    return found.created, found.updated, found.unchanged, found.waiting


def names(member):
    """Everybody in sight, by name."""
    return sorted(person.full_name for person in visible(to=member).with_names())


@pytest.mark.parametrize(
    ("name", "sender", "rows", "households"),
    [
        ("iom-reception-2019-04-20.xlsx", "iom-reception", 110, 36),
        ("iom-reception-2021-07-17.xlsx", "iom-reception", 11, 5),
        ("dprrp-individual-returns.csv", "dprrp-individual", 129, 0),
        ("dprrp-expected-returns.csv", "dprrp-expected", 86, 46),
    ],
)
def test_a_list_that_ships_becomes_people_with_cases(
    take_in, acting, ana, example, name, sender, rows, households
):
    batch = take_in(example(name), sender, name=name, through=True)

    with acting(ana):
        assert (batch.state, batch.failure) == ("imported", "")
        assert numbers(batch) == (rows, 0, 0, 0)
        assert visible(to=ana).count() == Case.objects.count() == Return.objects.count() == rows
        assert Household.objects.count() == households
        wanted = "expected" if sender == "dprrp-expected" else "reception"
        assert Counter(Case.objects.values_list("care__state", flat=True)) == {wanted: rows}
        assert "intake.imported" in history(batch)


def test_a_manifest_row_becomes_everything_it_says(take_in, acting, ana, example):
    take_in(example("iom-reception-2019-04-20.xlsx"), "iom-reception", through=True)

    with acting(ana):
        row = IntakeRow.objects.get(position=1)
        person = visible(to=ana).with_names().get(pk__in=[row.person_id])
        assert (person.full_name, person.name_in_use.father, person.sex) == ("Ardita Dervishi", "Jusuf", "F")
        assert (person.born.iso, person.municipality.code) == ("1992-11-02", "viti")
        assert (person.documents, person.documents_status) == (["passport_expired"], "expired")
        back = Return.objects.get(person=person)
        assert (back.state, back.channel, back.arrived_on, back.wave.code) == (
            "arrived",
            "formal",
            date(2019, 4, 20),
            "2019-04-20",
        )
        home = person.memberships.get()
        assert home.relation == "head"
        assert (
            home.household.memberships.count()
            == IntakeRow.objects.filter(values__family_no="00001").count()
            > 1
        )


def test_what_the_police_and_the_doctors_noted_stays_in_the_sealed_file(take_in, acting, ana, example):
    file = example("iom-reception-2021-07-17.xlsx")
    batch = take_in(file, "iom-reception", through=True)

    with acting(ana):
        for row in IntakeRow.objects.all():
            assert not {"medical", "handed_to_police"} & row.values.keys()
            assert not {"Medical flags", "Handed to police on arrival"} & row.raw.keys()
        assert not CaseNote.objects.exists()
        assert queries.file_of(batch, to=ana).read() == file.getvalue()


def test_the_same_list_again_changes_nothing(take_in, acting, ana, example):
    name = "iom-reception-2019-04-20.xlsx"
    take_in(example(name), "iom-reception", through=True)
    with acting(ana):
        before = list(Person.objects.order_by("pk").values("pk", "version"))
    again = take_in(example(name), "iom-reception", through=True)

    with acting(ana):
        assert numbers(again) == (0, 0, 110, 0)
        assert list(Person.objects.order_by("pk").values("pk", "version")) == before
        assert all(len(one.rows) == 1 for one in queries.linked(to=ana))


def test_a_corrected_list_changes_only_what_was_corrected(take_in, acting, ana):
    take_in(people_csv(ALI, SAMI, BESA), through=True)
    corrected = ("Gashi", "Ali", "Jeton", "M", "1990-01-16", "2017-08-23", "Gjilan")
    batch = take_in(people_csv(corrected, SAMI, BESA), through=True)

    with acting(ana):
        assert numbers(batch) == (0, 1, 2, 0)
        row = IntakeRow.objects.get(batch=batch, position=1)
        assert row.changed_fields == ["born", "municipality"]
        person = visible(to=ana).with_names().get(pk__in=[row.person_id])
        assert (person.born.iso, person.municipality.code, person.version) == ("1990-01-16", "gjilan", 2)
        assert person.full_name == "Ali Gashi"
        others = visible(to=ana).exclude(pk=person.pk)
        assert set(others.values_list("version", flat=True)) == {1}
        assert history(person).count("person.corrected") == 1


def test_a_corrected_name_stays_on_record_as_another_name(take_in, acting, ana):
    take_in(people_csv(ALI), through=True)
    take_in(people_csv(("Gashi", "Alija", *ALI[2:])), through=True)

    with acting(ana):
        person = visible(to=ana).with_names().get()
        assert person.full_name == "Alija Gashi"
        assert [name.full for name in person.other_names] == ["Ali Gashi"]


def test_a_corrected_day_of_return_strikes_out_the_wrong_one(take_in, acting, ana):
    take_in(people_csv(ALI), through=True)
    take_in(people_csv((*ALI[:5], "2017-09-01", ALI[6])), through=True)

    with acting(ana):
        states = Return.objects.order_by("arrived_on").values_list("arrived_on", "state")
        assert list(states) == [(date(2017, 8, 23), "cancelled"), (date(2017, 9, 1), "arrived")]


def test_rows_that_moved_within_the_list_are_known_again(take_in, acting, ana):
    take_in(people_csv(ALI, SAMI), through=True)
    batch = take_in(people_csv(BESA, ALI, SAMI), through=True)

    with acting(ana):
        assert numbers(batch) == (1, 0, 2, 0)
        assert names(ana) == ["Ali Gashi", "Besa Salihu", "Sami Elshani"]


def test_a_number_that_now_speaks_of_somebody_else_waits_for_a_decision(take_in, acting, ana):
    take_in(people_csv(ALI), through=True)
    batch = take_in(people_csv(SAMI))

    with acting(ana):
        row = IntakeRow.objects.get(batch=batch)
        assert (row.verdict, [one["why"] for one in row.candidates]) == ("review", ["number"])


def test_a_person_twice_in_one_list_waits_for_a_decision(take_in, acting, ana):
    batch = take_in(
        people_csv(ALI, SAMI, ("Gashi", "Ali", "", "M", "1990", "2017-08-23", "Lipjan")), through=True
    )

    with acting(ana):
        assert numbers(batch) == (2, 0, 0, 1)
        row = IntakeRow.objects.get(batch=batch, verdict="review")
        assert (row.position, row.candidates) == (3, [{"row": 1, "why": "twice"}])
        assert visible(to=ana).count() == 2
        assert batch.waiting_rows == 1

        actions.decide(row, verdict="same", candidate="row:1", by=ana)
        actions.begin_import(batch, by=ana)
        assert actions.import_next(batch, by=ana) is False
        assert visible(to=ana).count() == 2
        assert (
            IntakeRow.objects.get(pk=row.pk).person_id
            == IntakeRow.objects.get(batch=batch, position=1).person_id
        )


def test_a_row_may_be_the_same_as_one_that_is_imported_with_it(take_in, acting, ana):
    fuller = ("Gashi", "Alia", "Jeton", "M", "1990-01-06", "2017-08-23", "Lipjan")
    batch = take_in(people_csv(("Gashi", "Ali", "", "M", "1990", "2017-08-23", ""), SAMI, fuller))
    with acting(ana):
        actions.decide(IntakeRow.objects.get(position=3), verdict="same", candidate="row:1", by=ana)
        actions.decide(IntakeRow.objects.get(position=1), verdict="left_out", by=ana)
        with pytest.raises(RuleBroken, match="Row 3 is to be the same"):
            actions.begin_import(batch, by=ana)
        actions.decide(IntakeRow.objects.get(position=1), verdict="new", by=ana)
        actions.begin_import(batch, by=ana)
        while actions.import_next(batch, by=ana, at_once=2):
            pass
        assert names(ana) == ["Ali Gashi", "Sami Elshani"]
        person = visible(to=ana).with_names().get(pk__in=[IntakeRow.objects.get(position=3).person_id])
        assert (person.born.iso, person.municipality.code) == ("1990-01-06", "lipjan")
        assert [name.full for name in person.other_names] == ["Alia Gashi"]

        actions.undo(queries.batch(batch.pk, to=ana), by=ana)
        assert names(ana) == []


def test_two_rows_of_one_person_are_known_again_as_they_were_decided(take_in, acting, ana):
    twice = ("Gashi", "Ali", "", "M", "1990", "2017-08-23", "Lipjan")
    batch = take_in(people_csv(ALI, twice))
    with acting(ana):
        actions.decide(IntakeRow.objects.get(position=2), verdict="same", candidate="row:1", by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
    again = take_in(people_csv(ALI, twice), through=True)
    with acting(ana):
        assert numbers(again) == (0, 0, 2, 0)
        assert names(ana) == ["Ali Gashi"]


def test_nobody_is_asked_again_about_two_of_whom_a_member_said_that_they_are_two(take_in, acting, ana):
    take_in(people_csv(ALI, BESA), through=True)
    vague = ("Gashi", "Ali", "", "M", "1990", "2019-08-23", "Prizren")
    batch = take_in(people_csv(*[SAMI] * 4, vague, (*vague[:4], "1990-01-06", *vague[5:])), name="new.csv")
    with acting(ana):
        rows = {row.position: row for row in IntakeRow.objects.filter(batch=batch)}
        [ali] = rows[5].candidate_people
        assert rows[6].candidates[0] == {"row": 5, "why": "twice"}
        actions.decide(rows[5], verdict="new", by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
        new = IntakeRow.objects.get(batch=batch, position=5).person_id
        [twin] = PersonTwin.objects.all()
        assert {twin.one_id, twin.other_id} == {ali, new}
        assert (twin.state, twin.source, twin.decided_by) == ("different", "desk", ana)
        # It is nobody's work on the case: the import can be undone, and the verdict goes with it.
        actions.undo(queries.batch(batch.pk, to=ana), by=ana)
        assert not PersonTwin.objects.exists()


def test_a_list_that_is_set_back_sets_back_what_it_said(take_in, acting, ana):
    for born in ("1990-01-06", "1991-01-06", "1990-01-06"):
        batch = take_in(people_csv((*ALI[:4], born, *ALI[5:])), through=True)
    with acting(ana):
        assert numbers(batch) == (0, 1, 0, 0)
        assert visible(to=ana).get().born.iso == "1990-01-06"


def test_somebody_without_a_return_is_expected_from_now_on(take_in, acting, ana):
    take_in(people_csv(ALI), through=True)
    batch = take_in(expected_csv(("H1", "Gashi", "Ali", "M", "1990", "Prizren", "Al-Hol")), "dprrp-expected")
    with acting(ana):
        person = visible(to=ana).get()
        people.cancel_return(Return.objects.get(), by=ana)
        actions.decide(IntakeRow.objects.get(batch=batch), verdict="same", candidate=str(person.pk), by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
        back = Return.objects.get(state="expected")
        assert (back.person, back.origin, back.channel) == (person, "Al-Hol", "formal")
        home = person.memberships.get()
        assert home.household_id == IntakeRow.objects.get(batch=batch).household_id


def test_somebody_who_came_home_twice_has_two_returns(take_in, acting, ana):
    take_in(people_csv(ALI), through=True)
    batch = take_in(people_csv(ALI, (*ALI[:5], "2019-01-01", "Lipjan")))
    with acting(ana):
        row = IntakeRow.objects.get(batch=batch, position=2)
        assert (row.verdict, row.candidates) == ("review", [{"row": 1, "why": "twice"}])
        actions.decide(row, verdict="same", candidate="row:1", by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
        assert names(ana) == ["Ali Gashi"]
        days = Return.objects.values_list("arrived_on", flat=True)
        assert set(days) == {date(2017, 8, 23), date(2019, 1, 1)}
        with pytest.raises(RuleBroken, match="cannot be undone"):
            actions.undo(queries.batch(batch.pk, to=ana), by=ana)


def test_a_corrected_manifest_moves_and_mends_whoever_it_names(take_in, acting, ana, workbook):
    mother = (1, "00001", "SALIHU", "Besa", "Skender", "F", "09-May-92", "head", "Pejë")
    child = (2, "00001", "SALIHU", "Drin", "Agim", "M", "2015", "child", "")
    other = (3, "00002", "HOXHA", "Vera", "Ali", "F", "1980", "head", "")
    take_in(manifest(workbook, mother, child, other), "iom-reception", through=True)
    moved = (2, "00002", "SALIHU", "Drin", "Agim", "F", "2015", "child", "Raqqa")
    batch = take_in(manifest(workbook, mother, moved, other), "iom-reception", through=True)
    with acting(ana):
        assert numbers(batch) == (0, 1, 2, 0)
        row = IntakeRow.objects.get(batch=batch, position=2)
        assert row.changed_fields == ["birthplace", "family_no", "sex"]
        person = visible(to=ana).get(pk__in=[row.person_id])
        assert (person.sex, person.birth_place) == ("F", "Raqqa")
        vera = visible(to=ana).get(pk__in=[IntakeRow.objects.get(batch=batch, position=3).person_id])
        assert person.memberships.get(ends_on=None).household == vera.memberships.get().household
        assert row.household_id == vera.memberships.get().household_id
        with pytest.raises(RuleBroken, match="cannot be undone"):
            actions.undo(batch, by=ana)


def test_corrected_papers_are_mended(take_in, acting, ana, example):
    take_in(example("iom-reception-2021-07-17.xlsx"), "iom-reception", through=True)
    book = openpyxl.load_workbook(example("iom-reception-2021-07-17.xlsx"))
    book.active["K4"] = "passport"
    book.active["L4"] = "asthma, trauma symptoms"
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    batch = take_in(file, "iom-reception", through=True)
    with acting(ana):
        row = IntakeRow.objects.get(batch=batch, verdict="changed")
        assert row.changed_fields == ["documents"]
        person = visible(to=ana).get(pk__in=[row.person_id])
        assert (person.documents, person.documents_status) == (["passport"], "valid")


def test_what_was_not_known_of_somebody_is_filled_in_from_the_list(take_in, acting, ana, workbook):
    take_in(
        expected_csv(("H1", "Salihu", "Besa", "", "rreth 1992", "Prizren", "Al-Hol")),
        "dprrp-expected",
        through=True,
    )
    with acting(ana):
        person = visible(to=ana).get()
        assert (person.sex, person.born.iso) == ("X", "1992~")
    batch = take_in(
        manifest(workbook, (1, "00001", "SALIHU", "Besa", "", "F", "1992", "head", "", "none")),
        "iom-reception",
    )
    with acting(ana):
        actions.decide(IntakeRow.objects.get(batch=batch), verdict="same", candidate=str(person.pk), by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
        person = visible(to=ana).get()
        assert (person.sex, person.born.iso, person.documents_status) == ("F", "1992", "none")


def test_two_of_whom_the_list_says_the_same_are_told_apart_by_their_number(take_in, acting, ana):
    batch = take_in(people_csv(ALI, ALI))
    with acting(ana):
        actions.decide(IntakeRow.objects.get(position=2), verdict="new", by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
        assert names(ana) == ["Ali Gashi", "Ali Gashi"]
    again = take_in(people_csv(ALI, ALI), through=True)
    with acting(ana):
        assert numbers(again) == (0, 0, 2, 0)


def test_reading_a_list_twice_reads_it_once(take_in, acting, ana):
    batch = take_in(people_csv(ALI))
    with acting(ana):
        actions.read_list.now(by=ana, batch=str(batch.pk))
        assert queries.batch(batch.pk, to=ana).state == "reviewing"
        assert IntakeRow.objects.count() == 1


def test_somebody_who_is_here_is_not_expected_again(take_in, acting, ana):
    take_in(people_csv((*ALI[:6], "")), through=True)
    batch = take_in(expected_csv(("", "Gashi", "Ali", "M", "1990", "Prizren", "Al-Hol")), "dprrp-expected")
    with acting(ana):
        person = visible(to=ana).get()
        actions.decide(IntakeRow.objects.get(batch=batch), verdict="same", candidate=str(person.pk), by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
        assert Return.objects.get().state == "arrived"
        assert visible(to=ana).get().municipality.code == "prizren"
        actions.undo(queries.batch(batch.pk, to=ana), by=ana)
        assert visible(to=ana).get().municipality is None


def test_other_whereabouts_are_told_anew(take_in, acting, ana):
    for where in ("Al-Hol", "Al-Roj"):
        take_in(
            expected_csv(("H1", "Gashi", "Ali", "M", "1990", "Prizren", where)),
            "dprrp-expected",
            through=True,
        )
    with acting(ana):
        told = Return.objects.order_by("entered_at").values_list("origin", "state")
        assert list(told) == [("Al-Hol", "cancelled"), ("Al-Roj", "expected")]


def test_who_came_lately_is_received_from_the_day_of_arrival(take_in, acting, ana):
    day = today() - timedelta(days=3)
    take_in(people_csv((*ALI[:5], day.isoformat(), ALI[6]), SAMI), through=True)
    with acting(ana):
        since = Case.objects.order_by("care__state_entered_on").values_list(
            "care__state_entered_on", flat=True
        )
        assert list(since) == [day, today()]


def test_somebody_out_of_sight_stops_the_import_with_the_row(take_in, acting, ana):
    batch = take_in(people_csv(ALI))
    with acting(ana):
        IntakeRow.objects.update(verdict="same", person_id="4f6f6a0e-0000-4000-8000-000000000000")
        actions.begin_import(batch, by=ana)
        with pytest.raises(RuleBroken, match="Row 1: this person is out of your sight"):
            actions.import_next(batch, by=ana)


def test_somebody_another_office_named_already_waits_and_is_joined_on_decision(
    take_in, acting, ana, workbook
):
    take_in(
        expected_csv(("H1", "Salihu", "Besa", "F", "1992", "Prizren", "Al-Hol")),
        "dprrp-expected",
        name="expected.csv",
        through=True,
    )
    batch = take_in(
        manifest(workbook, (1, "00001", "SALIHU", "Besa", "Skender", "F", "09-May-92", "head", "Pejë")),
        "iom-reception",
    )

    with acting(ana):
        row = IntakeRow.objects.get(batch=batch)
        known = visible(to=ana).get()
        assert (row.verdict, row.candidates) == ("review", [{"person": str(known.pk), "why": "alike"}])
        with pytest.raises(RuleBroken):
            actions.begin_import(batch, by=ana)

        actions.decide(row, verdict="same", candidate=str(known.pk), by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)

        person = visible(to=ana).with_names().get()
        assert (person.born.iso, person.birth_place, person.municipality.code) == (
            "1992-05-09",
            "Pejë",
            "prizren",
        )
        back = Return.objects.get(person=person)
        assert (back.state, back.arrived_on) == ("arrived", date(2019, 4, 20))
        assert Case.objects.get(person=person).care.state == "reception"
        assert person.memberships.filter(ends_on=None).count() == 1
        assert [(one.ref, len(one.rows)) for one in queries.linked(to=ana)] == [(person.ref, 2)]


def test_somebody_else_of_the_same_name_is_a_new_person_on_decision(take_in, acting, ana):
    take_in(people_csv(ALI), through=True)
    batch = take_in(expected_csv(("H1", "Gashi", "Ali", "M", "1990", "Prizren", "Al-Hol")), "dprrp-expected")

    with acting(ana):
        row = IntakeRow.objects.get(batch=batch)
        actions.decide(row, verdict="new", by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
        assert names(ana) == ["Ali Gashi", "Ali Gashi"]


def test_a_row_can_be_left_out_and_taken_in_after_all(take_in, acting, ana):
    batch = take_in(people_csv(ALI, SAMI))
    with acting(ana):
        actions.decide(IntakeRow.objects.get(position=2), verdict="left_out", by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
        assert names(ana) == ["Ali Gashi"]

        actions.decide(IntakeRow.objects.get(position=2), verdict="new", by=ana)
        actions.begin_import(IntakeBatch.objects.get(), by=ana)
        actions.import_next(batch, by=ana)
        assert names(ana) == ["Ali Gashi", "Sami Elshani"]
        with pytest.raises(RuleBroken, match="imported already"):
            actions.decide(IntakeRow.objects.get(position=2), verdict="left_out", by=ana)
        with pytest.raises(RuleBroken):
            actions.begin_import(IntakeBatch.objects.get(), by=ana)


def test_only_somebody_the_comparison_found_can_be_chosen(take_in, acting, ana):
    take_in(people_csv(ALI), through=True)
    batch = take_in(expected_csv(("H1", "Gashi", "Ali", "M", "1990", "Prizren", "Al-Hol")), "dprrp-expected")
    with acting(ana):
        row = IntakeRow.objects.get(batch=batch)
        with pytest.raises(RuleBroken, match="which person"):
            actions.decide(row, verdict="same", candidate="4f6f6a0e-0000-4000-8000-000000000000", by=ana)
        with pytest.raises(RuleBroken, match="Say who"):
            actions.decide(row, verdict="unchanged", by=ana)


def test_a_faulty_list_leaves_nothing_but_its_report(take_in, acting, ana):
    batch = take_in(people_csv(ALI, ("Elshani", "=1+1", "", "X", "2020-13-01", "2018-03-21", "Atlantis")))

    with acting(ana):
        assert batch.state == "refused"
        assert [(fault.cell, fault.code) for fault in batch.fault_list] == [
            ("C3", "formula"),
            ("E3", "not_a_sex"),
            ("F3", "not_a_day"),
            ("H3", "unknown_place"),
        ]
        assert not IntakeRow.objects.exists()
        assert not visible(to=ana).exists()
        with pytest.raises(RuleBroken):
            actions.begin_import(batch, by=ana)


def test_a_file_that_is_no_list_is_refused_with_a_report(take_in, acting, ana, example):
    batch = take_in(example("training-register.csv"))
    with acting(ana):
        assert (batch.state, [fault.code for fault in batch.fault_list]) == ("refused", ["no_header"])
        actions.discard(batch, by=ana)
        assert queries.batch(batch.pk, to=ana).state == "discarded"


def test_of_two_versions_that_were_compared_the_later_is_imported(take_in, acting, ana):
    """Who stands in both was new in both: importing both would make two of everybody."""
    first = take_in(people_csv(ALI), name="1.csv")
    second = take_in(people_csv(ALI, SAMI), name="2.csv")
    with acting(ana):
        with pytest.raises(RuleBroken) as refused:
            actions.begin_import(first, by=ana)
        assert refused.value.code == "intake.overtaken"
        actions.begin_import(second, by=ana)
        actions.import_list.now(by=ana, batch=str(second.pk))
        assert names(ana) == ["Ali Gashi", "Sami Elshani"]


def test_a_version_compared_while_another_is_imported_is_sent_again(take_in, acting, ana, signed_in):
    first = take_in(people_csv(ALI), name="1.csv")
    with acting(ana):
        actions.begin_import(first, by=ana)
    second = take_in(people_csv(ALI, SAMI), name="2.csv")
    with acting(ana):
        actions.import_list.now(by=ana, batch=str(first.pk))
        with pytest.raises(RuleBroken) as behind:
            actions.begin_import(second, by=ana)
        assert behind.value.code == "intake.behind"
    browser = signed_in(ana)
    browser.cookies["homeward_language"] = "en"
    page = browser.get(reverse("intake:start_import", args=[second.pk])).content.decode()
    assert "Send the file again: then it is compared with what is known now." in page
    third = take_in(people_csv(ALI, SAMI), name="2.csv", through=True)
    with acting(ana):
        assert numbers(third) == (1, 0, 1, 0)
        assert names(ana) == ["Ali Gashi", "Sami Elshani"]


def test_an_import_goes_on_from_where_it_was(take_in, acting, ana):
    batch = take_in(people_csv(ALI, SAMI, BESA))
    with acting(ana):
        actions.begin_import(batch, by=ana)
        assert actions.import_next(batch, by=ana, at_once=1) is True
        batch = queries.batch(batch.pk, to=ana)
        assert (batch.state, batch.done) == ("importing", 1)
        stopped = actions.stop_import(batch, by=ana, failure="The light went out.")
        assert (stopped.state, stopped.failure) == ("failed", "The light went out.")
        actions.begin_import(stopped, by=ana)
        assert actions.import_next(batch, by=ana, at_once=1) is True
        assert actions.import_next(batch, by=ana, at_once=5) is False
        assert names(ana) == ["Ali Gashi", "Besa Salihu", "Sami Elshani"]
        assert queries.batch(batch.pk, to=ana).done == 3


def test_a_refusal_in_the_middle_stops_the_import_and_says_why(take_in, acting, ana, monkeypatch):
    batch = take_in(people_csv(ALI))

    def refuse(*_arguments, **_options):
        raise RuleBroken("No mandate.")

    monkeypatch.setattr(people, "register_many", refuse)
    with acting(ana):
        actions.begin_import(batch, by=ana)
        actions.import_list.now(by=ana, batch=str(batch.pk))
        batch = queries.batch(batch.pk, to=ana)
        assert (batch.state, batch.failure) == ("failed", "No mandate.")
        assert not visible(to=ana).exists()


def test_a_family_over_several_steps_stays_one_household(take_in, acting, ana, example):
    batch = take_in(example("iom-reception-2021-07-17.xlsx"), "iom-reception")
    with acting(ana):
        actions.begin_import(batch, by=ana)
        while actions.import_next(batch, by=ana, at_once=2):
            pass
        assert Household.objects.count() == 5
        assert IntakeRow.objects.filter(household_id=None).count() == 0


def test_a_second_head_of_a_known_family_waits_for_a_decision(take_in, acting, ana, workbook):
    head = (1, "00001", "SALIHU", "Besa", "Skender", "F", "09-May-92", "head", "Pejë")
    take_in(manifest(workbook, head), "iom-reception", through=True)
    other = (2, "00001", "HOXHA", "Agron", "Ali", "M", "1980", "head", "Pejë")
    batch = take_in(manifest(workbook, other), "iom-reception")
    with acting(ana):
        row = IntakeRow.objects.get(batch=batch)
        assert (row.verdict, [one["why"] for one in row.candidates]) == ("review", ["head"])
        actions.decide(row, verdict="new", by=ana)
        actions.begin_import(batch, by=ana)
        actions.import_next(batch, by=ana)
        relations = Household.objects.get().memberships.values_list("relation", flat=True)
        assert sorted(relations) == ["head", "unknown"]


# ── undo ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_import_is_undone_as_if_it_had_never_been(take_in, acting, ana, example):
    batch = take_in(example("iom-reception-2019-04-20.xlsx"), "iom-reception", through=True)
    with acting(ana):
        undone = actions.undo(batch, by=ana)
        assert undone.state == "undone"
        assert not visible(to=ana).exists()
        assert not Case.objects.exists()
        assert not Household.objects.exists()
        assert not Return.objects.exists()
        assert queries.linked(to=ana) == []
        assert "intake.undone" in history(batch)

    again = take_in(example("iom-reception-2019-04-20.xlsx"), "iom-reception", through=True)
    with acting(ana):
        assert numbers(again) == (110, 0, 0, 0)


def test_what_an_import_corrected_stands_again_as_it_stood(take_in, acting, ana):
    take_in(people_csv(ALI, SAMI), through=True)
    batch = take_in(
        people_csv(("Gashi", "Alija", "Jeton", "M", "1990", "2017-08-23", "Gjilan"), SAMI, BESA), through=True
    )
    with acting(ana):
        actions.undo(batch, by=ana)
        first = IntakeBatch.objects.exclude(pk=batch.pk).get()
        assert names(ana) == ["Ali Gashi", "Sami Elshani"]
        person = visible(to=ana).get(
            pk__in=[IntakeRow.objects.filter(position=1).exclude(batch=batch).get().person_id]
        )
        assert (person.born.iso, person.municipality.code) == ("1990-01-06", "lipjan")
        actions.undo(first, by=ana)
        assert names(ana) == []


def test_what_somebody_else_corrected_since_is_not_put_back(take_in, acting, ana):
    take_in(people_csv(ALI), through=True)
    batch = take_in(people_csv((*ALI[:6], "Gjilan")), through=True)
    with acting(ana):
        person = visible(to=ana).get()
        people.correct_person(person, version=2, born=PartialDate(1991), by=ana)
        with pytest.raises(RuleBroken, match=person.ref):
            actions.undo(batch, by=ana)
        IntakeRow.objects.filter(batch=batch).update(person_id="4f6f6a0e-0000-4000-8000-000000000000")
        with pytest.raises(RuleBroken, match="out of your sight"):
            actions.undo(batch, by=ana)


@pytest.mark.parametrize("how", ["note", "move", "name", "correct", "return", "household", "again"])
def test_an_import_on_which_somebody_built_cannot_be_undone(take_in, acting, ana, how):
    from homeward.casework.cases import actions as cases

    batch = take_in(people_csv(ALI, SAMI), through=True)
    with acting(ana):
        person = visible(to=ana).with_names().get(pk__in=[IntakeRow.objects.get(position=1).person_id])
        case = Case.objects.get(person=person)
        if how == "note":
            cases.write_note(
                case, label="fact", category=3, happened_on=date(2020, 1, 1), text="Came.", by=ana
            )
        elif how == "move":
            cases.begin_intake(case, by=ana)
        elif how == "name":
            people.add_name(person, family="Gaši", given="Ali", by=ana)
        elif how == "correct":
            people.correct_person(person, version=1, born=PartialDate(1990), by=ana)
        elif how == "return":
            people.cancel_return(Return.objects.get(person=person), by=ana)
        elif how == "household":
            people.move_household(person, by=ana)
            people.move_household(person, by=ana, on=date(2099, 1, 1))
    if how == "again":
        take_in(people_csv(ALI, SAMI), through=True)
    with acting(ana):
        with pytest.raises(RuleBroken, match=case.ref):
            actions.undo(batch, by=ana)
        assert visible(to=ana).count() == 2
        assert queries.batch(batch.pk, to=ana).state == "imported"


def test_a_list_that_was_not_imported_cannot_be_undone(take_in, acting, ana):
    batch = take_in(people_csv(ALI))
    with acting(ana), pytest.raises(RuleBroken):
        actions.undo(batch, by=ana)


# ── whose lists ──────────────────────────────────────────────────────────────────────────────────────────


def test_lists_are_seen_by_nobody_else(take_in, acting, ana, carla, dora, bruno, edu):
    batch = take_in(people_csv(ALI), through=True)
    for stranger in (carla, dora, bruno, edu):
        with acting(stranger):
            for model in (IntakeBatch, IntakeRow, IntakeContent):
                assert not model.objects.exists()
            with pytest.raises(Missing):
                queries.batch(batch.pk, to=stranger)
            with pytest.raises((Missing, NotPermitted)):
                actions.undo(batch, by=stranger)
            assert queries.linked(to=stranger) == []


def test_only_who_answers_for_cases_takes_in_lists(acting, carla, dora, edu):
    for stranger in (dora, edu):
        with acting(stranger), pytest.raises(NotPermitted):
            actions.upload(file=people_csv(ALI), sender="dprrp-individual", by=stranger)


def test_the_file_is_kept_sealed(take_in, acting, ana):
    batch = take_in(people_csv(ALI))
    with acting(ana):
        stored = IntakeContent.objects.get(batch=batch)
        assert b"Gashi" not in bytes(stored.sealed)
        assert b"Gashi" in queries.file_of(batch, to=ana).read()
        stored.sealed = bytes(stored.sealed)[:-1] + b"\0"
        assert batch.unseal([stored]) is None
        assert batch.unseal([]) is None


def test_an_empty_or_enormous_file_is_not_even_kept(acting, ana, monkeypatch):
    with acting(ana):
        with pytest.raises(FileRefused, match="empty"):
            actions.upload(file=io.BytesIO(b""), sender="dprrp-individual", by=ana)
        with pytest.raises(FileRefused, match="larger"):
            actions.upload(file=io.BytesIO(b"x" * 20_000_001), sender="dprrp-individual", by=ana)
        with pytest.raises(Missing):
            actions.upload(file=people_csv(ALI), sender="nobody", by=ana)
        assert not IntakeBatch.objects.exists()


# ── mappings ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_institution_reads_a_sender_in_its_own_way(take_in, acting, ana, carla):
    with acting(ana):
        sender = queries.sender("dprrp-individual", to=ana)
        data = {**sender.data, "columns": [*sender.data["columns"]]}
        data["columns"][1] = {**data["columns"][1], "headings": ["llagapi"]}
        changed = actions.change_mapping(sender, data=data, version=0, by=ana)
        assert (changed.is_changed, changed.version) == (True, 1)
        with pytest.raises(Stale):
            actions.change_mapping(sender, data=data, version=0, by=ana)
        with pytest.raises(RuleBroken, match="no field"):
            actions.change_mapping(sender, data={**data, "columns": [{"field": "aura"}]}, by=ana)
        with pytest.raises(RuleBroken, match="another sender"):
            actions.change_mapping(sender, data={**data, "sender": "iom-reception"}, by=ana)

    file = people_csv(ALI).getvalue().replace(b"mbiemri", b"llagapi")
    batch = take_in(io.BytesIO(file), through=True)
    with acting(ana):
        assert names(ana) == ["Ali Gashi"]
        assert batch.state == "imported"
        restored = actions.restore_mapping(queries.sender("dprrp-individual", to=ana), by=ana)
        assert restored.version == 2
        assert restored.data["columns"][1]["headings"] == ["mbiemri"]


# ── lists made for these tests ───────────────────────────────────────────────────────────────────────────


def expected_csv(*people_):
    """A list of people who are awaited."""
    head = "nr,familja,mbiemri,emri,gjinia,viti_i_lindjes,komuna,vendndodhja"
    return io.BytesIO(
        "\n".join([head, *(",".join([str(n), *one]) for n, one in enumerate(people_, 1))]).encode()
    )


def manifest(workbook, *rows):
    """The manifest of a flight."""
    head = [
        "No.",
        "Family no.",
        "SURNAME",
        "First name",
        "Father's name",
        "Sex",
        "Date of birth",
        "Relation",
        "Place of birth",
        "Documents held",
    ]
    return workbook([["RECEPTION MANIFEST"], ["Arrival: 2019-04-20"], head, *rows])
