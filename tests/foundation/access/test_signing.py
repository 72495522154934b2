"""A proposal comes into force when both parties have signed it; every way around that is tried and refused."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from homeward.foundation.access import actions, context, permissions, queries, rules
from homeward.foundation.access.models import Grant, ProtocolClause, SharingProtocol
from homeward.foundation.access.permissions import may
from homeward.foundation.access.rules import Category, Depth, ProtocolState
from homeward.foundation.audit.queries import history
from homeward.foundation.institutions.models import InstitutionKind, Member
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken

PLAN, EDUCATION, HEALTH, CUSTODY = (
    int(c) for c in (Category.PLAN, Category.EDUCATION, Category.HEALTH, Category.CUSTODY)
)
IDENTITY = (int(Category.IDENTITY), int(Depth.FULL), False)
Proposed = Callable[..., SharingProtocol]


@pytest.fixture
def proposed(acting: Any, protocol: Any) -> Proposed:
    """`proposed("dprrp-csw", (PLAN, 3, True), by=ana)` — what is in force, with these clauses changed or added."""

    def propose(
        code: str, *changes: tuple[int, int, bool], by: Any, instead: bool = False
    ) -> SharingProtocol:
        with acting(by):
            current = queries.protocol(code, to=by)
            clauses = (
                {}
                if instead
                else {c.category: (c.category, c.depth, c.writes) for c in current.clauses.all()}
            )
            clauses |= {change[0]: change for change in changes}
            return actions.propose_change(
                current, proposal="Better so", clauses=list(clauses.values()), by=by
            )

    return propose


@pytest.fixture
def signs(acting: Any) -> Callable[[Any, SharingProtocol], SharingProtocol]:
    """`signs(carla, draft)` — Carla has read it and signs for her institution."""

    def sign(by: Any, draft: SharingProtocol) -> SharingProtocol:
        with acting(by):
            read = queries.version(draft.code, draft.version, to=by)
            return actions.sign_protocol(read, digest=read.digest, by=by)

    return sign


def forced(draft: SharingProtocol, digest: str | None = None) -> None:
    """Past every page and action, as a hostile colleague with a connection would."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select sec.protocol_digest(%s)", [draft.pk])
        [found] = cursor.fetchone()
        cursor.execute("select sec.sign_protocol(%s, %s)", [draft.pk, digest or found])


