"""A colleague is appointed, gets a link, changes the unit and the roles, and leaves: what happens, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from homeward.foundation.audit.queries import history
from homeward.foundation.institutions import actions, queries
from homeward.foundation.institutions.models import Account, FocalPoint, Institution, Member, Unit
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.errors import NotPermitted, RuleBroken


@pytest.fixture
def newcomer(ana: Any, acting: Any) -> Member:
    """Somebody who begins at Ana's institution and has no password yet."""
    with acting(ana):
        return actions.appoint_newcomer(
            username=" Nora.B ", name=" Nora B ", roles=["caseworker"], email="nora@example.org", by=ana
        )


@pytest.fixture
def known(members: dict[str, Any]) -> Account:
    """The account of somebody who signs in for another institution."""
    return Account.objects.get(pk=members["donor"].account_id)


def unit(institution: Institution, code: str) -> Unit:
    return Unit.objects.get(institution=institution, code=code)


class TestANewcomer:
    def test_gets_a_seat_and_an_account_that_no_password_opens(
        self, ana: Any, acting: Any, newcomer: Member
    ) -> None:
        with acting(ana):
            assert (newcomer.name, newcomer.code, newcomer.roles) == ("Nora B", "nora.b", ["caseworker"])
            assert (newcomer.institution, newcomer.starts_on, newcomer.ends_on) == (
                ana.institution,
                today(),
                None,
            )
            assert history(newcomer) == ["member.appointed"]
            assert queries.newcomers(to=ana) == {newcomer.pk: None}

    @pytest.mark.parametrize("name", ["ab", "", "Ä", "a b c", "x" * 61, ".dot", "nora'--"])
    def test_has_a_name_that_can_be_typed(self, ana: Any, acting: Any, name: str) -> None:
        with acting(ana), pytest.raises(RuleBroken) as refused:
            actions.appoint_newcomer(username=name, name="N", roles=["caseworker"], by=ana)
        assert (refused.value.code, refused.value.field) == ("account.name", "username")

    def test_has_a_name_of_their_own(self, ana: Any, acting: Any) -> None:
        with acting(ana), pytest.raises(RuleBroken) as refused:
            actions.appoint_newcomer(username="DONOR", name="N", roles=["caseworker"], by=ana)
        assert (refused.value.code, refused.value.field) == ("account.taken", "username")

    def test_is_not_half_made(self, ana: Any, acting: Any) -> None:
        """What the seat is refused for takes the account with it."""
        with acting(ana):
            with pytest.raises(RuleBroken):
                actions.appoint_newcomer(username="half", name="N", roles=["auditor"], by=ana)
            member = actions.appoint_newcomer(username="half", name="N", roles=["caseworker"], by=ana)
            assert member.code == "half"

    def test_begins_today_or_later(self, ana: Any, acting: Any) -> None:
        """The oldest seat is the one somebody signs in to: none is slipped in before it."""
        day = today() - timedelta(days=1)
        with acting(ana), pytest.raises(RuleBroken) as refused:
            actions.appoint_newcomer(username="early", name="N", roles=["caseworker"], starts_on=day, by=ana)
        assert (refused.value.code, refused.value.field) == ("seat.past", "starts_on")

    def test_only_the_words_of_the_database_are_turned_into_ours(self, ana: Any, acting: Any) -> None:
        with acting(ana), pytest.raises(DatabaseError), transaction.atomic():
            actions.appoint_newcomer(
                username="long", name="N", roles=["caseworker"], language="x" * 9, by=ana
            )

    def test_is_appointed_by_those_who_answer_for_the_institution(
        self, members: dict[str, Any], acting: Any
    ) -> None:
        officer = members["dprrp-officer"]
        with acting(officer), pytest.raises(NotPermitted):
            actions.appoint_newcomer(username="nobody", name="N", roles=["caseworker"], by=officer)
        with (
            acting(officer),
            pytest.raises(DatabaseError, match=r"account\.unavailable"),
            transaction.atomic(),
        ):
            ask("select sec.new_account(gen_random_uuid(), 'nobody', '', 'sq')")


