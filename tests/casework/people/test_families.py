"""Who lives with whom, and who answers for a child."""

from datetime import date, timedelta

import pytest

from homeward.casework.people import actions, queries
from homeward.casework.people.models import Household, HouseholdMembership
from homeward.casework.people.rules.households import Kin, Relation
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken
from tests.casework.people.conftest import home_of


def kin(person, to, **more):
    return {(one.person.full_name, one.kin) for one in queries.kin_of(person, to=to, **more)}


def present(home: Household) -> list[HouseholdMembership]:
    """Those of a household whom the reader was shown."""
    shown: list[HouseholdMembership] = getattr(home, "present")  # noqa: B009 — fetched beside the model
    return shown


def test_the_family_of_a_mother(acting, ana, family):
    with acting(ana):
        assert kin(family["ardita"], ana) == {("Gjorgje Osmani", Kin.CHILD), ("Besa Osmani", Kin.CHILD)}
        assert kin(family["besa"], ana) == {("Ardita Osmani", Kin.PARENT), ("Gjorgje Osmani", Kin.SIBLING)}
        assert kin(family["ymer"], ana) == set()
        children_first = [one.kin for one in queries.kin_of(family["besa"], to=ana)]
        assert children_first == [Kin.SIBLING, Kin.PARENT]


def test_moving_ends_one_membership_and_begins_another(acting, ana, family):
    with acting(ana):
        before = queries.household_of(family["ymer"], to=ana)
        assert before is None
        actions.move_household(
            family["ymer"],
            by=ana,
            household=home_of(family["ardita"], ana),
            relation=Relation.SIBLING,
            on=today() - timedelta(days=10),
        )
        assert ("Ymer Osmani", Kin.AUNT_OR_UNCLE) in kin(family["besa"], ana)

        moved = actions.move_household(family["ymer"], by=ana)
        assert (moved.relation, moved.starts_on) == (Relation.HEAD, today())
        assert kin(family["ymer"], ana) == set()
        assert ("Ymer Osmani", Kin.AUNT_OR_UNCLE) in kin(family["besa"], ana, on=today() - timedelta(days=1))
        ended = HouseholdMembership.objects.get(person=family["ymer"], ends_on__isnull=False)
        assert ended.ends_on == today() - timedelta(days=1)
        assert history(family["ymer"]) == ["person.registered", "person.moved", "person.moved"]


def test_moving_without_a_home_as_somebody_else_than_its_head(acting, ana, family):
    with acting(ana):
        moved = actions.move_household(family["ymer"], by=ana, relation=Relation.SINGLE)

        assert moved.relation == Relation.SINGLE


@pytest.mark.parametrize(
    ("relation", "code"),
    [(Relation.HEAD, "household.two_heads"), (Relation.CHILD, "person.parent_too_young")],
)
def test_moves_that_cannot_be(acting, ana, family, relation, code):
    with acting(ana):
        home = home_of(family["ardita"], ana)
        with pytest.raises(RuleBroken) as refused:
            actions.move_household(family["ymer"], by=ana, household=home, relation=relation)
    assert refused.value.code == code


def test_a_head_younger_than_the_children(acting, ana, family):
    with acting(ana):
        home = home_of(family["ardita"], ana)
        actions.move_household(family["ardita"], by=ana)
        with pytest.raises(RuleBroken) as refused:
            actions.move_household(family["gjorgje"], by=ana, household=home, relation=Relation.HEAD)
    assert refused.value.code == "person.parent_too_young"


def test_nobody_leaves_on_the_day_they_came(acting, ana, family):
    with acting(ana):
        actions.move_household(family["ymer"], by=ana)
        with pytest.raises(RuleBroken) as refused:
            actions.move_household(family["ymer"], by=ana)
    assert refused.value.code == "household.too_early"