class TestSigning:
    def test_one_signature_changes_nothing(
        self, ana: Any, acting: Any, proposed: Proposed, signs: Any
    ) -> None:
        draft = signs(ana, proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana))
        with acting(ana):
            assert draft.state == ProtocolState.PROPOSED
            assert [(s["side"], s["institution"]) for s in draft.signatures] == [("provider", "dprrp")]
            assert history(draft) == ["protocol.proposed", "protocol.signed"]
            assert queries.protocol("dprrp-csw", to=ana).version == 1

    def test_with_the_second_it_is_in_force_and_open_doors_lead_on_under_it(
        self,
        ana: Any,
        carla: Any,
        acting: Any,
        proposed: Proposed,
        signs: Any,
        new_case: Any,
        let_in: Any,
        depths: Any,
    ) -> None:
        case, shut = new_case(by=ana), new_case(by=ana)
        door = let_in(case, carla, "dprrp-csw", by=ana, until=now() + timedelta(days=9))
        with acting(ana):
            actions.end_involvement(let_in(shut, carla, "dprrp-csw", by=ana), reason="x", by=ana)
        before = depths(carla, case)
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), (HEALTH, Depth.EXISTENCE, False), by=ana)
        other = proposed("dprrp-csw", by=carla)
        signs(carla, draft)
        draft = signs(ana, draft)

        with acting(ana):
            assert draft.is_in_force
            assert history(draft)[-2:] == ["protocol.signed", "protocol.came_into_force"]
            states = dict(SharingProtocol.objects.filter(code="dprrp-csw").values_list("version", "state"))
            assert states == {1: "ended", draft.version: "in_force", other.version: "ended"}
            assert queries.protocol("dprrp-csw", to=ana) == draft
            [open_one] = Grant.objects.filter(involvement=door, revoked_at=None)
            assert (open_one.protocol_id, open_one.valid_until) == (draft.pk, door.ends_at)
            assert not Grant.objects.filter(
                case_id=shut, institution=carla.institution, revoked_at=None
            ).exists()
            [reader] = [one for one in queries.readers(case, to=ana) if not one.is_lead]
            assert reader.protocols == [draft]
        assert depths(carla, case) == before | {
            "plan": (Depth.SUMMARY, False),
            "health": (Depth.EXISTENCE, False),
        }
        assert depths(carla, shut) == {}

    def test_new_doors_open_under_the_new_version_alone(
        self,
        ana: Any,
        carla: Any,
        acting: Any,
        proposed: Proposed,
        signs: Any,
        new_case: Any,
        let_in: Any,
        depths: Any,
    ) -> None:
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        signs(ana, draft)
        draft = signs(carla, draft)
        case = new_case(by=ana)
        with pytest.raises(RuleBroken, match=r"No protocol in force|not in force between"):
            let_in(case, carla, "dprrp-csw", by=ana)
        with acting(ana):
            actions.involve(case, carla.institution, protocols=[draft], by=ana)
        assert depths(carla, case)["plan"] == (Depth.SUMMARY, False)

    def test_the_next_change_builds_on_it(
        self, ana: Any, carla: Any, acting: Any, proposed: Proposed, signs: Any
    ) -> None:
        for depth in (Depth.SUMMARY, Depth.FULL):
            draft = proposed("dprrp-csw", (PLAN, depth, False), by=carla)
            signs(ana, draft)
            assert signs(carla, draft).is_in_force
        with acting(ana):
            assert queries.protocol("dprrp-csw", to=ana).version == 3

    def test_a_proposal_that_was_overtaken_is_signed_by_nobody(
        self, ana: Any, carla: Any, acting: Any, proposed: Proposed, signs: Any
    ) -> None:
        first, second = (proposed("dprrp-csw", (PLAN, d, False), by=ana) for d in (Depth.SUMMARY, Depth.FULL))
        for by in (ana, carla):
            signs(by, second)
        with acting(ana), pytest.raises(NotPermitted):
            actions.sign_protocol(first, digest="", by=ana)
        with acting(ana), pytest.raises(DatabaseError, match="unavailable"):
            forced(first)


