"""The column of a partial date, in a real PostgreSQL: what it keeps, refuses, orders and finds."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, models, transaction
from django.db.models import F, Value
from django.test.utils import isolate_apps

from homeward.foundation.kernel.dates import PartialDate, PartialDateField
from homeward.foundation.kernel.errors import RuleBroken

# The application's role may not make tables; the one that migrates may, and the test takes it back.
ALIAS = "migrate"
pytestmark = pytest.mark.django_db(databases=[ALIAS])

SPELLINGS = ["1996", "1996-04", "1996-04-02", "1996-12-31", "1996~", "1997-01", "2001-09-11~"]


@pytest.fixture
def births():
    """A table with one partial date, for the length of one test."""
    with isolate_apps("homeward.foundation.kernel"):

        class Birth(models.Model):
            born = PartialDateField(null=True, db_index=True)

            class Meta:
                app_label = "kernel"
                db_table = "kernel_birth_of_a_test"

            def __str__(self):
                return str(self.born)

        with connections[ALIAS].schema_editor() as editor:
            editor.create_model(Birth)
        yield Birth._default_manager.using(ALIAS)


@pytest.fixture
def some(births):
    for text in SPELLINGS:
        births.create(born=PartialDate.parse(text))
    births.create(born=None)
    return births


def found(rows):
    return [value.iso for value in rows.order_by("born").values_list("born", flat=True)]


def test_it_comes_back_as_it_went_in(some):
    assert set(some.values_list("born", flat=True)) == {None, *map(PartialDate.parse, SPELLINGS)}
    assert some.get(born="1996~").born == PartialDate(1996, approximate=True)
    assert some.get(born=PartialDate(1996, 4)).born == PartialDate(1996, 4)


def test_the_database_orders_byte_by_byte(some):
    assert found(some.exclude(born=None)) == SPELLINGS


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ({"born__year": 1996}, SPELLINGS[:5]),
        ({"born__year": "1996"}, SPELLINGS[:5]),
        ({"born__year__gt": 1996}, SPELLINGS[5:]),
        ({"born__year__lte": 1996}, SPELLINGS[:5]),
        ({"born__year__in": [1997, 2001]}, SPELLINGS[5:]),
        ({"born__year__range": (1997, 2000)}, ["1997-01"]),
        ({"born__year": 199}, []),
        ({"born__startswith": "1996-04"}, ["1996-04", "1996-04-02"]),
        ({"born__in": [PartialDate(1996), "1997-1"]}, ["1996", "1997-01"]),
        ({"born__year": F("born__year")}, SPELLINGS),
    ],
)
def test_a_year_is_found_however_much_else_is_known(some, lookup, expected):
    assert found(some.filter(**lookup)) == expected


def test_the_years_can_be_listed(some):
    years = some.exclude(born=None).order_by("born__year").values_list("born__year", flat=True).distinct()

    assert list(years) == [1996, 1997, 2001]


def test_an_index_answers_the_question_for_a_year(some):
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    plan = some.filter(born__year=1996).explain()

    assert "Index" in plan
    assert "'1996'" in plan


@pytest.mark.parametrize(
    "text",
    [
        "",
        "96",
        "1996-",
        "1996-4",
        "1996-13",
        "1996-04-32",
        "1996-04-02T",
        "~1996",
        "0996",
        "1996\n",
        "19960402",
    ],
)
def test_the_database_itself_refuses_what_is_no_date(births, text):
    table = connections[ALIAS].ops.quote_name(births.model._meta.db_table)
    with (
        pytest.raises(IntegrityError, match="check constraint"),
        transaction.atomic(ALIAS),
        connections[ALIAS].cursor() as cursor,
    ):
        cursor.execute(f"insert into {table} (born) values (%s)", [text])


def test_a_row_is_checked_before_it_is_saved(births):
    row = births.model(born="1996-13")
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert list(refused.value.message_dict) == ["born"]

    with pytest.raises(RuleBroken):
        births.create(born="1996-13")


def test_a_date_can_be_taken_from_another_row(some):
    some.filter(born=None).update(born=F("born"))
    some.filter(born="1996").update(born=Value(PartialDate(1995), output_field=PartialDateField()))

    assert found(some.filter(born__year__lt=1996)) == ["1995"]
    assert some.filter(born=None).count() == 1


def test_a_saved_row_can_be_written_out(births):
    row = births.create(born="1996-4")

    assert row._meta.get_field("born").value_to_string(births.get(pk=row.pk)) == "1996-04"
    assert row._meta.get_field("born").value_to_string(births.create(born=None)) == ""
