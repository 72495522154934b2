"""Whoever changes the log, even with every right on the database, is found, and the event is named."""

import hashlib
import io
import itertools
import json
import os
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from homeward.foundation.audit.actions import Operator
from homeward.foundation.audit.actions import seal as seal_now
from homeward.foundation.audit.queries import anchors, verify
from homeward.foundation.audit.rules import Header, hash_of, leaf_of, root_of
from homeward.foundation.kernel.errors import RuleBroken
from tests.attacks.stage import LOGINS, attempt

OPERATOR = Operator("test")


def seal(log: Any) -> list[Header]:
    """Seals what is there, once no transaction runs that began before (other tests may be at work on this server)."""
    settled(log)
    return seal_now(by=OPERATOR)


def settled(log: Any) -> None:
    """Waits for whatever is running on this server; numbers from another server (a restored log) are not waited for."""
    for _moment in range(6000):
        if log.stage.one(
            "select coalesce(max(xid), '0') < pg_snapshot_xmin(pg_current_snapshot()) from audit.event "
            "where epoch = sec.epoch() and xid < pg_snapshot_xmax(pg_current_snapshot())"
        ):
            return
        time.sleep(0.01)
    raise AssertionError("A transaction elsewhere on this server has been open for a minute.")


def faults() -> list[tuple[int | None, str]]:
    return [(fault.event, fault.what) for fault in verify(to=OPERATOR).faults]


def command(log: Any, what: str) -> dict[str, Any]:
    settled(log)
    out = io.StringIO()
    try:
        call_command("audit", what, "--json", stdout=out)
    except SystemExit as ended:
        if ended.code != 1:
            raise
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def tampered(log: Any, *statements: str) -> None:
    """What an attacker does who owns the server: the guards off, the rows changed, the guards on again."""
    run = log.stage.superuser.execute
    for table in ("event", "seal"):
        run(f"alter table audit.{table} disable trigger user")
    try:
        for statement in statements:
            run(statement)
    finally:
        for table in ("event", "seal"):
            run(f"alter table audit.{table} enable trigger user")


def recomputed(log: Any, *ids: int) -> None:
    """Gives changed events the hashes that fit, then every seal its root and the chain: a thorough attacker."""
    for event in ids:
        tampered(
            log,
            "update audit.event set leaf = sha256('\\x00'::bytea || uuid_send(salt) || convert_to(sec.canonical(at, member_id, "
            "institution_id, via, verb, is_read, case_id, category, subject_type, subject_id, detail), 'UTF8')) "
            f"where id = {event}",
        )
    from homeward.foundation.audit.queries import ledger

    previous = None
    for header in ledger.headers():
        from dataclasses import replace

        from django.db import transaction

        with transaction.atomic(using="sealer"):
            rows = list(ledger.rows_between(header.begins, header.ends))
        changed = replace(
            header,
            events=len(rows),
            root=root_of([row.leaf for row in rows]),
            previous=previous.hash if previous else header.previous,
        )
        changed = replace(changed, hash=hash_of(changed))
        run = log.stage.superuser.execute
        run("alter table audit.seal disable trigger user")
        run(
            "update audit.seal set events = %s, root = %s, previous = %s, hash = %s where number = %s",
            [changed.events, changed.root, changed.previous, changed.hash, changed.number],
        )
        run("alter table audit.seal enable trigger user")
        previous = changed


def test_a_seal_binds_everything_that_was_saved_and_says_so_outside_the_database(log: Any) -> None:
    before = log.stage.one("select count(*) from audit.event")
    events = log.write()

    made = seal(log)

    assert [one.number for one in made] == [1]
    assert made[0].events == before + len(events)
    kept = anchors.read(1)
    assert kept.header == made[0]
    assert {event for event, _leaf in kept.entries} >= set(events)
    assert seal(log) == []
    report = verify(to=OPERATOR)
    assert (report.is_sound, report.seals, report.sealed, report.unsealed) == (
        True,
        1,
        before + len(events),
        0,
    )