class TestWhoSigns:
    def test_the_matrix(self, ana: Any, members: dict[str, Any], acting: Any, proposed: Proposed) -> None:
        drafts = {
            code: proposed(code, by=ana)
            for code in ("dprrp-csw", "dprrp-school", "kcs-kps-handover", "kps-cso")
        }
        found = {}
        for code, draft in drafts.items():
            for permission in (permissions.sign, permissions.decline, permissions.withdraw):
                allowed = set()
                for name, member in members.items():
                    with acting(member):
                        if may(member, permission, draft):
                            allowed.add(name)
                found[code, permission.__name__] = allowed
        parties = {
            "dprrp-csw": {"dprrp-coordinator", "csw-mitrovica-south"},
            "dprrp-school": {"dprrp-coordinator", "school-psychologist"},
            "kcs-kps-handover": {"kcs-ve-unit", "kps-supervisor"},
            "kps-cso": {"kps-supervisor", "atrc-counsellor"},
        }
        for code, both in parties.items():
            assert found[code, "sign"] == found[code, "decline"] == both
            assert found[code, "withdraw"] == {"dprrp-coordinator"}

    def test_nobody_signs_for_another_party(
        self, ana: Any, bruno: Any, dora: Any, members: dict[str, Any], acting: Any, proposed: Proposed
    ) -> None:
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        for by in (
            bruno,
            dora,
            members["dprrp-officer"],
            members["auditor"],
            members["data-protection-officer"],
        ):
            with acting(by):
                with pytest.raises(NotPermitted):
                    actions.sign_protocol(draft, digest="", by=by)
                with pytest.raises(DatabaseError, match="unavailable"):
                    forced(draft)

    def test_one_institution_signs_one_side_once(
        self, ana: Any, acting: Any, proposed: Proposed, signs: Any
    ) -> None:
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        signs(ana, draft)
        with acting(ana), pytest.raises(NotPermitted):
            actions.sign_protocol(draft, digest="", by=ana)
        with acting(ana), pytest.raises(DatabaseError, match=r"protocol\.signed"):
            forced(draft)

    def test_nobody_signs_for_both_sides_with_two_seats(
        self, ana: Any, carla: Any, acting: Any, proposed: Proposed, session_of: Any
    ) -> None:
        """Ana has a second seat at Carla's centre. She signs there for the centre, and then not here as well."""
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        seat = Member(
            account_id=ana.account_id,
            institution=carla.institution,
            name="Ana elsewhere",
            roles=["coordinator"],
            starts_on=today(),
        )
        with acting(carla):
            seat.save(force_insert=True)
        with session_of(seat) as token:
            there = context.enter(token)
            read = queries.version(draft.code, draft.version, to=there)
            actions.sign_protocol(read, digest=read.digest, by=there)
            context.leave()
        with acting(ana), pytest.raises(RuleBroken) as refused:
            actions.sign_protocol(draft, digest=read.digest, by=ana)
        assert refused.value.code == "protocol.both"

    def test_a_mandate_is_signed_by_nobody(
        self, ana: Any, carla: Any, acting: Any, proposed: Proposed
    ) -> None:
        for code, by in (("mandate-dprrp", ana), ("mandate-csw", carla)):
            draft = proposed(code, (PLAN, Depth.FULL, True), by=by)
            with acting(by):
                assert queries.is_mandate(draft, to=by)
                assert draft not in queries.proposals_to_sign(to=by)
                read = queries.version(code, draft.version, to=by)
                with pytest.raises(RuleBroken) as refused:
                    actions.sign_protocol(read, digest=read.digest, by=by)
                assert refused.value.code == "protocol.mandate"

    def test_who_waits_for_what(
        self, ana: Any, carla: Any, bruno: Any, acting: Any, proposed: Proposed, signs: Any
    ) -> None:
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        signs(ana, draft)
        for by, waits in ((ana, []), (carla, [draft]), (bruno, [])):
            with acting(by):
                assert queries.proposals_to_sign(to=by) == waits

    def test_nobody_agrees_about_what_lies_behind_a_wall(
        self, members: dict[str, Any], acting: Any, proposed: Proposed
    ) -> None:
        custody = members["kcs-ve-unit"]
        draft = proposed("dprrp-kcs", (int(Category.SECURITY), Depth.SUMMARY, True), by=custody)
        with acting(custody):
            read = queries.version("dprrp-kcs", draft.version, to=custody)
            with pytest.raises(RuleBroken) as refused:
                actions.sign_protocol(read, digest=read.digest, by=custody)
        assert refused.value.code == "protocol.view"


