"""Uploaded lists are destroyed after their days, and a list that is sent anew still changes only what changed."""

from __future__ import annotations

import io
from io import StringIO

import pytest
from django.core.management import call_command

from homeward.casework.assistance.models import Entry
from homeward.casework.people.models import Person
from homeward.casework.people.queries import visible
from homeward.doors.intake import actions, queries
from homeward.doors.intake.models import IntakeBatch, IntakeContent, IntakeRow
from homeward.doors.intake.tasks import destroy
from homeward.foundation.audit.actions import Operator
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import RuleBroken
from tests.attacks.stage import django_on
from tests.doors.intake.test_importing import people_csv

pytestmark = pytest.mark.saved
ANA = "dprrp-coordinator"


@pytest.fixture
def take_in(country):
    """Takes in a list and imports what is ready, in a country in which nobody has been heard of."""
    run = country.stage.superuser.execute
    run("truncate app.intake_batch, app.person, app.household, app.case_file, app.case_anchor cascade")
    run("truncate app.involvement, app.access_grant, app.case_access, app.case_access_cat cascade")

    def run_through(*people_, through=True):
        with country.acting(ANA) as ana:
            batch = actions.upload(
                file=people_csv(*people_), sender="dprrp-individual", by=ana, file_name="list.csv"
            )
            actions.read_list.now(by=ana, batch=str(batch.pk))
            batch = queries.batch(batch.pk, to=ana)
            if through:
                actions.begin_import(batch, by=ana)
                actions.import_list.now(by=ana, batch=str(batch.pk))
            return queries.batch(batch.pk, to=ana)

    return run_through


def days_pass(country, batch, days=90):
    country.stage.superuser.execute(
        "update app.intake_batch set uploaded_at = uploaded_at - %s * interval '1 day', "
        "imported_at = imported_at - %s * interval '1 day' where id = %s",
        [days, days, batch.pk],
    )


ALI = ("Gashi", "Ali", "Jeton", "M", "1990-01-06", "2017-08-23", "Lipjan")
SAMI = ("Elshani", "Sami", "Zeqir", "M", "1997-03-11", "2018-03-21", "Pejë")
BESA = ("Salihu", "Besa", "Skënder", "F", "1992-05-09", "2016-05-09", "Prizren")


@pytest.fixture
def destroyed(country, take_in):
    """A list of three whose days are over."""
    batch = take_in(ALI, SAMI, BESA)
    days_pass(country, batch)
    with django_on(country.stage.database, role="homeward_job"):
        destroy.func(0)  # as the worker does it every night
    return batch


def result(country, batch):
    with country.acting(ANA) as ana:
        found = queries.result(batch, to=ana)
        return found.created, found.updated, found.unchanged, found.waiting


def test_not_a_day_sooner(country, take_in):
    batch = take_in(ALI)
    days_pass(country, batch, 89)
    assert actions.destroy_lists(by=Operator("retention")) == 0
    with country.acting(ANA):
        assert IntakeContent.objects.exists()
        assert IntakeBatch.objects.get().kept_until == today()


def test_the_file_and_every_cell_are_gone(country, destroyed):
    everything = [
        row
        for (table,) in country.stage.ask(
            "select tablename from pg_tables where schemaname = 'app' and tablename like 'intake%%'"
        )
        for (row,) in country.stage.ask(f"select t::text from app.{table} t")
    ]
    assert everything
    for word in ("Gashi", "Elshani", "Salihu", "1990-01-06", "Zeqir"):
        assert not [row for row in everything if word in row]
    with country.acting(ANA):
        assert not IntakeContent.objects.exists()
        assert IntakeRow.objects.imported().count() == 3
        assert Person.objects.count() == 3  # what came in by the list stays
    assert country.stage.ask(
        "select via, detail from audit.event where verb = 'intake.destroyed' and subject_id = %s",
        [destroyed.pk],
    ) == [("operator", {})]
    assert actions.destroy_lists(by=Operator("retention")) == 0


def test_the_same_list_again_changes_nothing(country, take_in, destroyed):
    again = take_in(ALI, SAMI, BESA, through=False)
    assert result(country, again) == (0, 0, 3, 0)


def test_a_corrected_list_changes_only_what_was_corrected(country, take_in, destroyed):
    batch = take_in(("Gashi", "Alija", "Jeton", "M", "1990-01-06", "2017-08-23", "Gjilan"), SAMI, BESA)
    assert result(country, batch) == (0, 1, 2, 0)
    with country.acting(ANA) as ana:
        row = IntakeRow.objects.get(batch=batch, position=1)
        # The name is another one: the row is known by its number, and by what is on record of the person.
        assert row.changed_fields == ["given", "municipality"]
        assert {person.full_name for person in visible(to=ana).with_names()} == {
            "Alija Gashi",
            "Sami Elshani",
            "Besa Salihu",
        }
        assert sorted(visible(to=ana).values_list("version", flat=True)) == [1, 1, 2]


def test_somebody_else_under_a_known_number_is_no_correction(country, take_in, destroyed):
    batch = take_in(
        ("Berisha", "Drita", "Agim", "F", "2001-07-01", "2018-03-21", "Pejë"), SAMI, BESA, through=False
    )
    assert result(country, batch) == (0, 0, 2, 1)


