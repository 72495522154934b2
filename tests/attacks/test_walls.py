"""What was confided to a school, a doctor, a counsellor or those who protect a child never reaches a security body.

Not as a guest and not as the lead, not to read and not to write, not in an emergency, and not through a unit that keeps
intelligence inside another service: whatever anybody signs. The database says so itself, and here it is asked.
"""

from typing import Any

import pytest

from tests.attacks.cheating import CONFIDED, REASON, SECURITY, signed_away
from tests.attacks.siege import Siege
from tests.attacks.stage import attempt
from tests.oracle.pack import CATEGORIES

RECORDS = ("case_note", "case_note_text", "case_document", "case_document_content", "case_check")
WORDS = [CATEGORIES[number] for number in CONFIDED]


@pytest.fixture(params=SECURITY)
def body(request: pytest.FixtureRequest) -> str:
    """Somebody who works for a security body."""
    return str(request.param)


@pytest.fixture
def case(siege: Siege, body: str) -> Any:
    """A grown-up's case to which their institution was never let in."""
    return next(
        key
        for key in siege.cases_of("dprrp", without=SECURITY[body])
        if (adult := siege.facts.cases[key].adult_on) is not None and adult <= siege.oracle.today
    )


def as_if_signed(siege: Siege, case: Any, office: str, *, leads: bool = False) -> Any:
    """The superuser's session after everything was signed away; whoever calls it goes on as the web's role."""
    for statement in signed_away(office, leads=leads):
        siege.stage.superuser.execute(statement, {"case": case})
    siege.stage.superuser.execute("set local role homeward_app")
    return siege.stage.superuser


@pytest.mark.parametrize("leads", [False, True], ids=["as a guest", "as the lead"])
def test_no_protocol_opens_to_a_security_body_what_was_confided_to_others(
    siege: Siege, body: str, case: Any, leads: bool
) -> None:
    with siege.stage.superuser.transaction(force_rollback=True):
        asked = as_if_signed(siege, case, SECURITY[body], leads=leads)
        asked.execute("select sec.enter(%s)", [siege.stage.tokens[body]])
        opened = {
            CATEGORIES[category]: (depth, writes)
            for category, depth, writes in asked.execute(
                "select category, depth, can_write from app.case_access_cat where case_id = %s", [case]
            )
        }
        masks = asked.execute(
            "select seen_mask | cat_mask | write_mask from app.case_access where case_id = %s", [case]
        ).fetchall()

    assert opened["security"] == (3, True)  # the protocol did open what it could
    assert not set(opened) & set(WORDS)
    if body != "kcs-intelligence":  # its institution is no security body: the wall of the unit stands between
        assert not any(mask & sum(1 << category for category in CONFIDED) for (mask,) in masks)


@pytest.mark.parametrize("category", CONFIDED, ids=WORDS)
def test_no_protocol_shows_a_security_body_a_note_or_that_there_is_one(
    siege: Siege, body: str, case: Any, category: int
) -> None:
    with siege.stage.superuser.transaction(force_rollback=True):
        run = siege.stage.superuser.execute
        written = {
            table: run(f"update app.{table} set category = %s where case_id = %s", [category, case]).rowcount
            for table in RECORDS
        }
        asked = as_if_signed(siege, case, SECURITY[body])
        asked.execute("select sec.enter(%s)", [siege.stage.tokens[body]])
        seen = {
            table: asked.execute(
                f"select count(*) from app.{table} where case_id = %s and category = %s", [case, category]
            ).fetchone()[0]
            for table in RECORDS
        }
        told = [number for (number,) in asked.execute("select sec.existing(%s)", [case])]

    assert all(written.values()), written
    assert not any(seen.values()), seen
    assert category not in told


@pytest.mark.parametrize("category", CONFIDED, ids=WORDS)
def test_no_protocol_lets_a_security_body_write_there(
    siege: Siege, body: str, case: Any, category: int
) -> None:
    insert = "insert into app.case_note (case_id, category, institution_id) values (%s, %s, %s)"
    mine = siege.world.institutions[SECURITY[body]]
    with siege.stage.superuser.transaction(force_rollback=True):
        asked = as_if_signed(siege, case, SECURITY[body])
        asked.execute("select sec.enter(%s)", [siege.stage.tokens[body]])
        refused = attempt(asked, insert, [case, category, mine])
        allowed = attempt(asked, insert, [case, CATEGORIES.index("security"), mine])

    assert refused.state == "42501"
    assert allowed.state != "42501"  # the key is missing, and the guard had nothing against it


@pytest.mark.parametrize("category", CONFIDED, ids=WORDS)
def test_no_emergency_opens_it_to_a_security_body(siege: Siege, body: str, case: Any, category: int) -> None:
    reference = siege.stage.one("select ref from app.case_anchor where case_id = %s", [case])
    member = siege.world.members[body]
    with siege.stage.superuser.transaction(force_rollback=True):
        run = siege.stage.superuser.execute
        run("update app.member set roles = '{caseworker,break_glass}' where id = %s", [member])
        run(
            "update sec.session set assurance = 2, factor_at = clock_timestamp() where member_id = %s",
            [member],
        )
        asked = as_if_signed(siege, case, SECURITY[body])
        asked.execute("select sec.enter(%s)", [siege.stage.tokens[body]])
        call = "select sec.break_glass(gen_random_uuid(), %s, %s::smallint[], %s)"
        refused = attempt(asked, call, [reference, [0, category], REASON])
        allowed = attempt(asked, call, [reference, [0], REASON])

    assert (refused.state, "break_glass.category" in str(refused.error)) == ("42501", True)
    assert not allowed.refused  # role, factor and reason were in order


@pytest.mark.parametrize("category", CONFIDED, ids=WORDS)
@pytest.mark.parametrize("watches", ["security", "intelligence"])
def test_no_unit_that_keeps_security_files_can_be_told_to_look_at_it(
    siege: Siege, watches: str, category: int
) -> None:
    mask = 1 << CATEGORIES.index(watches) | 1 << category
    outcome = attempt(
        siege.stage.superuser,
        "insert into app.institution_unit (id, institution_id, code, name, mask, listed) "
        "values (gen_random_uuid(), %s, 'new', '{}', %s, false)",
        [siege.world.institutions["kps"], mask],
    )

    assert outcome.error is not None
    assert outcome.error.diag.constraint_name == "unit_of_security_is_walled"


def test_an_institution_that_becomes_a_security_body_loses_it_at_once(siege: Siege) -> None:
    login = "csw-mitrovica-south"
    sees = "select distinct category from app.case_access_cat where category between 13 and 17"
    with siege.stage.superuser.transaction(force_rollback=True):
        siege.stage.superuser.execute(
            "update app.institution_kind set party = 'security' where code = 'social-work-centre'"
        )
        siege.stage.superuser.execute("set local role homeward_app")
        siege.stage.superuser.execute("select sec.enter(%s)", [siege.stage.tokens[login]])
        after = siege.stage.ask(sees)
    with siege.stage.as_member(login) as connection:
        before = connection.execute(sees).fetchall()

    assert before
    assert not after