class TestWhatIsSigned:
    def test_is_what_was_read(self, ana: Any, acting: Any, proposed: Proposed) -> None:
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        with acting(ana):
            for wrong in ("", "0" * 64):
                with pytest.raises(RuleBroken) as refused:
                    actions.sign_protocol(draft, digest=wrong, by=ana)
                assert refused.value.code == "protocol.changed"

    def test_nothing_is_added_once_somebody_has_signed(
        self, ana: Any, carla: Any, acting: Any, proposed: Proposed, signs: Any
    ) -> None:
        """Who proposes could otherwise add a clause between the two signatures."""
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        more = ProtocolClause(protocol=draft, category=Category.LEGAL, depth=Depth.FULL)
        read = signs(carla, draft)
        with acting(ana), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            more.save(force_insert=True)
        assert signs(ana, read).is_in_force

    def test_a_clause_that_slipped_in_makes_the_first_signature_worthless(
        self, ana: Any, carla: Any, acting: Any, proposed: Proposed, signs: Any
    ) -> None:
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        with acting(carla):
            before = queries.version(draft.code, draft.version, to=carla).digest
        with acting(ana):
            ProtocolClause(protocol=draft, category=Category.LEGAL, depth=Depth.FULL).save(force_insert=True)
        with acting(carla), pytest.raises(RuleBroken) as refused:
            actions.sign_protocol(draft, digest=before, by=carla)
        assert refused.value.code == "protocol.changed"

    def test_nobody_brings_the_signature_of_the_other_side_along(
        self, ana: Any, acting: Any, protocol: Any
    ) -> None:
        with acting(ana):
            draft = copy_of(protocol("dprrp-csw"), by=ana)
            draft.signatures = [{"side": "receiver", "institution": "csw-mitrovica-south"}]
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                draft.save(force_insert=True)

    @pytest.mark.parametrize(
        "forged",
        [
            "parties",
            "side",
            "grown-ups",
            "pupils",
            "basis",
            "purpose",
            "title",
            "time",
            "past",
            "code",
            "version",
        ],
    )
    def test_a_proposal_made_by_hand_for_something_else_is_signed_by_nobody(
        self, ana: Any, carla: Any, acting: Any, protocol: Any, forged: str
    ) -> None:
        with acting(ana):
            current = protocol("dprrp-csw")
            draft = copy_of(current, by=ana)
            if forged == "parties":  # the centre's protocol replaced by one with the police
                draft.receiver_kind = "police-service"
            elif forged == "side":
                draft.provider, draft.provider_kind = None, "coordination-division"
            elif forged == "grown-ups":
                draft.from_age = 18
            elif forged == "pupils":
                draft.until_age = 20
            elif forged in ("basis", "purpose", "title"):
                setattr(draft, "legal_basis" if forged == "basis" else forged, {"en": "Something else"})
            elif forged == "time":
                draft.valid_until += timedelta(days=1)
            elif forged == "past":
                draft.valid_from, draft.valid_until = now() - timedelta(days=2), now() - timedelta(days=1)
            elif forged == "code":
                draft.code = "something-new"
            elif forged == "version":
                draft.version = 0
            draft.save(force_insert=True)
            read = queries.version(draft.code, draft.version, to=ana)
            with pytest.raises(RuleBroken) as refused:
                actions.sign_protocol(read, digest=read.digest, by=ana)
            assert refused.value.code == "protocol.other"

    def test_nothing_is_signed_while_a_protocol_is_suspended(
        self, ana: Any, acting: Any, proposed: Proposed, operator_changes: Any
    ) -> None:
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        with operator_changes("dprrp-csw", state="suspended"), acting(ana):
            read = queries.version(draft.code, draft.version, to=ana)
            with pytest.raises(RuleBroken) as refused:
                actions.sign_protocol(read, digest=read.digest, by=ana)
        assert refused.value.code == "protocol.suspended"

    def test_or_when_it_has_ended(
        self, ana: Any, acting: Any, proposed: Proposed, operator_changes: Any
    ) -> None:
        draft = proposed("dprrp-csw", (PLAN, Depth.SUMMARY, False), by=ana)
        with operator_changes("dprrp-csw", state="ended"), acting(ana):
            read = queries.version(draft.code, draft.version, to=ana)
            with pytest.raises(RuleBroken) as refused:
                actions.sign_protocol(read, digest=read.digest, by=ana)
        assert refused.value.code == "protocol.other"

    def test_nobody_changes_a_protocol_by_hand(self, ana: Any, acting: Any, proposed: Proposed) -> None:
        draft = proposed("dprrp-csw", by=ana)
        with acting(ana), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            SharingProtocol.objects.filter(pk=draft.pk).update(state="in_force")


def copy_of(current: SharingProtocol, *, by: Any) -> SharingProtocol:
    values = {
        field.attname: getattr(current, field.attname)
        for field in SharingProtocol._meta.concrete_fields
        if field.name not in ("id", "signatures")
    }
    return SharingProtocol(
        **values | {"version": 9, "state": "proposed", "proposed_by_id": by.pk, "signatures": []}
    )


