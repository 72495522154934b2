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


def test_whoever_lost_the_telephone_gets_in_again(database):
    seat(database, "--role", "auditor")
    with stage.superuser(database) as connection:
        [(key, before)] = connection.execute(
            "select id, password from app.app_account where username = 'first-auditor'"
        ).fetchall()
        connection.execute(
            "insert into app.mfa_authenticator (user_id, type, data, created_at) values (%s, 'totp', '{}', now())",
            [key],
        )
        connection.execute(
            "insert into sec.session (token_hash, account_id, member_id, kind, expires_at) "
            "select 'x', m.account_id, m.id, 'web', now() + interval '1 hour' from app.member m where m.account_id = %s",
            [key],
        )
        connection.execute(
            "insert into sec.newcomer (account_id, token_hash, expires_at) values (%s, 'x', now() + interval '1 day')",
            [key],
        )
    made = json.loads(stage.manage(database, "reset_sign_in", "First-Auditor", "--json").stdout)
    assert (made["login"], made["second_factors_taken_off"], len(made["password"])) == (
        "first-auditor",
        1,
        20,
    )
    with stage.superuser(database) as connection:
        rows = connection.execute(
            "select (select count(*) from app.mfa_authenticator where user_id = a.id), a.password = %s, "
            "(select bool_and(s.revoked_at is not null) from sec.session s where s.account_id = a.id), "
            "(select n.chosen_at is not null from sec.newcomer n where n.account_id = a.id), "
            "(select e.detail->>'factors' from audit.event e where e.verb = 'account.reset') "
            "from app.app_account a where a.id = %s",
            [before, key],
        ).fetchone()
    assert rows == (0, False, True, True, "1")
    assert "shown this once" in stage.manage(database, "reset_sign_in", "first-auditor").stdout


def test_nobody_is_let_in_who_has_no_account(database):
    done = stage.manage(database, "reset_sign_in", "nobody", ok=False)
    assert "no such account: nobody" in done.stderr
    assert "Traceback" not in done.stderr