def test_seals_form_a_chain(log: Any) -> None:
    for _round in range(4):
        log.write(transactions=2, each=3)
        seal(log)

    headers = [anchors.read(number).header for number in anchors.numbers()]
    assert [one.number for one in headers] == [1, 2, 3, 4]
    assert all(
        after.previous == before.hash and after.begins == before.ends
        for before, after in itertools.pairwise(headers)
    )
    assert faults() == []


def test_the_same_hash_is_computed_here_and_there(log: Any) -> None:
    from django.db import transaction

    from homeward.foundation.audit.queries import ledger

    log.write()
    with transaction.atomic(using="sealer"):
        rows = list(ledger.rows_between((0, 0), None))

    assert len(rows) > 60
    assert all(leaf_of(row) == row.leaf for row in rows)


def test_a_running_transaction_is_waited_for(log: Any) -> None:
    """Its events get smaller numbers than some that are saved before it; none of them may slip between two seals."""
    seal(log)
    slow = log.stage.new_login("homeward_app")
    with slow.transaction():
        slow.execute("select sec.enter(%s)", [log.stage.tokens["dprrp-coordinator"]])
        first = slow.execute(
            "select sec.audit(%s, 'case.slow', false, null, 3, 'case', null, '{}')",
            [log.members["dprrp-coordinator"]],
        ).fetchone()[0]
        quick = log.write(transactions=2)
        assert seal_now(by=OPERATOR) == []  # nothing below the running one
        assert verify(to=OPERATOR).unsealed == len(quick)
    slow.close()

    made = seal(log)

    assert [one.events for one in made] == [1 + len(quick)]
    assert anchors.read(2).entries[0][0] == first
    assert faults() == []


