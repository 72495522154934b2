"""The pages of the ledger: the way of a request, the list of overlaps, the accounts, what waits for whom."""

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from homeward.casework.assistance import actions, queries
from homeward.casework.assistance.models import Entry
from homeward.casework.assistance.views import rooms
from homeward.casework.cases import actions as cases
from homeward.casework.cases.models.team import Part
from homeward.casework.cases.queries import families_of
from homeward.foundation.audit.models import Event
from homeward.foundation.kernel.clock import today
from tests.casework.assistance.conftest import JANUARY, JUNE, give, given, kind, text


def test_a_request_is_made_approved_and_released_on_pages(acting, browser, carla, home):
    client = browser(carla)
    with acting(carla):
        key = str(kind("rent").pk)
    wanted = {
        "kind": key,
        "amount": "1.250,50",
        "starts_on": "01.01.2026",
        "ends_on": "30.06.2026",
        "source": "Budget",
    }
    page = client.post(reverse("assistance:request", args=[home.mother.ref]), wanted, follow=True)
    assert "The request stands in the ledger." in text(page)
    assert "1250.50 EUR" in text(page) or "1,250.50 EUR" in text(page)
    with acting(carla):
        entry = Entry.objects.get()
        assert entry.amount == Decimal("1250.50")
    for step in ("approve",):
        assert "Signed once" in text(
            client.post(reverse(f"assistance:{step}", args=[entry.ref]), {"note": "ok"}, follow=True)
        )
    assert client.post(reverse("assistance:countersign", args=[entry.ref])).status_code == 422
    assert "Stop" in text(client.get(entry.get_absolute_url()))


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"amount": "abc"}, "Write an amount such as 150,00."),
        ({"amount": "-1"}, "An amount is more than zero"),
        ({"ends_on": "2025-01-01"}, "The last day lies before the first."),
        ({"amount": ""}, "Enter the amount."),
    ],
)
def test_bad_input_comes_back_at_its_field(acting, browser, carla, home, wrong, complaint):
    with acting(carla):
        key = str(kind("rent").pk)
    wanted = {
        "kind": key,
        "amount": "150",
        "starts_on": "2026-01-01",
        "ends_on": "",
        "note": "kept words",
    } | wrong
    page = browser(carla).post(reverse("assistance:request", args=[home.mother.ref]), wanted)
    assert page.status_code == 422
    assert complaint in text(page)
    assert "kept words" in text(page)


def test_the_page_of_an_entry_says_when_and_whom_to_ask_and_offers_three_ways(
    acting, browser, ana, carla, dora, home
):
    with acting(ana):
        given(home.mother, by=ana, amount=Decimal("432.10"), source="Emergency fund", note="not for you")
    with acting(dora):
        entry = give(home.mother, by=dora)
    page = browser(dora).get(entry.get_absolute_url())
    words = text(page)
    for said in (
        "Support of the same kind runs already",
        "this institution knows more",
        "Stop",
        "Change the days",
        "Say why both are needed",
    ):
        assert said in words
    assert not re.search(r"432|Emergency fund|not for you|AS-(?!" + re.escape(entry.ref[3:]) + ")", words)
    assert browser(dora).post(reverse("assistance:approve", args=[entry.ref])).status_code == 422
    answer = browser(dora).post(
        reverse("assistance:justify", args=[entry.ref]), {"reason": "co_funded"}, follow=True
    )
    assert "Somebody else of your institution decides" in text(answer)
    fresh = browser(dora).post(
        reverse("assistance:adjust", args=[entry.ref]),
        {"starts_on": "2026-07-01", "ends_on": ""},
        follow=True,
    )
    assert "The days are changed" in text(fresh)
    with acting(ana):
        assert "Not permitted" not in text(browser(ana).get(entry.get_absolute_url()))


