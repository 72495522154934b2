"""Who may do what with protocols and emergencies: everybody of the cast, every permission; and the rules behind them."""

from datetime import timedelta
from typing import Any

import pytest

from homeward.foundation.access import permissions, rules
from homeward.foundation.access.models import CaseAccess, Involvement, SharingProtocol
from homeward.foundation.access.permissions import EVERYBODY, NOBODY, may, require
from homeward.foundation.access.rules import Category, Depth
from homeward.foundation.institutions.models import Institution
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken

CAST = {
    "dprrp-coordinator": {"propose", "break_glass"},
    "dprrp-officer": set(),
    "dprrp-supervisor": {"propose"},
    "kps-officer": set(),
    "kps-supervisor": {"propose", "break_glass"},
    "kcs-ve-unit": {"propose"},
    "kcs-intelligence": set(),
    "csw-mitrovica-south": {"propose"},
    "csw-supervisor": {"propose"},
    "school-psychologist": {"propose"},
    "atrc-counsellor": {"propose"},
    "atrc-head": {"propose"},
    "municipal-focal-point": set(),
    "data-protection-officer": {"propose", "oversee"},
    "auditor": {"oversee"},
    "donor": set(),
    "administrator": set(),
    "health-psychologist": {"propose"},
    "reviewer": {"propose", "oversee"},
}


@pytest.mark.parametrize("login", CAST)
def test_what_each_member_of_the_cast_may(members: dict[str, Any], login: str) -> None:
    member = members[login]
    may_do = {
        name
        for name in ("propose", "break_glass", "oversee")
        if getattr(permissions, name)(member) == EVERYBODY
    }
    assert may_do == CAST[login]


def test_the_matrix_names_the_whole_cast(members: dict[str, Any]) -> None:
    assert set(CAST) == set(members)


class TestKeepingAway:
    """Everybody oneself; coordinators and supervisors their colleagues; nobody lifts what keeps themselves away."""

    def test_whom(self, members: dict[str, Any], acting: Any) -> None:
        officer = members["dprrp-officer"]
        allowed = set()
        for name, member in members.items():
            with acting(member):
                assert may(member, permissions.exclude, member)
                if may(member, permissions.exclude, officer):
                    allowed.add(name)
        assert allowed == {"dprrp-officer", "dprrp-coordinator", "dprrp-supervisor"}

    def test_lifting(self, ana: Any, members: dict[str, Any], acting: Any, new_case: Any) -> None:
        from homeward.foundation.access.actions import exclude

        officer, case = members["dprrp-officer"], new_case(by=ana)
        with acting(ana):
            of_officer = exclude(case, officer, reason="x", by=ana)
            of_ana = exclude(case, ana, reason="x", by=ana)
        allowed = set()
        for name, member in members.items():
            with acting(member):
                # Nobody but the other one in the division who answers for it.
                assert may(member, permissions.lift_exclusion, of_ana) == (name == "dprrp-supervisor")
                if may(member, permissions.lift_exclusion, of_officer):
                    allowed.add(name)
        assert allowed == {"dprrp-coordinator", "dprrp-supervisor"}


class TestRequire:
    def test_seen_and_allowed(self, ana: Any, acting: Any) -> None:
        with acting(ana):
            require(ana, lambda member: EVERYBODY, ana.institution)
            assert may(ana, lambda member: EVERYBODY, ana.institution)

    def test_seen_and_not_allowed(self, ana: Any, acting: Any) -> None:
        with acting(ana), pytest.raises(NotPermitted):
            require(ana, lambda member: NOBODY, ana.institution)

    def test_hidden_and_missing_are_the_same(self, ana: Any, dora: Any, acting: Any, new_case: Any) -> None:
        case = new_case(by=ana)
        with acting(ana):
            door = Involvement.objects.get(case_id=case)
        with acting(dora):
            with pytest.raises(Missing):
                require(dora, lambda member: EVERYBODY, door)
            with pytest.raises(Missing):
                require(dora, lambda member: EVERYBODY, Institution())


class TestSight:
    """`in_sight`, `reads` and `writes` as conditions on rows of any table with a case."""

    def rows(self, member: Any, condition: Any) -> int:
        return CaseAccess.objects.filter(condition).count()

    def test_by_depth_and_right_to_write(
        self, ana: Any, carla: Any, dora: Any, acting: Any, new_case: Any, let_in: Any
    ) -> None:
        case = new_case(by=ana)
        let_in(case, carla, "dprrp-csw", by=ana)
        with acting(carla):
            assert self.rows(carla, permissions.in_sight(carla)) == 1
            assert self.rows(carla, permissions.reads(carla, Category.HOUSEHOLD)) == 1
            assert self.rows(carla, permissions.reads(carla, Category.EDUCATION)) == 0  # summaries only
            assert self.rows(carla, permissions.writes(carla, Category.REFERRAL)) == 1  # its own alone
            assert self.rows(carla, permissions.writes(carla, Category.IDENTITY)) == 0
        with acting(dora):
            assert self.rows(dora, permissions.in_sight(dora)) == 0