def test_an_uncle_answers_for_a_child(acting, ana, family):
    with acting(ana):
        link = actions.link_guardian(
            family["besa"], by=ana, kind="caregiver", guardian=family["ymer"], basis="Decision 12/2019"
        )

        assert ("Ymer Osmani", Kin.CARER) in kin(family["besa"], ana)
        assert kin(family["ymer"], ana) == {("Besa Osmani", Kin.WARD)}
        assert queries.guardianships_of(family["besa"], to=ana) == [link]
        [answers] = queries.guarding(family["besa"], to=ana)
        assert (answers.person, answers.kin, answers.guardianship) == (family["ymer"], Kin.CARER, link)
        assert [one.kin for one in queries.guarding(family["ymer"], to=ana)] == [Kin.WARD]
        assert history(family["besa"])[-1] == "guardian.linked"

        actions.end_guardianship(link, by=ana, ends_on=today() - timedelta(days=1))
        assert kin(family["ymer"], ana) == set()
        assert queries.guardianships_of(family["besa"], to=ana) == []
        assert history(family["besa"])[-1] == "guardian.ended"


def test_an_institution_answers_for_a_child(acting, ana, family):
    with acting(ana):
        link = actions.link_guardian(
            family["besa"],
            by=ana,
            kind="guardian",
            institution_name="Centre for Social Work",
            starts_on=today(),
        )
        actions.end_guardianship(link, by=ana)

        assert link.guardian is None
        assert len(queries.kin_of(family["besa"], to=ana)) == 2
        assert queries.find_guardianship(link.pk, to=ana).ends_on == today()


def test_guardianships_that_cannot_be(acting, ana, family):
    with acting(ana):
        for wrong in (
            {},
            {"guardian": family["besa"]},
            {"guardian": family["ymer"], "institution_name": "Centre"},
            {"guardian": family["ymer"], "starts_on": today(), "ends_on": date(2019, 1, 1)},
        ):
            with pytest.raises(RuleBroken):
                actions.link_guardian(family["besa"], by=ana, kind="guardian", **wrong)
        link = actions.link_guardian(
            family["besa"], by=ana, kind="guardian", institution_name="Centre", starts_on=today()
        )
        with pytest.raises(RuleBroken):
            actions.end_guardianship(link, by=ana, ends_on=date(2019, 1, 1))


def test_the_centre_for_social_work_writes_about_families_it_was_let_into(
    acting, ana, carla, dora, family, let_in
):
    with acting(ana):
        let_in(carla, family["besa"], family["ardita"], by=ana)
    with acting(carla):
        link = actions.link_guardian(family["besa"], by=carla, kind="guardian", institution_name="Centre")
        assert kin(family["besa"], carla) == {("Ardita Osmani", Kin.PARENT)}, (
            "the brother's case is closed to her"
        )
        with pytest.raises(Missing):
            actions.move_household(family["gjorgje"], by=carla)
    with acting(dora):
        assert queries.households(to=dora).count() == 0
        with pytest.raises(Missing):
            actions.end_guardianship(link, by=dora)
        with pytest.raises(Missing):
            queries.find_guardianship(link.pk, to=dora)


def test_reading_a_family_is_not_writing_about_it(acting, ana, bruno, family, let_in):
    with acting(ana):
        let_in(bruno, family["ardita"], by=ana)
    with acting(bruno):
        assert queries.household_of(family["ardita"], to=bruno) is not None
        with pytest.raises(NotPermitted):
            actions.move_household(family["ardita"], by=bruno)


def test_the_list_of_households(acting, ana, family, django_assert_max_num_queries):
    with acting(ana), django_assert_max_num_queries(4):
        [home] = queries.households(to=ana)
        names = {one.person.full_name for one in present(home)}

        assert names == {"Ardita Osmani", "Gjorgje Osmani", "Besa Osmani"}
        assert (home.arrived, home.expected) == (3, 0)


def test_one_household(acting, ana, dora, family):
    with acting(ana):
        ref = home_of(family["ardita"], ana).ref
        assert queries.find_household(ref.lower(), to=ana).ref == ref
        assert queries.households(to=ana, municipality=None).count() == 1
    with acting(dora), pytest.raises(Missing):
        queries.find_household(ref, to=dora)


def test_who_may_see_no_return_counts_none(acting, ana, carla, family, let_in):
    with acting(ana):
        let_in(carla, *family.values(), by=ana)
    with acting(carla):
        [home] = queries.households(to=carla)

        assert (len(present(home)), home.arrived, home.expected) == (3, 0, 0)
