"""A reception list becomes shared cases, each institution seeing its part: the main job, in two languages."""

import json
import re
from pathlib import Path

import openpyxl
import pytest
from django.utils import translation

from tests.journeys.conftest import Browsing, Site, violations

pytestmark = pytest.mark.browser

MANIFEST = "iom-reception-2019-04-20.xlsx"
EXAMPLES = Path(__file__).parents[2] / "examples"
HEADER = 3  # lines above the first row of data


def family(number: str) -> dict[str, list[int]]:
    """The rows of one family in the manifest: {"head of household": [13], "child": [40, 81, 99]}."""
    sheet = openpyxl.load_workbook(EXAMPLES / MANIFEST).active
    found: dict[str, list[int]] = {}
    for row in list(sheet.iter_rows(values_only=True))[HEADER:]:
        if row[1] == number:
            found.setdefault(str(row[7]), []).append(int(str(row[0])))
    return found


def references(site: Site) -> dict[int, str]:
    """Row of the manifest → reference of the person, as the operator's command says without naming anybody."""
    people = json.loads(site.manage("linked", "--as", "dprrp-coordinator", "--json"))["people"]
    return {
        source["row"]: person["person"]
        for person in people
        for source in person["rows"]
        if source["file"] == MANIFEST
    }


def say(language: str, text: str) -> str:
    """A text of the interface in this language."""
    with translation.override(language):
        return translation.gettext(text)


@pytest.mark.parametrize(("language", "number"), [("en", "00013"), ("sq", "00010")])
def test_from_the_list_to_the_school(
    lists_site: Site, browsing: Browsing, language: str, number: str
) -> None:
    site, rows = lists_site, family(number)
    refs = references(site)
    mother, children = refs[rows["head of household"][0]], [refs[row] for row in rows["child"]]
    assert len(children) >= 3
    child = children[0]

    # Given a coordinator who sees who came and who is expected
    with browsing(site, "dprrp-coordinator", language=language) as page:
        page.goto(f"{site.address}/cases/overview/")
        together = page.get_by_role("main").inner_text()
        assert "250" in together
        assert "86" in together

        # When she opens the family and involves probation, the centre and the school, each under its protocol
        page.goto(f"{site.address}/cases/{mother}/")
        for ref in children:
            assert page.locator(f'a[href="/cases/{ref}/"]').count() >= 1
        involve(page, site, mother, "kps", language)
        for ref in (mother, *children):
            involve(page, site, ref, "csw-mitrovica-south", language)
        involve(page, site, child, "school-demo-mitrovica-south", language)

        # Then the panel says who can see it, on which legal basis
        page.goto(f"{site.address}/cases/{child}/")
        panel = page.get_by_role("main").inner_text()
        assert say(language, "Who can see this, and why?") in panel
        assert "06/L-084" in panel
        assert violations(page) == []

    # And probation sees the mother and no child
    with browsing(site, "kps-officer", language=language) as page:
        assert page.goto(f"{site.address}/cases/{mother}/").status == 200
        for ref in children:
            assert page.goto(f"{site.address}/cases/{ref}/").status == 404
        assert page.locator("body").inner_text() == unknown(page, site)

    # And the centre sees all of them
    with browsing(site, "csw-mitrovica-south", language=language) as page:
        for ref in (mother, *children):
            assert page.goto(f"{site.address}/cases/{ref}/").status == 200

    # And the school sees its pupil and nothing else
    with browsing(site, "school-psychologist", language=language) as page:
        assert page.goto(f"{site.address}/cases/{child}/").status == 200
        assert page.locator(f'a[href="/cases/{mother}/"]').count() == 0
        for ref in (mother, *children[1:]):
            assert page.goto(f"{site.address}/cases/{ref}/").status == 404

    # And a stranger sees nothing at all
    with browsing(site, "atrc-counsellor", language=language) as page:
        assert page.goto(f"{site.address}/cases/{child}/").status == 404

    # And the auditor sees every look, and no name
    with browsing(site, "auditor", language=language) as page:
        page.goto(f"{site.address}/oversight/?case={child}")
        seen = page.get_by_role("main").inner_text()
        assert say(language, "Case opened to read") in seen
        assert say(language, "An institution was involved") in seen
        assert "Demo school psychologist" in seen
        assert page.goto(f"{site.address}/cases/{child}/").status == 404


def involve(page, site: Site, ref: str, code: str, language: str) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{site.address}/cases/{ref}/involve/{code}/")
    assert say(language, "Everything else stays closed to it.") in page.get_by_role("main").inner_text()
    page.locator("textarea[name=reason]").fill("Asked for by the family.")
    page.get_by_role("main").locator("form button[type=submit]").last.click()
    page.wait_for_url(re.compile(rf"/cases/{ref}/$"))


def unknown(page, site: Site) -> str:  # type: ignore[no-untyped-def]
    assert page.goto(f"{site.address}/cases/HW-0000-0000-00/").status == 404
    return str(page.locator("body").inner_text())


def test_a_corrected_manifest_changes_only_what_changed(lists_site: Site, tmp_path: Path) -> None:
    site = lists_site
    again = json.loads(
        site.manage(
            "intake",
            str(EXAMPLES / MANIFEST),
            "--sender",
            "iom-reception",
            "--as",
            "dprrp-coordinator",
            "--json",
        )
    )
    assert (again["rows"], again["created"], again["updated"], again["unchanged"]) == (110, 0, 0, 110)

    book = openpyxl.load_workbook(EXAMPLES / MANIFEST)
    book.active.cell(row=HEADER + 5, column=10).value = "Prizren"
    corrected = tmp_path / MANIFEST
    book.save(corrected)
    result = json.loads(
        site.manage(
            "intake", str(corrected), "--sender", "iom-reception", "--as", "dprrp-coordinator", "--json"
        )
    )
    assert (result["created"], result["updated"], result["unchanged"]) == (0, 1, 109)


def test_a_faulty_file_imports_nothing_and_says_why_per_cell(lists_site: Site, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(EXAMPLES / MANIFEST)
    book.active.cell(row=HEADER + 2, column=7).value = "31-Feb-99"
    faulty = tmp_path / "faulty.xlsx"
    book.save(faulty)
    done = lists_site.manage(
        "intake", str(faulty), "--sender", "iom-reception", "--as", "dprrp-coordinator", "--json", ok=False
    )
    result = json.loads(done)
    assert result["created"] == result["updated"] == 0
    assert [(cell["cell"], cell["value"]) for cell in result["refused"]] == [("G5", "31-Feb-99")]