def test_the_lists_have_a_fixed_number_of_queries(
    acting, browser, ana, supervisor, carla, home, django_assert_max_num_queries
):
    with acting(carla):
        for number in range(6):
            give(home.mother, by=carla, code="medicines", reference=str(number))
    with acting(ana):
        for _number in range(3):
            give(home.mother, by=ana, code="medicines")
    client = browser(ana)
    with django_assert_max_num_queries(24):
        page = client.get(
            reverse("assistance:index"), {"everybody": "on", "running": "", "state": "requested"}
        )
    assert text(page).count("Medicines") >= 9
    assert text(client.get(reverse("assistance:index"))).count("Requested") >= 3
    own = client.get(reverse("assistance:index"), {"reference": home.mother.ref, "kind": "", "source": ""})
    assert text(own).count("Medicines") >= 3
    with django_assert_max_num_queries(22):
        page = client.get(reverse("assistance:overlaps"))
    assert "181" in text(page)
    assert "No overlap" not in text(page)
    with acting(ana):
        first = queries.overlaps(to=ana).first()
        assert first is not None
    page = browser(supervisor).post(
        reverse("assistance:settle", args=[first.pk]), {"outcome": "accepted"}, follow=True
    )
    assert "Both are right" in text(page)
    assert "Both are right" not in text(
        client.get(reverse("assistance:overlaps"), {"undecided": "on", "kind": "6"})
    )
    assert "The two entries" in text(client.get(reverse("assistance:settle", args=[first.pk])))


def test_who_may_not_oversee_has_no_such_pages(browser, carla, dora, bruno):
    for member in (carla, dora):
        for name in ("overlaps", "spread"):
            assert browser(member).get(reverse(f"assistance:{name}")).status_code == 403
    for name in ("index", "accounts", "check"):
        assert browser(bruno).get(reverse(f"assistance:{name}")).status_code == 403
    assert browser(bruno).get(reverse("assistance:export", args=["csv"])).status_code == 403


def test_accounts_add_up_to_the_cent_and_go_along_as_files(acting, browser, carla, home):
    with acting(carla):
        rows = [
            actions.HistoryRow(
                case=home.mother.pk,
                kind="medicines",
                starts_on=JANUARY,
                amount=Decimal(f"33.3{cents}"),
                source="A",
                file="l",
                row=cents,
                reference=f"=cmd{cents}",
            )
            for cents in range(1, 8)
        ]
        actions.record_history(rows, by=carla)
        actions.record_history(
            [
                actions.HistoryRow(
                    case=home.mother.pk, kind="wood", starts_on=JUNE, amount=Decimal(10), file="l", row=9
                )
            ],
            by=carla,
        )
        total = sum((line.amount for line in queries.totals(to=carla)), Decimal(0))
        assert total == Decimal("243.38")
        assert sum(one.amount or 0 for one in queries.accounts(to=carla)) == total
        assert [line.entries for line in queries.totals(to=carla, since=JUNE, until=JUNE)] == [1]
    client = browser(carla)
    page = text(client.get(reverse("assistance:accounts")))
    assert "243.38 EUR" in page
    assert client.get(reverse("assistance:accounts"), {"since": "never"}).status_code == 422
    table = client.get(reverse("assistance:export", args=["csv"]), {"until": "2026-01-01"})
    lines = table.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 8
    assert "'=cmd1" in table.content.decode()
    assert ";33,31;EUR;" in table.content.decode()
    assert home.mother.ref not in table.content.decode()
    book = openpyxl.load_workbook(
        BytesIO(client.get(reverse("assistance:export", args=["xlsx"])).content)
    ).active
    amounts = [row[4] for row in book.iter_rows(min_row=2, values_only=True)]
    assert sum(Decimal(str(one)) for one in amounts) == Decimal("243.38")
    assert client.get(reverse("assistance:export", args=["pdf"])).status_code == 404
    assert client.get(reverse("assistance:export", args=["csv"]), {"since": "x"}).status_code == 404
    with acting(carla):
        assert Event.objects.filter(verb="assistance.exported", member_id=carla.pk).count() == 2


def test_how_support_is_spread(acting, browser, ana, carla, home):
    with acting(carla):
        given(home.mother, by=carla, amount=Decimal("300.00"))
        given(home.child, by=carla, code="medicines", amount=Decimal("30.00"))
    with acting(ana):
        found = queries.spread(to=ana)
        by_size = {str(row.label): row for row in found["size"]}
        assert (by_size["3"].people, by_size["3"].supported, by_size["3"].amount) == (3, 3, Decimal("330.00"))
        assert (by_size["2"].supported, by_size["2"].share, by_size["2"].per_person) == (
            0,
            0,
            Decimal("0.00"),
        )
        assert sum(row.amount for row in found["sex"]) == Decimal("330.00")
        assert sum(row.people for row in found["district"]) == 5
    assert "330.00" in text(browser(ana).get(reverse("assistance:spread")))


