"""Somebody who knows a family privately is kept away from its case, on the pages; and a case never loses its contact unseen."""

import pytest
from django.urls import reverse

from homeward.casework.cases import actions, queries
from homeward.casework.cases.rules.care import State
from homeward.foundation.access.actions import lift_exclusion
from homeward.foundation.institutions.actions import dismiss
from homeward.foundation.kernel.errors import Missing
from tests.factories.cases import a_case

ENGLISH = {"headers": {"accept-language": "en"}}


@pytest.fixture
def case(acting, ana):
    with acting(ana):
        return a_case(by=ana, state=State.ASSESSMENT)


def words(answer):
    return answer.content.decode()


def test_oneself_from_the_page_of_the_case(signed_in, members, case):
    officer = signed_in(members["dprrp-officer"])
    address = reverse("cases:exclude", args=[case.ref])
    assert address in words(officer.get(case.get_absolute_url()))
    form = officer.get(address, **ENGLISH)
    assert "member" not in form.context["form"].fields
    assert "you see nothing of the case" in words(form)
    answer = officer.post(address, {"reason": "My cousin"})
    assert (answer.status_code, answer.url) == (302, reverse("cases:exclusions"))
    assert officer.get(case.get_absolute_url()).status_code == 404
    page = words(officer.get(answer.url, **ENGLISH))
    assert "My cousin" in page
    assert case.ref not in page
    assert "Let in again" not in page


def test_a_colleague_by_the_coordinator_and_back_again(signed_in, ana, members, case):
    client, officer = signed_in(ana), members["dprrp-officer"]
    address = reverse("cases:exclude", args=[case.ref])
    assert "member" in client.get(address).context["form"].fields
    assert client.post(address, {"member": officer.pk, "reason": "Neighbours"}).status_code == 302
    assert signed_in(officer).get(case.get_absolute_url()).status_code == 404
    page = client.get(reverse("cases:exclusions"), **ENGLISH)
    assert case.ref in words(page)
    [row] = page.context["page"].rows
    lift = reverse("cases:lift_exclusion", args=[row.pk])
    assert lift in words(page)
    assert "Neighbours" in words(client.get(lift, **ENGLISH))
    assert client.post(lift).status_code == 302
    assert signed_in(officer).get(case.get_absolute_url()).status_code == 200
    assert client.get(lift).status_code == 403


def test_nobody_is_named_whom_one_may_not_keep_away(signed_in, ana, members, case):
    for chosen in (members["kps-officer"], members["kps-supervisor"]):
        answer = signed_in(ana).post(
            reverse("cases:exclude", args=[case.ref]), {"member": chosen.pk, "reason": "x"}
        )
        assert answer.status_code in (200, 422)
        assert "member" in answer.context["form"].errors
    officer = members["dprrp-officer"]
    signed_in(officer).post(
        reverse("cases:exclude", args=[case.ref]), {"member": ana.pk, "reason": "Not for her"}
    )
    assert signed_in(ana).get(case.get_absolute_url()).status_code == 200


def test_a_case_that_is_not_seen_is_not_there(signed_in, dora, acting, case):
    assert signed_in(dora).get(reverse("cases:exclude", args=[case.ref])).status_code == 404
    assert signed_in(dora).get(reverse("cases:exclusions")).status_code == 200
    with acting(dora), pytest.raises(Missing):
        actions.exclude(case, reason="x", by=dora)


def test_who_reads_the_list(signed_in, ana, bruno, members, acting, case):
    with acting(ana):
        actions.exclude(case, member=members["dprrp-officer"], reason="Neighbours", by=ana)
    for reader, sees in (
        (ana, True),
        (members["dprrp-officer"], True),
        (bruno, False),
        (members["auditor"], False),
    ):
        page = words(signed_in(reader).get(reverse("cases:exclusions")))
        assert ("Neighbours" in page) is sees, reader


class TestTheContact:
    """Whoever cannot answer for the family any more is replaced, and the coordinator is told so at once."""

    @pytest.fixture
    def named(self, acting, ana, members, case):
        with acting(ana):
            actions.name_contact(case, member=members["dprrp-officer"], by=ana)
        return case

    def waiting(self, acting, member):
        with acting(member):
            found = queries.to_name_anew(to=member)
            return None if found is None else [row.case_id for row in found]

    def test_nobody_waits_while_the_contact_is_there(self, acting, ana, members, named):
        assert self.waiting(acting, ana) == []
        assert self.waiting(acting, members["dprrp-officer"]) is None

    def test_when_the_contact_leaves(self, acting, ana, bruno, members, named, signed_in):
        with acting(ana):
            dismiss(members["dprrp-officer"], by=ana)
        assert self.waiting(acting, ana) == [named.pk]
        assert self.waiting(acting, bruno) == []
        page = words(signed_in(ana).get("/", **ENGLISH))
        assert "Cases without a contact" in page
        with acting(ana):
            actions.name_contact(named, member=ana, by=ana)
        assert self.waiting(acting, ana) == []

    def test_when_the_contact_is_kept_away(self, acting, ana, members, named):
        with acting(ana):
            exclusion = actions.exclude(named, member=members["dprrp-officer"], reason="Cousins", by=ana)
        assert self.waiting(acting, ana) == [named.pk]
        with acting(ana):
            lift_exclusion(exclusion, by=ana)
        assert self.waiting(acting, ana) == []

    def test_somebody_elses_exclusion_changes_nothing(self, acting, ana, members, named):
        with acting(ana):
            actions.exclude(named, member=ana, reason="Cousins", by=ana)
        assert self.waiting(acting, ana) == []
