"""Two payers are asked for the same rent: the second learns that, when and whom to ask, and the coordinator sees both."""

import json
import re

import pytest

from tests.journeys.conftest import Browsing, Site, violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("sr", 390)])
def test_a_rent_is_not_paid_twice(own_site: Site, browsing: Browsing, language: str, width: int) -> None:
    site = own_site

    # Given an entry of a Centre for Social Work that overlaps with one of the division
    overlaps = json.loads(site.manage("overlaps", "--as", "dprrp-coordinator", "--json"))["overlaps"]
    assert overlaps, "the demonstration has families whom two payers help"
    chosen = next(
        one
        for one in overlaps
        if {entry["payer"] for entry in one["entries"]} == {"csw-mitrovica-south", "dprrp"}
        and not any(
            "file" in entry for entry in one["entries"]
        )  # entered at a desk, not taken in from a list
    )
    entries = {entry["payer"]: entry["entry"] for entry in chosen["entries"]}
    # The list names what was taken in from a list by its place there, as the command does.
    places = [
        f"{one['file']}:{one['row']}" if "file" in one else one.get("reference") or one["entry"]
        for one in chosen["entries"]
    ]

    # When the Centre looks at its own, it is told of days and of whom to ask, and nothing of the other
    with browsing(site, "csw-mitrovica-south", language=language, width=width) as page:
        page.goto(f"{site.address}/assistance/{entries['csw-mitrovica-south']}/")
        told = page.locator(".moj-alert--warning")
        assert told.count() == 1
        assert "DPRRP" in told.inner_text()
        assert not re.search(r"EUR|AS-", told.inner_text())
        assert violations(page) == []
        page.goto(f"{site.address}/assistance/{entries['dprrp']}/")
        assert "AS-" not in page.get_by_role("main").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    # Then the coordinator sees both, and can say what was done
    with browsing(site, "dprrp-coordinator", language=language, width=width) as page:
        page.goto(f"{site.address}/assistance/overlaps/")
        shown = page.get_by_role("main").inner_text()
        assert chosen["household"] in shown
        assert all(place in shown for place in places)
        assert violations(page) == []
        page.goto(f"{site.address}/assistance/spread/")
        assert violations(page) == []