def test_the_page_of_a_family_shows_what_they_were_given_together(acting, browser, ana, carla, dora, home):
    with acting(carla):
        given(home.mother, by=carla)
        give(home.child, by=carla, code="wood", amount=Decimal(5))
        family = families_of(home.mother, to=carla)[0].household.get_absolute_url()
    page = text(browser(ana).get(family))
    assert "Months with support of the family" in page
    for words in ("Given to this family", "Rent", "150.00 EUR", "Wood"):
        assert words in page
    # Dora's organisation works with them too, gives nothing, and is told nothing.
    page = text(browser(dora).get(family))
    assert "Support" not in page
    assert "Rent" not in page


def test_the_page_of_a_case_shows_months_gaps_and_the_package(acting, browser, ana, carla, members, home):
    with acting(carla):
        given(home.mother, by=carla, ends_on=date(2026, 2, 28))
        given(home.child, by=carla, starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31))
        given(home.mother, by=carla, code="food-package", starts_on=JANUARY, ends_on=JANUARY)
    with acting(ana):
        months = queries.continuity(queries.family_support(home.mother, to=ana), to=ana)
        assert months is not None
        rent = next(row for row in months.rows if row.label == "Rent")
        assert rent.covered == 3
        assert rent.gaps[0].starts_on == date(2026, 3, 1)
        packages = {
            one.kind: (one.expected, one.delivered, one.missing)
            for one in queries.packages(home.mother, queries.family_support(home.mother, to=ana), to=ana)
        }
        assert packages["Food package"] == (1, 1, 0)
        assert packages["Hygiene kit"] == (3, 0, 3)
        assert queries.continuity(queries.family_support(home.other, to=ana), to=ana) is None
    page = browser(ana).get(reverse("cases:case", args=[home.mother.ref]))
    assert "<svg" in page.content.decode()
    assert "Months with support of the family" in text(page)
    school = browser(members["school-psychologist"]).get(reverse("cases:case", args=[home.mother.ref]))
    assert school.status_code == 404 or "Support" not in text(school)


def test_of_what_is_long_past_no_picture_of_empty_months_is_drawn(acting, browser, ana, carla, home):
    long_ago = date(today().year - 5, 1, 1)
    with acting(carla):
        given(home.other, by=carla, starts_on=long_ago, ends_on=long_ago + timedelta(days=90))
    shown = text(browser(ana).get(reverse("cases:case", args=[home.other.ref])))
    assert "All that is listed here was given more than three years ago." in shown
    assert "Months with support of the family" not in shown


def titles(found):
    return [str(item.title) for item in found or []]


def test_what_waits_for_whom_stands_on_the_home_page(
    acting, browser, ana, officer, carla, dora, bruno, edu, home
):
    with acting(carla):
        given(home.mother, by=carla)
        cash = give(
            home.mother, by=carla, code="cash", amount=Decimal(50), starts_on=today(), ends_on=today()
        )
        actions.relieve(cash, by=carla)
    with acting(officer):
        actions.approve(give(home.other, by=officer, amount=Decimal("2000.00")), by=officer)
        quick = give(
            home.other, by=officer, code="cash", amount=Decimal(50), starts_on=today(), ends_on=today()
        )
        actions.relieve(quick, by=officer)
    with acting(dora):
        give(home.mother, by=dora)
        assert titles(rooms._overlapping(to=dora)) == ["Ardita Demo: Rent"]
    with acting(carla):
        assert titles(rooms._to_confirm(to=carla)) == []  # somebody else approves what she gave
    with acting(ana):
        assert titles(rooms._to_confirm(to=ana)) == ["Ardita Demo: Cash"]
        assert titles(rooms._to_countersign(to=ana)) == ["Ardita Demo: Rent"]
        assert len(titles(rooms._to_settle(to=ana))) == 1
    with acting(edu):
        assert [source.load(to=edu) for source in rooms.SOURCES] == [None] * 8
    with acting(bruno):
        assert [source.load(to=bruno) for source in rooms.SOURCES] == [None] * 8
    for member in (ana, carla, dora):
        assert browser(member).get("/").status_code == 200