def ask(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return cursor.fetchone()[0]


class TestTheLink:
    def test_is_kept_as_its_hash_and_leaves_a_trace(self, ana: Any, acting: Any, newcomer: Member) -> None:
        with acting(ana):
            first, second = actions.invite(newcomer, by=ana), actions.invite(newcomer, by=ana)
            assert first != second
            assert len(first) > 40
            [until] = queries.newcomers(to=ana).values()
            assert until is not None
            assert timedelta(days=2, hours=23) < until - now() <= timedelta(days=3)
            assert history(newcomer) == ["member.appointed", "member.invited", "member.invited"]

    @pytest.mark.parametrize("what", ["roles", "unit", "end", "elsewhere"])
    def test_dies_with_every_change_of_the_seat(
        self, ana: Any, members: dict[str, Any], acting: Any, newcomer: Member, what: str
    ) -> None:
        with acting(ana):
            actions.invite(newcomer, by=ana)
            if what == "roles":
                actions.change_roles(newcomer, roles=["supervisor"], by=ana)
            elif what == "unit":
                actions.move(newcomer, unit=None, by=ana)
            elif what == "end":
                actions.dismiss(newcomer, ends_on=today() + timedelta(days=9), by=ana)
        if what == "elsewhere":
            supervisor = members["kps-supervisor"]
            with acting(supervisor):
                Member(
                    account_id=newcomer.account_id,
                    institution=supervisor.institution,
                    name="N",
                    roles=["analyst"],
                ).save(force_insert=True)
        with acting(ana):
            left = queries.newcomers(to=ana)
            assert left == ({} if what == "elsewhere" else {newcomer.pk: None})
            if what == "elsewhere":
                with pytest.raises(RuleBroken) as refused:
                    actions.invite(newcomer, by=ana)
                assert refused.value.code == "invitation.unavailable"

    def test_is_not_made_for_somebody_who_has_a_password(
        self, ana: Any, members: dict[str, Any], acting: Any
    ) -> None:
        with acting(ana), pytest.raises(RuleBroken) as refused:
            actions.invite(members["dprrp-officer"], by=ana)
        assert refused.value.code == "invitation.unavailable"

    def test_is_not_made_by_others(
        self, bruno: Any, members: dict[str, Any], acting: Any, newcomer: Member
    ) -> None:
        for by in (bruno, members["dprrp-officer"]):
            with acting(by):
                with pytest.raises(NotPermitted):
                    actions.invite(newcomer, by=by)
                with pytest.raises(DatabaseError, match="unavailable"), transaction.atomic():
                    ask("select sec.invite(%s, %s)", newcomer.pk, b"x" * 32)
                assert queries.newcomers(to=by) == {}

    def test_needs_a_whole_hash(self, ana: Any, acting: Any, newcomer: Member) -> None:
        for short in (b"", b"x" * 31, None):
            with acting(ana), pytest.raises(DatabaseError, match="unavailable"), transaction.atomic():
                ask("select sec.invite(%s, %s::bytea)", newcomer.pk, short)


class TestSomebodyWhoSignsInAlready:
    def test_begins_to_work_here_too(self, ana: Any, acting: Any, known: Account) -> None:
        with acting(ana):
            member = actions.appoint(
                account=known, name="D", roles=["analyst"], starts_on=today() + timedelta(days=1), by=ana
            )
            assert history(member) == ["member.appointed"]
            assert not member.has_left
            with pytest.raises(RuleBroken) as refused:
                actions.appoint(account=known, name="D", roles=["analyst"], by=ana)
            assert (refused.value.code, refused.value.field) == ("already_member", "account")

    def test_comes_back(self, ana: Any, acting: Any, known: Account) -> None:
        with acting(ana):
            member = actions.appoint(account=known, name="D", roles=["analyst"], by=ana)
            actions.dismiss(member, by=ana)
            assert actions.appoint(account=known, name="D", roles=["analyst"], by=ana).pk != member.pk

    def test_is_not_oneself(self, ana: Any, acting: Any) -> None:
        with acting(ana), pytest.raises(NotPermitted):
            actions.appoint(
                account=Account.objects.get(pk=ana.account_id), name="A", roles=["analyst"], by=ana
            )

    def test_is_nobody_whom_another_institution_is_only_just_inviting(
        self, bruno: Any, acting: Any, newcomer: Member, known: Account
    ) -> None:
        known.set_unusable_password()
        known.pk = newcomer.account_id
        with acting(bruno), pytest.raises(RuleBroken) as refused:
            actions.appoint(account=known, name="N", roles=["analyst"], by=bruno)
        assert refused.value.code == "newcomer"

    def test_the_own_newcomer_may_come_back_without_ever_having_signed_in(
        self, ana: Any, acting: Any, newcomer: Member, known: Account
    ) -> None:
        known.set_unusable_password()
        known.pk = newcomer.account_id
        with acting(ana):
            actions.dismiss(newcomer, by=ana)
            assert actions.appoint(account=known, name="N", roles=["analyst"], by=ana).starts_on == today()

    @pytest.mark.parametrize("roles", [[], ["king"], ["auditor"], ["coordinator", "data_protection"]])
    def test_gets_roles_that_the_institution_can_have(
        self, ana: Any, acting: Any, known: Account, roles: list[str]
    ) -> None:
        with acting(ana), pytest.raises(RuleBroken) as refused:
            actions.appoint(account=known, name="D", roles=roles, by=ana)
        assert refused.value.field == "roles"

    def test_gets_a_unit_of_the_institution(self, ana: Any, bruno: Any, acting: Any, known: Account) -> None:
        with acting(ana), pytest.raises(RuleBroken) as refused:
            actions.appoint(
                account=known,
                name="D",
                roles=["analyst"],
                unit=unit(bruno.institution, "office-mitrovice"),
                by=ana,
            )
        assert (refused.value.code, refused.value.field) == ("unit", "unit")

    def test_by_somebody_without_the_role(self, members: dict[str, Any], acting: Any, known: Account) -> None:
        officer = members["dprrp-officer"]
        with acting(officer), pytest.raises(NotPermitted):
            actions.appoint(account=known, name="D", roles=["analyst"], by=officer)


class TestWalls:
    """The two units of the prisons are walls to each other: neither seats anybody behind the other's."""

    def test_one_appoints_to_ones_own_side_alone(
        self, members: dict[str, Any], acting: Any, known: Account
    ) -> None:
        custody = members["kcs-ve-unit"]
        with acting(custody):
            ours, theirs = (unit(custody.institution, code) for code in ("ve-management", "intelligence"))
            for beyond in (theirs, None):
                with pytest.raises(RuleBroken) as refused:
                    actions.appoint(account=known, name="D", roles=["analyst"], unit=beyond, by=custody)
                assert refused.value.code == "view"
            member = actions.appoint(account=known, name="D", roles=["analyst"], unit=ours, by=custody)
            assert member.view == ours.view
            with pytest.raises(RuleBroken):
                actions.move(member, unit=theirs, by=custody)
            assert list(queries.units_to_give(to=custody)) == [ours]

    def test_one_changes_nobody_behind_the_wall(self, members: dict[str, Any], acting: Any) -> None:
        custody, analyst = members["kcs-ve-unit"], members["kcs-intelligence"]
        with acting(custody):
            for change in (
                lambda: actions.change_roles(analyst, roles=["analyst"], by=custody),
                lambda: actions.move(analyst, unit=custody.unit, by=custody),
                lambda: actions.dismiss(analyst, by=custody),
                lambda: actions.invite(analyst, by=custody),
            ):
                with pytest.raises(NotPermitted):
                    change()

    def test_somebody_without_a_unit_sees_nothing_there(self, members: dict[str, Any], acting: Any) -> None:
        custody = members["kcs-ve-unit"]
        with acting(custody):
            assert Member(institution=custody.institution).view == 0

    def test_where_there_are_no_walls_everybody_sees_everything(
        self, ana: Any, bruno: Any, acting: Any
    ) -> None:
        with acting(bruno):
            assert bruno.view == unit(bruno.institution, "office-mitrovice").view
            assert list(queries.units_to_give(to=bruno)) == list(queries.units(to=bruno))


class TestChanging:
    def test_roles(self, ana: Any, members: dict[str, Any], acting: Any) -> None:
        with acting(ana):
            officer = actions.change_roles(
                members["dprrp-officer"], roles=["supervisor", "caseworker", "caseworker"], by=ana
            )
            assert officer.roles == ["caseworker", "supervisor"]
            assert history(officer)[-1] == "member.roles_changed"
            with pytest.raises(RuleBroken):
                actions.change_roles(officer, roles=["auditor"], by=ana)
            with pytest.raises(NotPermitted):
                actions.change_roles(ana, roles=["administrator"], by=ana)

    def test_unit(self, bruno: Any, members: dict[str, Any], acting: Any) -> None:
        with acting(bruno):
            officer = actions.move(members["kps-officer"], unit=None, by=bruno)
            assert officer.unit is None
            officer = actions.move(officer, unit=unit(bruno.institution, "office-prizren"), by=bruno)
            assert officer.unit is not None
            assert officer.unit.code == "office-prizren"
            assert history(officer)[-2:] == ["member.moved", "member.moved"]

    def test_nothing_of_whoever_has_left(self, ana: Any, members: dict[str, Any], acting: Any) -> None:
        with acting(ana):
            officer = actions.dismiss(members["dprrp-officer"], by=ana)
            with pytest.raises(NotPermitted):
                actions.change_roles(officer, roles=["analyst"], by=ana)
            with pytest.raises(NotPermitted):
                actions.move(officer, unit=None, by=ana)


class TestLeaving:
    def test_today(self, ana: Any, members: dict[str, Any], acting: Any) -> None:
        with acting(ana):
            officer = actions.dismiss(members["dprrp-officer"], by=ana)
            assert officer.has_left
            assert officer.ends_on == today()
            assert history(officer)[-1] == "member.dismissed"
            with pytest.raises(RuleBroken) as refused:
                actions.dismiss(officer, by=ana)
            assert refused.value.code == "ended"

    def test_open_sessions_end_at_once(
        self, ana: Any, members: dict[str, Any], acting: Any, signed_in: Any
    ) -> None:
        officer = members["dprrp-officer"]
        browser = signed_in(officer)
        assert browser.get("/").status_code == 200
        with acting(ana):
            actions.dismiss(officer, by=ana)
        assert browser.get("/").url.startswith("/account/login/")

    def test_later_and_brought_forward(self, ana: Any, members: dict[str, Any], acting: Any) -> None:
        with acting(ana):
            officer = actions.dismiss(members["dprrp-officer"], ends_on=today() + timedelta(days=30), by=ana)
            assert not officer.has_left
            assert actions.dismiss(officer, by=ana).has_left

    def test_not_before_the_first_day(self, ana: Any, members: dict[str, Any], acting: Any) -> None:
        officer = members["dprrp-officer"]
        with acting(ana), pytest.raises(RuleBroken) as refused:
            actions.dismiss(officer, ends_on=officer.starts_on - timedelta(days=1), by=ana)
        assert refused.value.code == "period"

    def test_before_they_have_begun(self, ana: Any, acting: Any, known: Account) -> None:
        begins = today() + timedelta(days=5)
        with acting(ana):
            member = actions.appoint(account=known, name="D", roles=["analyst"], starts_on=begins, by=ana)
            assert actions.dismiss(member, by=ana).ends_on == begins
            assert not Member.objects.serving(begins).filter(pk=member.pk).exists()

    def test_not_by_themselves_and_not_by_others(
        self, ana: Any, bruno: Any, members: dict[str, Any], acting: Any
    ) -> None:
        for by, whom in ((ana, ana), (members["dprrp-officer"], ana), (bruno, ana)):
            with acting(by), pytest.raises(NotPermitted):
                actions.dismiss(whom, by=by)


class TestFocalPoints:
    @pytest.fixture
    def town(self, members: dict[str, Any], acting: Any, ana: Any) -> tuple[Any, FocalPoint]:
        """The focal point of the municipality, made its coordinator, and the vacant post."""
        point = members["municipal-focal-point"]
        with acting(point):
            return point, FocalPoint.objects.get(institution=point.institution, ends_on=None)

    def test_the_vacancy_is_seen_by_everybody(self, ana: Any, acting: Any, town: Any) -> None:
        _point, post = town
        with acting(ana):
            assert post in queries.focal_points(to=ana, vacant=True)
            assert post in queries.focal_points(to=ana)
            assert post.is_vacant
            assert str(post) == "—"

    def test_only_those_who_answer_for_the_town_hall_fill_it(self, ana: Any, acting: Any, town: Any) -> None:
        point, post = town
        for by in (point, ana):  # a focal point without the role of a coordinator, and a stranger
            with acting(by), pytest.raises(NotPermitted):
                actions.fill_focal_point(post, member=None, by=by)

    def test_a_post_is_filled_and_vacated(self, as_coordinator: Any, town: Any) -> None:
        point, post = town
        with as_coordinator(point) as by:
            post = actions.fill_focal_point(post, member=point, by=by)
            assert not post.is_vacant
            assert post not in queries.focal_points(to=by, vacant=True)
            assert actions.fill_focal_point(post, member=None, by=by).is_vacant
            assert history(post) == ["focal_point.filled", "focal_point.vacated"]

    def test_only_with_somebody_who_works_there(self, as_coordinator: Any, ana: Any, town: Any) -> None:
        point, post = town
        gone = Member(institution=point.institution, ends_on=today())
        with as_coordinator(point) as by:
            for nobody in (ana, gone):
                with pytest.raises(RuleBroken) as refused:
                    actions.fill_focal_point(post, member=nobody, by=by)
                assert refused.value.field == "member"

    def test_whoever_leaves_leaves_the_post(self, as_coordinator: Any, town: Any, known: Account) -> None:
        point, post = town
        with as_coordinator(point) as by:
            clerk = actions.appoint(account=known, name="Clerk", roles=["focal_point"], by=by)
            actions.fill_focal_point(post, member=clerk, by=by)
            actions.dismiss(clerk, ends_on=today() + timedelta(days=3), by=by)
            assert not FocalPoint.objects.get(pk=post.pk).is_vacant
            actions.dismiss(clerk, by=by)
            assert FocalPoint.objects.get(pk=post.pk).is_vacant

    def test_on_the_day_somebody_goes_the_post_is_vacant_by_itself(self, ana: Any) -> None:
        post = FocalPoint(member=Member(ends_on=today()))
        assert post.is_vacant
