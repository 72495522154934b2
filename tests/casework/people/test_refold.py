"""When the rules of folding change, every name is filed anew."""

import json
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import transaction

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