def test_what_is_to_be_approved_or_handed_over_stands_on_the_home_page(
    acting, ana, officer, carla, edu, home
):
    with acting(officer):
        plain = give(home.other, by=officer)
        promised = actions.approve(give(home.other, by=officer, code="cash", amount=Decimal(50)), by=officer)
        handed = given(home.other, by=officer, code="medicines")
        actions.stop(give(home.other, by=officer, code="school-supplies"), by=officer, why="no_need")
    with acting(carla):
        given(home.mother, by=carla)
        assert titles(rooms._to_move(to=carla)) == []
    with acting(ana):
        doubled = give(home.mother, by=ana)  # waits for an answer first, and is told so above
        shown = {item.url: str(item.detail) for item in rooms._to_move(to=ana)}
        assert shown == {
            plain.get_absolute_url(): "Waits for approval",
            promised.get_absolute_url(): "Is approved and waits to be handed over",
        }
        assert [item.url for item in rooms._overlapping(to=ana)] == [doubled.get_absolute_url()]
        assert handed.get_absolute_url() not in shown
    with acting(officer):
        for day in range(rooms.SHOWN + 1):
            on = JUNE + timedelta(days=1 + day)
            give(home.child, by=officer, code="school-supplies", starts_on=on, ends_on=on)
    with acting(ana):
        *others, last = rooms._to_move(to=ana) or []
        assert len(others) == rooms.SHOWN
        assert (last.leads_on, last.url) == (True, reverse("assistance:index") + "?state=requested")
        assert str(last.title) == "All of them: Requested"


def test_whoever_has_spoken_about_an_overlap_is_not_asked_to_go_on_with_it(acting, ana, officer, carla, home):
    def waits(member):
        with acting(member):
            return [item.url for item in rooms._to_move(to=member)]

    with acting(carla):
        given(home.mother, by=carla)
    with acting(officer):
        entry = give(home.mother, by=officer)
        at = entry.get_absolute_url()
        assert waits(officer) == []
    with acting(officer):
        actions.justify(entry, by=officer, reason="other_need")
    assert (waits(officer), waits(ana)) == ([], [at])
    with acting(ana):
        actions.settle(queries.overlaps(to=ana).get(), by=ana, outcome="accepted")
    assert waits(ana) == []


def test_the_end_of_support_is_told_to_those_who_work_on_the_case(acting, ana, officer, carla, home):
    with acting(carla):
        soon = given(
            home.mother,
            by=carla,
            ends_on=today() + timedelta(days=10),
            starts_on=today() - timedelta(days=60),
        )
        later = given(
            home.other, by=carla, ends_on=today() + timedelta(days=29), starts_on=today() - timedelta(days=60)
        )
        given(home.other, by=carla, code="medicines", ends_on=today(), starts_on=today())
        assert [one.entry.pk for one in queries.ending_soon(to=carla)] == [soon.pk, later.pk]
        assert len(titles(rooms._ending(to=carla))) == 2
        details = [str(item.detail) for item in rooms._ending(to=carla) or []]
        assert "two weeks" in details[0]
        assert "a month" in details[1]
        give(home.other, by=carla, starts_on=today() + timedelta(days=30), ends_on=None)
        assert [one.entry.pk for one in queries.ending_soon(to=carla)] == [soon.pk]
    with acting(officer):
        assert queries.ending_soon(to=officer) == []
        cases.assign(home.mother, member=officer, part=Part.SUPPORT, by=officer)
        assert [one.left for one in queries.ending_soon(to=officer)] == [10]


def test_more_than_fits_leads_to_the_list(acting, ana, supervisor, home):
    with acting(ana):
        rows = [
            actions.HistoryRow(case=home.mother.pk, kind="rent", starts_on=JANUARY + timedelta(days=30 * n), ends_on=JANUARY + timedelta(days=30 * n + 5), amount=Decimal(5), file=name, row=n)
            for n in range(10) for name in ("a", "b")
        ]  # fmt: skip
        actions.record_history(rows, by=ana)
        assert list(rooms._to_settle(to=ana) or []) == []  # whoever took them in does not decide about them
    with acting(supervisor):
        items = list(rooms._to_settle(to=supervisor) or [])
    assert len(items) == 9
    assert items[-1].leads_on


@pytest.mark.parametrize("language", ["sq", "sr", "sr-latn", "en"])
def test_every_page_can_be_read_in_every_language(acting, browser, ana, carla, home, language):
    with acting(carla):
        given(home.mother, by=carla)
    with acting(ana):
        entry = give(home.mother, by=ana)
        overlap = queries.overlaps(to=ana).get()
    client = browser(ana, language)
    for address in (
        reverse("assistance:index"),
        entry.get_absolute_url(),
        reverse("assistance:request", args=[home.mother.ref]),
        reverse("assistance:approve", args=[entry.ref]),
        reverse("assistance:stop", args=[entry.ref]),
        reverse("assistance:overlaps"),
        reverse("assistance:settle", args=[overlap.pk]),
        reverse("assistance:accounts"),
        reverse("assistance:spread"),
        reverse("assistance:check"),
        reverse("cases:case", args=[home.mother.ref]),
    ):
        assert client.get(address).status_code == 200, address
