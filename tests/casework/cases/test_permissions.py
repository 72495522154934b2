"""Who may do what with a case: the cast down the side, the permissions across, allowed and refused."""

from __future__ import annotations

import pytest
from django.db.models import Q

from homeward.casework.cases import actions, permissions, queries
from homeward.casework.cases.models import CaseNote, Document, TeamMember
from homeward.casework.cases.models.team import Part
from homeward.casework.cases.rules.notes import Label
from homeward.foundation.access.permissions import may
from homeward.foundation.access.rules import Category
from homeward.foundation.kernel.clock import today
from tests.casework.cases.test_documents_rules import PDF
from tests.factories.cases import a_case, let_in, youth

# The division leads the case; probation, the Centre for Social Work, a school and a clinic take part in it.
CAST = {
    "dprrp-coordinator": "work close change_lead archive end_retention involve assign write_note",
    "dprrp-officer": "work involve assign write_note",
    "kps-supervisor": "write_note",
    "kps-officer": "write_note",
    "csw-mitrovica-south": "write_note",
    "csw-supervisor": "write_note",
    "school-psychologist": "write_note",
    "health-psychologist": "write_note",
    "atrc-counsellor": "",
    "atrc-head": "",
    "municipal-focal-point": "",
    "data-protection-officer": "",
    "auditor": "",
    "donor": "",
    "administrator": "",
}
WRITES = {
    "dprrp-coordinator": {Category.CASE, Category.NEEDS, Category.IDENTITY},
    "dprrp-officer": {Category.CASE, Category.NEEDS, Category.IDENTITY},
    "kps-supervisor": {Category.NEEDS, Category.SUPERVISION},
    "csw-mitrovica-south": {Category.NEEDS, Category.CHILD_PROTECTION},
    "school-psychologist": {Category.EDUCATION},
    "health-psychologist": {Category.HEALTH, Category.COUNSELLING},
    "atrc-counsellor": set(),
    "auditor": set(),
}
ASKED = (
    Category.IDENTITY, Category.CASE, Category.NEEDS, Category.SUPERVISION, Category.EDUCATION, Category.HEALTH,
    Category.COUNSELLING, Category.CHILD_PROTECTION, Category.INTELLIGENCE,
)  # fmt: skip


@pytest.fixture
def case(acting, ana):
    with acting(ana):
        opened = a_case(by=ana, born=youth())
        for code in (
            "kps",
            "csw-mitrovica-south",
            "school-demo-mitrovica-south",
            "mental-health-mitrovica-south",
        ):
            let_in(opened, code, by=ana)
        return opened


@pytest.mark.parametrize("login", CAST)
def test_the_matrix_of_the_case(acting, members, case, login):
    member = members[login]
    with acting(member):
        granted = {name for name, rule in queries.sight.POWERS.items() if may(member, rule, case)}
        assert granted == set(CAST[login].split())
        assert queries.powers(case, to=member) == granted  # the one query says the same as the seven
        assert may(member, permissions.add_document, case) == ("write_note" in granted)
        assert may(member, permissions.tick, case) == ("write_note" in granted)


@pytest.mark.parametrize("login", WRITES)
def test_the_matrix_of_the_categories(acting, members, case, login):
    member = members[login]
    with acting(member):
        assert {c for c in ASKED if may(member, permissions.write(c), case)} == WRITES[login]


@pytest.mark.parametrize(
    ("login", "allowed"),
    [
        ("dprrp-coordinator", True),
        ("dprrp-officer", True),
        ("kps-supervisor", True),
        ("municipal-focal-point", False),
        ("auditor", False),
        ("administrator", False),
    ],
)
def test_who_opens_cases_in_their_own_institution(acting, members, login, allowed):
    member = members[login]
    with acting(member):
        assert may(member, permissions.open_case, member.institution) == allowed


def test_who_opens_cases_opens_none_for_others(acting, ana, bruno):
    with acting(ana):
        assert not may(ana, permissions.open_case, bruno.institution)


@pytest.mark.parametrize(
    ("login", "allowed"), [("dprrp-officer", True), ("auditor", False), ("donor", False)]
)
def test_who_sees_the_overview(members, login, allowed):
    assert (permissions.lead(members[login]) == permissions.EVERYBODY) == allowed


def test_everybody_may_ask_and_the_list_shows_what_is_theirs(members):
    for member in members.values():
        assert permissions.browse(member) == permissions.look(member) == permissions.EVERYBODY
        assert isinstance(permissions.browse(member), Q)


def test_the_matrix_of_notes_and_documents(acting, members, case, ana):
    officer, school, clinic = (
        members[name] for name in ("dprrp-officer", "school-psychologist", "health-psychologist")
    )
    with acting(officer):
        note = actions.write_note(
            case, category=Category.CASE, label=Label.FACT, happened_on=today(), text="x", by=officer
        )
        document = actions.add_document(
            case, category=Category.CASE, title="x", file_name="x.pdf", content=PDF, by=officer
        )
        place = actions.assign(case, member=officer, part=Part.SUPPORT, by=officer)
    may_correct = {"dprrp-coordinator", "dprrp-officer"}
    may_download = {"dprrp-coordinator", "dprrp-officer", "kps-supervisor", "kps-officer"}
    for login in CAST:
        member = members[login]
        with acting(member):
            assert may(member, permissions.correct_note, note) == (login in may_correct), login
            assert may(member, permissions.download, document) == (login in may_download), login
            assert may(member, permissions.remove_from_team, place) == (login in may_correct), login
    with acting(clinic):
        own = actions.add_document(
            case, category=Category.HEALTH, title="x", file_name="x.pdf", content=PDF, by=clinic
        )
        assert may(clinic, permissions.download, own)
    for other in (ana, school):
        with acting(other):
            assert not may(other, permissions.download, own)
    with acting(school):
        assert not CaseNote.objects.filter(pk=note.pk).exists()
        assert not Document.objects.filter(pk=document.pk).exists()
        assert not TeamMember.objects.filter(pk=place.pk).exists()
