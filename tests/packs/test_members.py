"""The demonstration's institutions and members: all there, all seated, nobody real."""

from __future__ import annotations

from collections import Counter

import pytest

from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.packs import Pack

ASKED_FOR = {
    "dprrp-coordinator",
    "dprrp-officer",
    "dprrp-supervisor",
    "kps-officer",
    "kps-supervisor",
    "kcs-ve-unit",
    "kcs-intelligence",
    "csw-mitrovica-south",
    "csw-supervisor",
    "school-psychologist",
    "atrc-counsellor",
    "atrc-head",
    "municipal-focal-point",
    "data-protection-officer",
    "auditor",
    "donor",
    "administrator",
    "health-psychologist",
    "reviewer",
}
# Institutions that the documents behind the pack speak of.
SPOKEN_OF = (
    "dprrp mia moj mesti kcs kps kosovo-police kia ick atrc cbm krct kcss birn rinon cdf fiq partners-kosova gcerf iom "
    "netherlands united-kingdom council-of-europe icitap icct aip nao ombudsperson court-prishtine sprk ucck"
).split()


@pytest.fixture(params=["kosovo", "example"])
def pack(request) -> Pack:
    found: Pack = request.getfixturevalue(request.param)
    return found


def members(pack: Pack):
    return pack.section("demo")["members"]


def test_every_member_that_the_demonstration_needs_is_there(kosovo):
    assert {one["login"] for one in members(kosovo)} == ASKED_FOR


def test_members_sit_in_institutions_and_units_that_exist(pack):
    units = {one.code: {unit.code for unit in one.units} for one in pack.institutions}
    for one in members(pack):
        assert one["institution"] in units, one
        assert one.get("unit") is None or one["unit"] in units[one["institution"]], one


def test_sign_in_names_are_given_once(pack):
    assert max(Counter(one["login"] for one in members(pack)).values()) == 1


def test_roles_are_roles(pack):
    for one in members(pack):
        assert one["roles"], one
        assert set(one["roles"]) <= set(Role.values), one


def test_between_them_the_members_of_kosovo_hold_every_role(kosovo):
    assert {role for one in members(kosovo) for role in one["roles"]} == set(Role.values)


def test_members_speak_a_language_of_the_country(pack):
    for one in members(pack):
        assert one["language"].split("-")[0] in pack.languages, one


def test_nobody_has_a_name_that_could_be_a_persons(pack):
    """An office's name instead of a person's, and it says that it is a demonstration."""
    for one in members(pack):
        assert one["name"].startswith("Demo "), one
        assert one["name"][5:].islower(), one


def test_members_of_an_institution_with_walls_stand_behind_one(pack):
    """Without a unit a member would see what every unit sees together."""
    walled = {
        i.code for i in pack.institutions if any("intelligence" in (u.categories or ()) for u in i.units)
    }
    seated = [one for one in members(pack) if one["institution"] in walled]
    assert len(seated) == 2
    assert all(one.get("unit") for one in seated)


def test_log_readers_and_the_reviewer_have_no_door_into_any_case(kosovo):
    kinds = {one.code: one.kind for one in kosovo.institutions}
    receivers = {one.receiver for one in kosovo.protocols}
    for one in members(kosovo):
        if {"data_protection", "auditor", "analyst", "administrator"} & set(one["roles"]):
            assert not {one["institution"], kinds[one["institution"]]} & receivers, one


def test_an_emergency_look_can_be_reviewed_by_another_institution(kosovo):
    looking = {one["institution"] for one in members(kosovo) if "break_glass" in one["roles"]}
    reviewing = {one["institution"] for one in members(kosovo) if "data_protection" in one["roles"]}
    assert looking
    assert all(reviewing - {one} for one in looking)


def test_the_institutions_of_the_documents_are_there(kosovo):
    assert set(SPOKEN_OF) <= {one.code for one in kosovo.institutions}


def test_south_mitrovica_has_everybody_a_family_meets(kosovo):
    local = {one.kind for one in kosovo.institutions if one.municipality == "mitrovica-south"}
    assert local >= {
        "municipality",
        "social-work-centre",
        "education-directorate",
        "safety-council",
        "school",
        "health-provider",
        "cso",
    }


def test_schools_are_invented_and_say_so(kosovo):
    for one in kosovo.institutions:
        if one.kind == "school":
            assert "Demonstration" in one.name["en"]
            assert "demonstruese" in one.name["sq"]


def test_the_other_country_shares_nothing_with_kosovo(kosovo, example):
    assert not set(example.languages) & {"sq", "sr"}
    for part in ("municipalities", "districts", "institutions", "kinds", "protocols"):
        ours, theirs = ({one.code for one in getattr(pack, part)} for pack in (kosovo, example))
        assert theirs
        assert not ours & theirs, part