def fault(draft: SharingProtocol) -> str:
    """The red line the database finds that a draft would cross."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(sec.protocol_fault(%s), '')", [draft.pk])
        return str(cursor.fetchone()[0])


class TestRedLines:
    """What no two parties can agree on, whatever they sign."""

    @pytest.mark.parametrize(
        ("code", "clause", "line"),
        [
            ("dprrp-police", (EDUCATION, Depth.EXISTENCE, False), "protocol.sheltered"),
            ("dprrp-police", (HEALTH, Depth.NONE, True), "protocol.sheltered"),
            ("dprrp-police", (CUSTODY, Depth.SUMMARY, False), "protocol.security"),
            ("dprrp-kia", (int(Category.CHILD_PROTECTION), Depth.EXISTENCE, False), "protocol.sheltered"),
            ("dprrp-kcs", (int(Category.COUNSELLING), Depth.EXISTENCE, False), "protocol.sheltered"),
            ("dprrp-kps", (int(Category.GENDER_VIOLENCE), Depth.NONE, True), "protocol.sheltered"),
            ("dprrp-csw", (HEALTH, Depth.SUMMARY, False), "protocol.confided"),
            ("dprrp-csw", (CUSTODY, Depth.NONE, True), "protocol.sheltered"),
            ("dprrp-cso", (int(Category.INTELLIGENCE), Depth.FULL, False), "protocol.confided"),
        ],
    )
    def test_it_is_refused_when_it_is_proposed_and_again_when_it_is_signed(
        self, ana: Any, acting: Any, proposed: Proposed, protocol: Any, code: str, clause: Any, line: str
    ) -> None:
        with pytest.raises(RuleBroken) as refused:
            proposed(code, clause, by=ana)
        assert refused.value.code == line
        with acting(ana):
            draft = copy_of(protocol(code), by=ana)
            draft.save(force_insert=True)
            category, depth, writes = clause
            ProtocolClause(protocol=draft, category=category, depth=depth, writes=writes).save(
                force_insert=True
            )
            read = queries.version(code, draft.version, to=ana)
            with pytest.raises(RuleBroken) as refused:
                actions.sign_protocol(read, digest=read.digest, by=ana)
            assert refused.value.code == line

    def test_what_is_narrowed_may_be_signed_in_every_protocol_of_the_country(
        self, ana: Any, acting: Any, protocol: Any
    ) -> None:
        with acting(ana):
            for current in SharingProtocol.objects.in_force():
                clauses = [(c.category, c.depth, c.writes) for c in current.clauses.all()]
                provider, receiver = queries.parties(current, to=ana)
                given = [*clauses, *queries.given_to(current, to=ana)]
                assert rules.red_line(given, provider=provider, receiver=receiver) == "", current.code

    def test_the_database_and_the_rules_draw_the_same_lines(
        self, ana: Any, acting: Any, protocol: Any
    ) -> None:
        """One clause after another, in every depth, for receivers of every kind there is."""
        with acting(ana):
            kinds = dict(InstitutionKind.objects.values_list("code", "party"))
            current = protocol("dprrp-csw")
            seen = set()
            for kind, party in [*kinds.items(), ("unheard-of", "")]:
                draft = copy_of(current, by=ana)
                draft.code, draft.receiver_kind, draft.pk = f"trial-{kind}", kind, uuid4()
                draft.save(force_insert=True)
                others = queries.given_to(draft, to=ana)
                assert queries.parties(draft, to=ana) == (kinds["coordination-division"], party)
                for category, depth, writes in product(Category, Depth, (False, True)):
                    with transaction.atomic():
                        ProtocolClause(protocol=draft, category=category, depth=depth, writes=writes).save(
                            force_insert=True
                        )
                        found = fault(draft)
                        transaction.set_rollback(True)
                    said = rules.red_line(
                        [(category, depth, writes), *others], provider="state", receiver=party
                    )
                    assert found == said, (kind, category, depth, writes)
                    seen.add(said)
        assert seen == {"", *rules.RED_LINES}

    def test_a_donor_gives_nothing_either(self) -> None:
        for pair in (("donor", "state"), ("state", "oversight"), ("", "state"), ("state", "")):
            assert rules.red_line([IDENTITY], provider=pair[0], receiver=pair[1]) == "protocol.nobody"


class TestNotAgreeing:
    def test_those_who_proposed_take_it_back(
        self, ana: Any, members: dict[str, Any], acting: Any, proposed: Proposed
    ) -> None:
        protection = members["data-protection-officer"]
        for by in (ana, protection):
            draft = proposed("dprrp-csw", by=by)
            with acting(by):
                gone = actions.withdraw_proposal(draft, reason=" Too early ", by=by)
                assert (gone.state, gone.closing_reason, gone.closed_by_id) == (
                    "withdrawn",
                    "Too early",
                    by.pk,
                )
                assert history(gone) == ["protocol.proposed", "protocol.withdrawn"]
                with pytest.raises(NotPermitted):
                    actions.withdraw_proposal(gone, reason="Again", by=by)
                assert gone not in queries.proposals("dprrp-csw", to=by)

    def test_a_party_declines(
        self, ana: Any, carla: Any, acting: Any, proposed: Proposed, signs: Any
    ) -> None:
        draft = signs(ana, proposed("dprrp-csw", (PLAN, Depth.FULL, False), by=ana))
        with acting(carla):
            gone = actions.decline_proposal(draft, reason="Not without the children", by=carla)
            assert (gone.state, gone.closing_reason) == ("declined", "Not without the children")
            assert queries.protocol("dprrp-csw", to=carla).version == 1
            with pytest.raises(NotPermitted):
                actions.sign_protocol(gone, digest="", by=carla)

    def test_nobody_else_does_either(
        self, ana: Any, carla: Any, bruno: Any, members: dict[str, Any], acting: Any, proposed: Proposed
    ) -> None:
        draft = proposed("dprrp-csw", by=ana)
        for by, close, state in (
            (carla, actions.withdraw_proposal, "withdrawn"),
            (members["dprrp-officer"], actions.withdraw_proposal, "withdrawn"),
            (bruno, actions.decline_proposal, "declined"),
            (members["dprrp-officer"], actions.decline_proposal, "declined"),
            (ana, None, "in_force"),
        ):
            with acting(by):
                if close is not None:
                    with pytest.raises(NotPermitted):
                        close(draft, reason="x", by=by)
                with pytest.raises(DatabaseError, match="unavailable"), transaction.atomic():
                    connection.cursor().execute("select sec.close_proposal(%s, %s, 'x')", [draft.pk, state])

    def test_not_without_a_reason(self, ana: Any, acting: Any, proposed: Proposed) -> None:
        draft = proposed("dprrp-csw", by=ana)
        with acting(ana):
            for close in (actions.withdraw_proposal, actions.decline_proposal):
                with pytest.raises(RuleBroken) as refused:
                    close(draft, reason="  ", by=ana)
                assert refused.value.field == "reason"
            with pytest.raises(DatabaseError, match="unavailable"), transaction.atomic():
                connection.cursor().execute("select sec.close_proposal(%s, 'declined', ' ')", [draft.pk])


def test_two_versions_side_by_side(ana: Any, acting: Any, proposed: Proposed) -> None:
    draft = proposed(
        "dprrp-csw",
        IDENTITY,
        (PLAN, Depth.SUMMARY, False),
        (int(Category.LEGAL), Depth.SUMMARY, False),
        by=ana,
        instead=True,
    )
    with acting(ana):
        found = {one.category: one for one in queries.differences(draft, to=ana)}
        assert (found[Category.IDENTITY].is_wider, found[Category.IDENTITY].is_narrower) == (False, False)
        assert (found[Category.PLAN].is_wider, found[Category.PLAN].is_narrower) == (False, True)
        assert (found[Category.LEGAL].is_wider, found[Category.LEGAL].is_narrower) == (True, False)
        assert found[Category.LEGAL].before is None
        assert found[Category.HOUSEHOLD].after is None
        with pytest.raises(Missing):
            queries.version("dprrp-csw", 99, to=ana)


def test_a_school_reads_the_proposals_that_concern_it(
    ana: Any, members: dict[str, Any], acting: Any, proposed: Proposed
) -> None:
    ours, others = proposed("dprrp-school", by=ana), proposed("dprrp-kps", by=ana)
    school = members["school-psychologist"]
    with acting(school):
        assert queries.version("dprrp-school", ours.version, to=school) == ours
        assert queries.proposals_to_sign(to=school) == [ours]
        with pytest.raises(Missing):
            queries.version("dprrp-kps", others.version, to=school)


class TestWhatNobodyGivesAway:
    def test_prosecution_and_courts_are_given_nothing_that_protects_children(
        self, ana: Any, proposed: Proposed
    ) -> None:
        with pytest.raises(RuleBroken) as refused:
            proposed("dprrp-prosecution", (int(Category.CHILD_PROTECTION), 1, False), by=ana)
        assert refused.value.code == "protocol.sheltered"

    def test_one_centre_does_not_sign_for_all_of_them(
        self, carla: Any, proposed: Proposed, signs: Any
    ) -> None:
        draft = proposed("csw-cso", (PLAN, 1, False), by=carla)

        with pytest.raises(RuleBroken) as refused:
            signs(carla, draft)
        assert refused.value.code == "protocol.many"

    def test_nobody_gives_more_than_they_may_read_themselves(
        self, ana: Any, carla: Any, proposed: Proposed, signs: Any
    ) -> None:
        """The division reads summaries of schooling: it does not open the school's whole file to others."""
        draft = proposed("dprrp-csw", (EDUCATION, 3, False), by=ana)

        for party in (ana, carla):
            with pytest.raises(RuleBroken) as refused:
                signs(party, draft)
            assert refused.value.code == "protocol.beyond"