class TestRules:
    def test_masks_and_categories_are_each_others_mirror(self) -> None:
        assert rules.mask_of([0, 3, 3]) == 0b1001
        assert rules.categories_of(0b1001) == [Category.IDENTITY, Category.CASE]
        assert rules.categories_of(rules.mask_of(Category)) == list(Category)

    def test_what_an_emergency_opens_is_what_the_pack_and_the_database_say(self, ana: Any) -> None:
        from pathlib import Path

        import yaml

        root = Path(rules.__file__).resolve().parents[3]
        pack = yaml.safe_load((root / "packs" / "kosovo" / "categories.yaml").read_text("utf-8"))
        source = (root / "homeward" / "foundation" / "access" / "sql" / "access.sql").read_text("utf-8")
        numbers = sorted(int(one) for one in rules.BREAK_GLASS_CATEGORIES)

        assert {item["name"] for item in pack if item["break_glass"]} == {
            one.name.lower() for one in rules.BREAK_GLASS_CATEGORIES
        }
        assert f"array{numbers}::smallint[]" in source
        assert not rules.BREAK_GLASS_CATEGORIES & {
            Category.HEALTH,
            Category.COUNSELLING,
            Category.CHILD_PROTECTION,
            Category.GENDER_VIOLENCE,
            Category.SECURITY,
            Category.INTELLIGENCE,
            Category.EDUCATION,
        }

    @pytest.mark.parametrize(
        ("reason", "categories", "code"),
        [
            ("x" * 19, [0], "break_glass.reason"),
            (" " * 40, [0], "break_glass.reason"),
            ("x" * 20, [], "break_glass.category"),
            ("x" * 20, [14], "break_glass.category"),
            ("x" * 20, [0, 18], "break_glass.category"),
        ],
    )
    def test_an_emergency_is_refused(self, reason: str, categories: list[int], code: str) -> None:
        with pytest.raises(RuleBroken) as refused:
            rules.check_can_break_glass(reason, categories)
        assert refused.value.code == code

    def test_an_emergency_is_allowed(self) -> None:
        rules.check_can_break_glass("x" * 20, [0, 4])

    def test_involving(self) -> None:
        rules.check_can_involve(already=False, protocols=1)
        for already, protocols, code in ((True, 1, "involved"), (False, 0, "no_protocol")):
            with pytest.raises(RuleBroken) as refused:
                rules.check_can_involve(already=already, protocols=protocols)
            assert refused.value.code == code


class TestModels:
    def test_in_words(self, ana: Any, acting: Any, new_case: Any, protocol: Any) -> None:
        case = new_case(by=ana)
        with acting(ana):
            agreement = protocol("dprrp-csw")
            clause = agreement.clauses.get(category=Category.EDUCATION)
            access = CaseAccess.objects.get(case_id=case)
            assert str(agreement) == agreement.label == "Children and family"
            assert "Law" in agreement.basis
            assert agreement.why.startswith("So that the centre")
            assert str(clause) == "Education: Summary"
            assert access.may_read(Category.IDENTITY)
            assert not access.may_read(Category.HEALTH)
            assert access.may_write(Category.PLAN)
            assert not access.may_write(Category.LEGAL)
            assert str(case) in str(access)

    @pytest.mark.parametrize(("since", "until", "runs"), [(-1, 1, True), (1, 2, False), (-2, -1, False)])
    def test_a_protocol_runs_between_its_days(self, since: int, until: int, runs: bool) -> None:
        agreement = SharingProtocol(
            state="in_force",
            valid_from=now() + timedelta(days=since),
            valid_until=now() + timedelta(days=until),
        )
        assert agreement.is_in_force == runs
        agreement.state = "suspended"
        assert not agreement.is_in_force

    def test_the_last_day_of_a_protocol_still_counts(self) -> None:
        from datetime import date

        from homeward.foundation.kernel.clock import start_of

        assert SharingProtocol(valid_until=start_of(date(2030, 1, 1))).last_day == date(2029, 12, 31)

    def test_depths_grow(self) -> None:
        assert Depth.NONE < Depth.EXISTENCE < Depth.SUMMARY < Depth.FULL