def test_a_person_out_of_sight_by_now_is_no_evidence(country, take_in, destroyed):
    country.stage.superuser.execute("delete from app.case_access")
    batch = take_in(("Gashi", "Alija", *ALI[2:]), SAMI, BESA, through=False)
    with country.acting(ANA):
        assert IntakeRow.objects.get(batch=batch, position=1).verdict in ("new", "review")


def test_what_nobody_decided_is_left_out(country, take_in):
    batch = take_in(ALI, ALI)  # the second row waits for a decision
    assert batch.waiting_rows == 1
    days_pass(country, batch)
    assert actions.destroy_lists(by=Operator("retention")) == 1
    with country.acting(ANA) as ana:
        row = IntakeRow.objects.get(batch=batch, position=2)
        assert (row.verdict, row.values, row.identity, row.fingerprints) == ("left_out", {}, "", {})
        batch = queries.batch(batch.pk, to=ana)
        assert (batch.state, batch.waiting_rows) == ("imported", 0)
        for attempted in (
            lambda: actions.decide(row, verdict="new", by=ana),
            lambda: actions.begin_import(batch, by=ana),
            lambda: actions.undo(batch, by=ana),
        ):
            with pytest.raises(RuleBroken) as refused:
                attempted()
            assert refused.value.code == "intake.destroyed"


def test_a_list_that_was_never_imported_goes_as_well(country, take_in):
    batch = take_in(ALI, through=False)
    days_pass(country, batch)
    actions.destroy_lists(by=Operator("retention"))
    with country.acting(ANA) as ana:
        assert queries.batch(batch.pk, to=ana).state == "discarded"
        assert IntakeRow.objects.get(batch=batch).values == {}


def test_a_list_that_is_being_imported_waits(country, take_in):
    batch = take_in(ALI)
    days_pass(country, batch)
    country.stage.superuser.execute(
        "update app.intake_batch set state = 'importing' where id = %s", [batch.pk]
    )
    assert actions.destroy_lists(by=Operator("retention")) == 0


def test_the_pages_say_until_when_it_is_there_and_that_it_is_gone(country, take_in):
    batch = take_in(ALI, SAMI)
    ana = country.browser(ANA)
    assert "are kept until" in ana.get(f"/intake/{batch.pk}/").content.decode()
    days_pass(country, batch)
    actions.destroy_lists(by=Operator("retention"))
    shown = ana.get(f"/intake/{batch.pk}/").content.decode()
    assert "in its cells are destroyed" in shown
    assert "Undo the whole import" not in shown
    rows = ana.get(f"/intake/{batch.pk}/rows/").content.decode()
    assert rows.count("destroyed") >= 2
    assert ana.get(f"/intake/{batch.pk}/annotated.xlsx").status_code == 404


def test_no_member_can_do_it(country):
    with country.stage.as_member(ANA) as connection, pytest.raises(Exception, match="denied"):
        connection.execute("select sec.destroy_lists()")


def test_an_operator_does_it_now_and_is_told_how_much(country, take_in):
    days_pass(country, take_in(ALI))
    said = StringIO()
    call_command("retention", "--json", stdout=said)
    call_command("retention", stdout=said)
    assert said.getvalue() == (
        '{"expired_returns": 0, "destroyed_lists": 1, "cases_waiting": 0}\n'
        "0 returns are expected no longer, 0 lists are destroyed, 0 archived cases wait for a decision.\n"
    )


def test_gifts_are_known_again_when_their_words_are_destroyed(country, take_in):
    """The same list changes nothing; a corrected one changes what was corrected, also of somebody it wrote wrongly before."""
    take_in(ALI, SAMI, BESA)

    def paid(*rows):
        lines = ["Nr;Mbiemri;Emri;Datelindja;Lloji;Prej;Deri;Shuma EUR", *rows]
        with country.acting(ANA) as ana:
            file = io.BytesIO("\n".join(lines).encode())
            batch = actions.upload(file=file, sender="dprrp-assistance", by=ana, file_name="paid.csv")
            actions.read_list.now(by=ana, batch=str(batch.pk))
            actions.begin_import(queries.batch(batch.pk, to=ana), by=ana)
            actions.import_list.now(by=ana, batch=str(batch.pk))
            return queries.batch(batch.pk, to=ana)

    def verdicts(batch):
        with country.acting(ANA):
            return list(
                IntakeRow.objects.filter(batch=batch).order_by("position").values_list("verdict", flat=True)
            )

    rows = [
        "1;Gashi;Ali;06.01.1990;rent;01.03.2020;;100",
        "2;Elshani;Sami;11.03.1997;wood;01.03.2020;;90",
        "3;Salihu;Besa;09.05.1992;rent;01.03.2020;;80",
    ]
    first = paid(*rows)
    days_pass(country, first)
    with django_on(country.stage.database, role="homeward_job"):
        destroy.func(0)
    with country.acting(ANA):
        assert {str(row.values) for row in IntakeRow.objects.filter(batch=first)} == {"{}"}

    again = paid(*rows)
    assert verdicts(again) == ["unchanged"] * 3
    days_pass(country, again)
    with django_on(country.stage.database, role="homeward_job"):
        destroy.func(0)
    corrected = paid(rows[0].replace("Gashi", "Gahsi"), rows[1].replace("90", "95"), rows[2])
    assert verdicts(corrected) == ["changed", "changed", "unchanged"]
    with country.acting(ANA):
        assert sorted(int(one.total) for one in Entry.objects.filter(state="released")) == [80, 95, 100]
        assert Entry.objects.count() == 4
