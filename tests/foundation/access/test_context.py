"""Who is asking: entering, leaving, and everything by which somebody could go on asking as another."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from homeward.foundation.access import context
from homeward.foundation.access.models import SharingProtocol
from homeward.foundation.audit.actions import action, record, recorded
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import Missing, NoContext, RuleBroken, Unaudited
from tests.attacks.stage import connected


class TestEntering:
    def test_the_member_comes_back_with_institution_and_unit(
        self, members: dict[str, Any], acting: Any
    ) -> None:
        with acting(members["kcs-ve-unit"]) as member, connection.execute_wrapper(_nothing_more):
            assert (member.institution.code, member.unit.code) == ("kcs", "ve-management")

    def test_without_a_context_the_answer_is_loud(self, db_of_test: None) -> None:
        """An empty table would say nothing: whether the question about the context is asked before the first row is met
        is up to the planner. These have rows."""
        with pytest.raises(OperationalError, match="no security context"), transaction.atomic():
            Institution.objects.exists()
        with pytest.raises(OperationalError, match="no security context"), transaction.atomic():
            SharingProtocol.objects.exists()

    def test_after_leaving_too(self, ana: Any, acting: Any) -> None:
        with acting(ana):
            assert SharingProtocol.objects.exists()
        with pytest.raises(OperationalError, match="no security context"), transaction.atomic():
            SharingProtocol.objects.exists()

    @pytest.mark.parametrize("token", ["", "x", "0" * 43])
    def test_with_a_token_of_ones_own_making(self, db_of_test: None, token: str) -> None:
        with pytest.raises(NoContext):
            context.enter(token)

    def test_only_inside_a_transaction(self, monkeypatch: pytest.MonkeyPatch, db_of_test: None) -> None:
        monkeypatch.setattr(context, "connection", SimpleNamespace(in_atomic_block=False))
        with pytest.raises(NoContext):
            context.enter("x")

    def test_a_database_that_is_down_is_no_wrong_token(self, db_of_test: None) -> None:
        def down(*_arguments: Any) -> None:
            raise OperationalError("the server closed the connection")

        with connection.execute_wrapper(down), pytest.raises(OperationalError, match="closed the connection"):
            context.enter("x")

    def test_a_forged_context(self, ana: Any, acting: Any) -> None:
        with acting(ana):
            with connection.cursor() as cursor:
                cursor.execute("select current_setting('app.ctx')")
                genuine = cursor.fetchone()[0]
                cursor.execute(
                    "select set_config('app.ctx', %s, true)", [genuine.replace("coordinator", "auditor")]
                )
            with pytest.raises(OperationalError, match="invalid security context"), transaction.atomic():
                SharingProtocol.objects.exists()

    def test_a_stale_context(self, ana: Any, tokens: dict[str, str], django_db_blocker: Any) -> None:
        with connected(settings.DATABASES["default"]["NAME"], "homeward_app") as session:
            with session.transaction():
                session.execute("select sec.enter(%s)", [tokens["dprrp-coordinator"]])
                old = session.execute("select current_setting('app.ctx')").fetchone()[0]
            with session.transaction(force_rollback=True):
                session.execute("select set_config('app.ctx', %s, true)", [old])
                with pytest.raises(psycopg.Error, match="invalid security context"):
                    session.execute("select count(*) from app.member")


def _nothing_more(execute: Any, sql: str, params: Any, many: bool, more: Any) -> Any:
    raise AssertionError(f"asked again: {sql}")


class TestStatements:
    def test_stacked_statements_are_refused(self, ana: Any, acting: Any) -> None:
        with (
            acting(ana),
            pytest.raises(DatabaseError, match="multiple commands"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("select 1 where 1 = %s; select set_config('app.ctx', '', true)", [1])

    def test_what_is_asked_for_stands_in_no_statement(self, ana: Any, acting: Any) -> None:
        """Server-side binding: the words of a search never become part of the text that others might see."""
        assert settings.DATABASES["default"]["OPTIONS"]["server_side_binding"]
        with acting(ana), connection.cursor() as cursor:
            cursor.execute("select %s || current_query()", ["Gjorgje Petrović"])
            assert cursor.fetchone()[0].count("Gjorgje") == 1

    @pytest.mark.saved
    def test_the_pool_hands_on_no_context(
        self, tokens: dict[str, str], django_db_setup: None, django_db_blocker: Any
    ) -> None:
        """One connection, two requests: the second is asked by nobody."""
        with django_db_blocker.unblock():
            pool = connections["default"].pool
            assert pool is not None
            with pool.connection() as session, session.transaction():
                session.execute("select sec.enter(%s)", [tokens["dprrp-coordinator"]])
                assert session.execute("select count(*) from app.member").fetchone()[0]
                first = session.info.backend_pid
            for _try in range(6):
                with pool.connection() as session:
                    left = session.execute(
                        "select coalesce(current_setting('app.ctx', true), '')"
                    ).fetchone()[0]
                    assert left == ""
                    if session.info.backend_pid == first:
                        with pytest.raises(psycopg.Error, match="no security context"), session.transaction():
                            session.execute("select count(*) from app.member")


class TestActions:
    """`@action`: all of it or nothing, and never without a trace."""

    def test_an_action_names_who_acts(self) -> None:
        with pytest.raises(TypeError, match="keyword-only 'by'"):

            @action
            def anonymous(thing: object) -> None: ...

        with pytest.raises(TypeError, match="keyword-only 'by'"):

            @action
            def positional(thing: object, by: object) -> None: ...

    def test_without_a_trace_nothing_happens(self, ana: Any, acting: Any) -> None:
        @action
        def silently(*, by: Any) -> None:
            from homeward.foundation.access.models import Exclusion

            Exclusion(case_id=uuid4(), member=by, institution=by.institution, reason="x").save(
                force_insert=True
            )

        with acting(ana):
            from homeward.foundation.access.models import Exclusion

            before = Exclusion.objects.count()
            with pytest.raises(Unaudited):
                silently(by=ana)
            assert Exclusion.objects.count() == before

    def test_a_trace_that_was_undone_is_none(self, ana: Any, acting: Any) -> None:
        @action
        def inner(*, by: Any) -> None:
            record("institution.tried", by.institution, by=by)
            raise RuleBroken("no")

        @action
        def outer(*, by: Any) -> None:
            with pytest.raises(RuleBroken):
                inner(by=by)

        with acting(ana), pytest.raises(Unaudited):
            outer(by=ana)

    def test_nobody_acts_in_anothers_name(self, ana: Any, bruno: Any, acting: Any) -> None:
        @action
        def pretend(*, by: Any) -> None:
            record("institution.tried", by.institution, by=by)

        with acting(ana):
            with pytest.raises(DatabaseError, match="another member is acting"):
                pretend(by=bruno)
            pretend(by=ana)

    def test_what_the_database_says_it_recorded_is_checked(self, ana: Any, acting: Any) -> None:
        with acting(ana), pytest.raises(Unaudited):
            recorded("institution.praised", ana.institution, by=ana)


@pytest.mark.saved
class TestSessions:
    """What sign-in does, through the role that may do nothing else. Really saved, because two roles are at work."""

    @pytest.fixture
    def account(self, members: dict[str, Any], django_db_blocker: Any) -> Any:
        with django_db_blocker.unblock():
            yield members["atrc-counsellor"]
            with connected(settings.DATABASES["default"]["NAME"]) as superuser:
                superuser.execute(
                    "delete from sec.session where account_id = %s and created_at > now() - interval '1 minute' and kind = 'web'",
                    [members["atrc-counsellor"].account_id],
                )

    def entered(self, token: str) -> Member | None:
        try:
            with context.acting(token) as member:
                return member
        except NoContext:
            return None

    def test_open_and_close(self, account: Any) -> None:
        token = context.open_session(account.account_id, account.pk)
        assert self.entered(token) == account

        context.close_session(token)
        assert self.entered(token) is None

    def test_close_all(self, account: Any) -> None:
        one, other = (context.open_session(account.account_id, account.pk) for _number in range(2))
        with connected(settings.DATABASES["default"]["NAME"]) as superuser:
            before = superuser.execute(
                "select token_hash from sec.session where account_id = %s and revoked_at is null",
                [account.account_id],
            ).fetchall()
            context.close_sessions(account.account_id)
            assert (self.entered(one), self.entered(other)) == (None, None)
            superuser.execute(  # the cast of the other tests goes on
                "update sec.session set revoked_at = null where token_hash = any (%s)",
                [[row[0] for row in before]],
            )

    def test_only_as_ones_own_membership(self, account: Any, members: dict[str, Any]) -> None:
        ana = members["dprrp-coordinator"]
        assert context.memberships(account.account_id) == [account.pk]
        with pytest.raises(NoContext):
            context.open_session(account.account_id, ana.pk)
        token = context.open_session(account.account_id, account.pk)
        assert not context.choose_member(token, ana.pk)
        assert context.choose_member(token, account.pk)

    def test_a_factor_counts_from_when_it_was_shown(self, account: Any) -> None:
        token = context.open_session(account.account_id, account.pk)
        context.confirm_factor(token, now() - timedelta(seconds=3))
        with context.acting(token), connection.cursor() as cursor:
            cursor.execute("select (sec.ctx())[5], (sec.ctx())[6]::bigint")
            assurance, at = cursor.fetchone()
        assert assurance == "2"
        assert abs(at - now().timestamp()) < 60

    def test_an_account_without_membership_enters_nothing(self, account: Any) -> None:
        assert context.memberships(uuid4()) == []

    def test_an_operators_command_acts_as_a_member_by_name(self, account: Any) -> None:
        with context.operating_as("ATRC-Counsellor") as member:
            assert member == account
            with connection.cursor() as cursor:
                cursor.execute("select (sec.ctx())[7]")
                assert cursor.fetchone() == ("operator",)
        for name in ("nobody-of-that-name", ""):
            with pytest.raises(Missing), context.operating_as(name):
                pass

    def test_a_transaction_that_failed_is_left_as_it_is(self, account: Any) -> None:
        token = context.open_session(account.account_id, account.pk)
        with pytest.raises(DatabaseError), context.acting(token):
            Institution.objects.get(pk=account.institution_id).delete()
