"""When the rules of folding change, every name is filed anew."""

import json
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import transaction

from homeward.casework.people import tasks
from homeward.casework.people.models import PersonName
from homeward.casework.people.rules import FOLD_VERSION
from tests.conftest import DATABASE, _superuser

PERSON = "00000000-0000-4000-8000-00000000f01d"


@pytest.fixture
def filed_long_ago(members):
    """A name that was filed under rules nobody remembers. Saved for good, as the operator's command finds it."""
    with _superuser(DATABASE) as connection:
        _forget(connection)
        connection.execute(
            "insert into app.person (id, ref, sex, born, documents_status, documents, languages, version,"
            " created_at, created_by_id) values (%s, 'HW-0000-0000-00', 'F', '1992', 'unknown', '{}', '{}', 1, now(), %s)",
            [PERSON, members["dprrp-coordinator"].pk],
        )
        connection.execute(
            "insert into app.person_name (id, person_id, kind, family, given, father, script, source, is_primary, folded,"
            " skeletons, keys, fold_version) values (%s, %s, 'primary', 'Hoxha', 'Teuta', '', 'latn', '', true, '{}', '{}', '{}', 0)",
            [PERSON, PERSON],
        )
    yield
    with _superuser(DATABASE) as connection:
        _forget(connection)


def _forget(connection: psycopg.Connection) -> None:
    connection.execute("delete from app.person_name where person_id = %s", [PERSON])
    connection.execute("delete from app.person where id = %s", [PERSON])


@pytest.mark.django_db(databases=["default", "auth", "migrate"])
def test_names_are_filed_anew_by_a_command(filed_long_ago):
    with transaction.atomic(using="migrate"):
        said = StringIO()
        call_command("refold_names", "--json", stdout=said)
        name = PersonName.objects.using("migrate").get(pk=PERSON)

        assert json.loads(said.getvalue()) == {"names": 1, "version": FOLD_VERSION}
        assert {"hoxa", "teuta"} <= set(name.folded)
        assert name.skeletons
        assert name.keys
        assert name.fold_version == FOLD_VERSION

        again = StringIO()
        call_command("refold_names", stdout=again)
        assert again.getvalue() == "0 names filed anew.\n"
        transaction.set_rollback(True, using="migrate")


@pytest.mark.django_db(databases=["default", "auth", "migrate"])
def test_names_are_filed_anew_in_the_background_some_at_a_time(filed_long_ago, monkeypatch):
    """Whoever updates the program need not think of it: the worker looks whether the rules have changed."""
    with transaction.atomic(using="migrate"):
        monkeypatch.setattr(tasks, "REFOLDED_AT_ONCE", 0)
        tasks.refold(0)
        assert PersonName.objects.using("migrate").get(pk=PERSON).fold_version == 0

        monkeypatch.setattr(tasks, "REFOLDED_AT_ONCE", 1)
        tasks.refold(0)
        name = PersonName.objects.using("migrate").get(pk=PERSON)
        assert (name.fold_version, "hoxa" in name.folded) == (FOLD_VERSION, True)

        monkeypatch.setattr(tasks, "refold_names", lambda **_given: pytest.fail("nothing is left to do"))
        tasks.refold(0)
        transaction.set_rollback(True, using="migrate")


def test_the_worker_looks_for_itself():
    """The clock of the queue knows the task: a change of the rules is found without anybody asking."""
    from procrastinate.contrib.django import app

    assert any(
        task.task.name == "people.refold_names" for task in app.periodic_registry.periodic_tasks.values()
    )
