"""The first person of an institution is seated by a command, on a database of its own."""

import json

import pytest

from tests import stage
from tests.conftest import template


@pytest.fixture(scope="module")
def database():
    return stage.copied(template(), f"homeward_test_seat_{stage.WORKER}")


def seat(database, *more, institution="nao", ok=True):
    arguments = ("seat", "First-Auditor", "--institution", institution, "--name", "auditor-2", *more)
    return stage.manage(database, *arguments, ok=ok)


def test_the_first_person_of_an_institution_is_seated(database):
    made = json.loads(seat(database, "--role", "auditor", "--json").stdout)
    assert (made["login"], made["roles"], len(made["password"])) == ("first-auditor", ["auditor"], 20)
    with stage.superuser(database) as connection:
        row = connection.execute(
            "select i.code, m.roles::text from app.member m join app.app_account a on a.id = m.account_id "
            "join app.institution i on i.id = m.institution_id where a.username = 'first-auditor'"
        ).fetchall()
    assert row == [("nao", "{auditor}")]
    again = seat(database, "--role", "auditor").stdout
    assert "first-auditor is seated at nao: auditor." in again
    assert "Password" not in again


@pytest.mark.parametrize(
    ("given", "institution", "why"),
    [
        (("--role", "emperor"), "nao", "CommandError: "),
        (("--role", "auditor", "--unit", "x"), "nao", "no such unit of nao: x"),
        (("--role", "auditor"), "nowhere", "no such institution: nowhere"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(database, given, institution, why):
    done = seat(database, *given, institution=institution, ok=False)
    assert done.returncode != 0
    assert why in done.stderr
    assert "Traceback" not in done.stderr