def test_a_large_backlog_becomes_several_seals_cut_between_transactions(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeward.foundation.audit.actions.sealing.PER_SEAL", 12)
    seal(log)
    log.write(transactions=6, each=5)

    assert [one.events for one in seal(log)] == [15, 15]
    assert faults() == []


CHANGES: dict[str, tuple[Callable[[int], str], str]] = {
    "its detail": (
        lambda event: f"update audit.event set detail = '{{}}' where id = {event}",
        "content differs from what was sealed",
    ),
    "who did it": (
        lambda event: f"update audit.event set member_id = gen_random_uuid() where id = {event}",
        "content differs from what was sealed",
    ),
    "when it was": (
        lambda event: f"update audit.event set at = at - interval '1 microsecond' where id = {event}",
        "content differs from what was sealed",
    ),
    "that it was a look": (
        lambda event: f"update audit.event set is_read = not is_read where id = {event}",
        "content differs from what was sealed",
    ),
    "its case": (
        lambda event: f"update audit.event set case_id = null where id = {event}",
        "content differs from what was sealed",
    ),
    "its salt": (
        lambda event: f"update audit.event set salt = gen_random_uuid() where id = {event}",
        "content differs from what was sealed",
    ),
    "its hash alone": (
        lambda event: f"update audit.event set leaf = sha256('x') where id = {event}",
        "its hash in the database was changed, its content was not",
    ),
    "its place, to the front": (
        lambda event: f"update audit.event set xid = '5' where id = {event}",
        "stands at another place of the log than it was sealed at",
    ),
    "its place, to the back": (
        lambda event: (
            f"update audit.event set xid = (select x.xid from audit.event x where x.id = {event} + 20) where id = {event}"
        ),
        "stands at another place of the log than it was sealed at",
    ),
    "its seal": (
        lambda event: f"update audit.event set epoch = epoch + 1 where id = {event}",
        "stands at another place of the log than it was sealed at",
    ),
    "that it was at all": (lambda event: f"delete from audit.event where id = {event}", "is missing"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_event_is_named(log: Any, what: str) -> None:
    events = log.write()
    seal(log)
    log.write(transactions=2)
    seal(log)
    statement, expected = CHANGES[what]
    tampered(log, statement(events[17]))

    found = faults()

    assert found[0] == (events[17], expected) or (None, expected) == found[0]
    assert {event for event, _what in found} == {events[17]}


@pytest.mark.parametrize(
    "what", ["its detail", "who did it", "when it was", "that it was a look", "its case"]
)
def test_a_changed_event_is_named_even_if_every_hash_in_the_database_was_recomputed(
    log: Any, what: str
) -> None:
    events = log.write()
    seal(log)
    log.write(transactions=2)
    seal(log)
    tampered(log, CHANGES[what][0](events[17]))
    recomputed(log, events[17])

    report = verify(to=OPERATOR)

    named = [fault for fault in report.faults if fault.event]
    assert [(fault.event, fault.verb, fault.seal) for fault in named] == [(events[17], "case.noted", 1)]
    assert named[0].at is not None
    assert named[0].what == "content differs from what was sealed, and its hash was recomputed to fit"
    assert any(fault.what == "the seal in the database differs from its anchor" for fault in report.faults)


def test_a_removed_event_is_named_even_if_the_seal_was_made_to_fit(log: Any) -> None:
    events = log.write()
    seal(log)
    tampered(log, f"delete from audit.event where id in ({events[3]}, {events[30]})")
    recomputed(log)

    assert (events[3], "is missing") in faults()
    assert (events[30], "is missing") in faults()


def test_an_event_put_in_afterwards_is_named(log: Any) -> None:
    events = log.write()
    seal(log)
    tampered(
        log,
        "insert into audit.event (epoch, xid, at, member_id, institution_id, via, verb, is_read, case_id, category, "
        "subject_type, subject_id, detail, salt, leaf) select epoch, xid, at, member_id, institution_id, via, 'case.forged', "
        f"is_read, case_id, category, subject_type, subject_id, detail, gen_random_uuid(), leaf from audit.event where id = {events[4]}",
    )
    forged = log.stage.one("select id from audit.event where verb = 'case.forged'")
    recomputed(log, forged)

    report = verify(to=OPERATOR)

    named = [(fault.event, fault.verb, fault.what) for fault in report.faults if fault.event]
    assert named == [(forged, "case.forged", "was put in after its time was sealed")]


def test_two_swapped_events_are_both_named(log: Any) -> None:
    events = log.write()
    seal(log)
    one, other = events[5], events[6]
    columns = "at, member_id, verb, is_read, case_id, detail, salt, leaf, subject_id"
    tampered(
        log,
        f"update audit.event e set ({columns}) = (select {columns} from audit.event x "
        f"where x.id = case e.id when {one} then {other} else {one} end) where e.id in ({one}, {other})",
    )

    assert [event for event, _what in faults()] == [one, other]


def test_a_change_before_the_seal_is_seen_by_its_hash(log: Any) -> None:
    events = log.write()
    tampered(log, f"update audit.event set verb = 'case.other' where id = {events[2]}")

    assert faults() == [(events[2], "content differs from its hash")]


class TestSeals:
    """The seals themselves, and the anchors, are held to each other."""

    def test_a_changed_seal(self, log: Any) -> None:
        log.write()
        seal(log)
        tampered(log, "update audit.seal set events = events - 1 where number = 1")

        assert faults() == [(None, "the seal in the database differs from its anchor")]

    def test_a_removed_seal(self, log: Any) -> None:
        for _round in range(3):
            log.write(transactions=1)
            seal(log)
        tampered(log, "delete from audit.seal where number = 2")

        assert faults() == [(None, "the seal is missing in the database")]

    def test_a_removed_anchor(self, log: Any) -> None:
        for _round in range(3):
            log.write(transactions=1)
            seal(log)
        anchors.path_of(2).unlink()

        assert faults() == [(None, "the seal has no anchor outside the database")]

    def test_a_seal_and_its_anchor_removed_together(self, log: Any) -> None:
        for _round in range(3):
            log.write(transactions=1)
            seal(log)
        anchors.path_of(2).unlink()
        tampered(log, "delete from audit.seal where number = 2")

        assert {what for _event, what in faults()} == {
            "the seal is missing here and outside",
            "the seal does not follow from the one before",
            "there is a gap between this seal and the one before",
        }

    @pytest.mark.parametrize("damage", ["one leaf", "a line less", "the root", "not text", "half"])
    def test_a_damaged_anchor(self, log: Any, damage: str) -> None:
        events = log.write()
        seal(log)
        path = anchors.path_of(1)
        lines = path.read_text("ascii").splitlines()
        changed = {
            "one leaf": [*lines[:-1], f"{events[-1]} {'0' * 64}"],
            "a line less": lines[:-1],
            "the root": [line if not line.startswith("root") else f"root {'0' * 64}" for line in lines],
            "not text": ["nothing"],
            "half": lines[:6],
        }[damage]
        os.chmod(path, 0o600)
        path.write_text("\n".join(changed) + "\n")

        found = [what for _event, what in faults()]

        cannot = "the anchor outside the database cannot be read"
        assert found == [
            cannot if damage in ("not text", "half") else "the anchor outside the database was changed"
        ]

    def test_without_its_anchor_the_database_is_still_held_to_its_own_word(self, log: Any) -> None:
        events = log.write()
        seal(log)
        anchors.path_of(1).unlink()
        tampered(log, f"update audit.event set detail = '{{}}' where id = {events[9]}")

        assert (events[9], "content differs from its hash") in faults()
        assert (None, "the events do not add up to the seal") in faults()

    def test_guards_that_are_off_are_told(self, log: Any) -> None:
        log.stage.superuser.execute("alter table audit.event disable trigger append_only")

        assert faults() == [(None, "a guard is switched off: audit.event: append_only")]

    def test_anchors_are_never_written_twice(self, log: Any) -> None:
        log.write()
        seal(log)

        assert oct(anchors.path_of(1).stat().st_mode & 0o777) == "0o400"
        assert [path.name for path in log.anchors.iterdir()] == ["seal-00000001.txt"]


class TestInterrupted:
    """The machine stops between the anchor and the seal."""

    def test_the_anchor_that_was_left_is_taken_up(self, log: Any) -> None:
        events = log.write()
        made = seal(log)[0]
        tampered(log, "delete from audit.seal")
        later = log.write(transactions=2)

        again = seal(log)

        assert again[0] == made
        assert again[1].events == len(later)
        assert anchors.numbers() == [1, 2]
        assert faults() == []
        assert events

    @pytest.mark.parametrize(
        "how",
        [
            "an event was changed",
            "an event was removed",
            "the anchor was changed",
            "the anchor is unreadable",
        ],
    )
    def test_an_anchor_that_says_something_else_is_not_taken_up(self, log: Any, how: str) -> None:
        events = log.write()
        seal(log)
        tampered(log, "delete from audit.seal")
        if how == "an event was changed":
            tampered(log, f"update audit.event set leaf = sha256('x') where id = {events[1]}")
        elif how == "an event was removed":
            tampered(log, f"delete from audit.event where id = {events[1]}")
        else:
            path = anchors.path_of(1)
            text = path.read_text("ascii")
            os.chmod(path, 0o600)
            path.write_text(text.replace("events ", "events 1") if "changed" in how else "nothing")

        with pytest.raises(RuleBroken, match="Anchor 1 says something else"):
            seal(log)
        assert log.stage.one("select count(*) from audit.seal") == 0


class TestRestored:
    """A backup is put into another server, whose transactions are numbered anew."""

    def test_sealing_stops_until_somebody_says_so(self, log: Any) -> None:
        log.write()
        seal(log)
        behind = log.stage.one("select pg_current_xact_id()::text::bigint + 1000000")
        tampered(
            log,
            f"update audit.event set xid = '{behind}'",
            f"update audit.seal set xid_to = '{behind + 1}'",
        )
        for path in list(log.anchors.iterdir()):
            path.unlink()

        with pytest.raises(CommandError, match="restored into another server"):
            call_command("audit", "seal")
        assert command(log, "restored")["superseded"] == []
        assert log.stage.one("select number from sec.log_epoch") == 2
        later = log.write()

        made = seal(log)

        assert [one.begins for one in made] == [(1, behind + 1)]
        assert made[0].events == len(later) + 1  # and the event that says so
        assert (
            log.stage.one("select count(*) from audit.event where verb = 'audit.restored' and epoch = 2") == 1
        )

    def test_seals_that_the_backup_does_not_hold_are_set_aside(self, log: Any) -> None:
        for _round in range(3):
            log.write(transactions=1)
            seal(log)
        lost = anchors.read(3)
        tampered(
            log,
            f"delete from audit.event where id in ({','.join(str(event) for event, _leaf in lost.entries)})",
            "delete from audit.seal where number = 3",
        )
        assert (None, "the seal is missing in the database") in faults()

        assert command(log, "restored")["superseded"] == [3]
        log.write(transactions=1)
        seal(log)

        assert faults() == []
        assert (log.anchors / "superseded-1" / "seal-00000003.txt").exists()
        detail = log.stage.one("select detail from audit.event where verb = 'audit.restored'")
        assert detail["superseded"] == [3]


class TestCommand:
    """What an operator types."""

    def test_seal_and_verify_say_what_they_did(self, log: Any) -> None:
        before = log.stage.one("select count(*) from audit.event")
        events = log.write()
        made = command(log, "seal")
        assert made["events"] == before + len(events)
        assert len(made["seals"][0]["hash"]) == 64

        sound = command(log, "verify")
        assert (sound["sound"], sound["faults"], sound["first"]) == (True, 0, None)

        tampered(log, f"update audit.event set detail = '{{}}' where id = {events[7]}")
        broken = command(log, "verify")
        assert (broken["sound"], broken["faults"]) == (False, 1)
        assert (broken["first"]["event"], broken["first"]["verb"]) == (events[7], "case.noted")

    def test_in_words(self, log: Any, capsys: pytest.CaptureFixture[str]) -> None:
        events = log.write()
        settled(log)
        call_command("audit", "seal")
        call_command("audit", "seal")
        call_command("audit", "verify")
        said = capsys.readouterr().out
        assert "Seal 1:" in said
        assert "Nothing to seal." in said
        assert "The log is what it was: 1 seals" in said

        tampered(
            log,
            f"update audit.event set detail = '{{}}' where id = {events[7]}",
            f"delete from audit.event where id = {events[8]}",
        )
        with pytest.raises(SystemExit) as exit_:
            call_command("audit", "verify")
        assert exit_.value.code == 1
        said = capsys.readouterr().out
        assert f"event {events[7]} (case.noted" in said
        assert f"event {events[8]} (unknown, unknown): is missing" in said
        call_command("audit", "restored")
        assert "Seals set aside as lost: none." in capsys.readouterr().out


def test_the_clock_seals(log: Any) -> None:
    from homeward.foundation.audit.tasks import seal_the_log

    log.write()
    settled(log)
    seal_the_log(timestamp=0)

    assert anchors.numbers() == [1]
    assert seal_the_log.queueing_lock == "audit.seal"


def test_the_log_is_append_only_for_every_role(log: Any) -> None:
    log.write(transactions=1)
    seal(log)
    statements = [
        statement
        for table in ("audit.event", "audit.seal")
        for statement in (
            f"update {table} set {'verb = verb' if table == 'audit.event' else 'root = root'}",
            f"delete from {table}",
            f"truncate {table}",
        )
    ]
    for role in (*LOGINS, "homeward_migrate", "homeward_backup", "superuser"):
        connection = log.stage.login(role)
        for statement in statements:
            outcome = attempt(connection, statement)
            assert outcome.refused, f"{role}: {statement}"
    migrate = log.stage.login("homeward_migrate")
    for owner in ("homeward_owner", "homeward_definer"):
        with migrate.transaction(force_rollback=True):
            migrate.execute(f"set local role {owner}")
            for statement in statements:
                outcome = attempt(migrate, statement)
                # Row-level security is forced on the owner too: it finds nothing to change, and may not empty the table.
                assert outcome.refused or outcome.count == 0, f"{owner}: {statement}"


def test_a_hash_tells_nothing_to_those_who_guess(log: Any) -> None:
    """Two events that say the same have different hashes."""
    log.write(transactions=1, each=1)
    same = log.stage.ask("select leaf, salt from audit.event order by id desc limit 2")

    assert same[0][0] != same[1][0]
    assert hashlib.sha256(b"").digest() not in (same[0][0], same[1][0])
    assert isinstance(log.stage.superuser, psycopg.Connection)
