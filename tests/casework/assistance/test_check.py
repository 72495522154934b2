"""A hostile colleague asks whether support runs: what they learn is one sentence, in the same time, whatever is behind it."""

import re
import time
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import pytest
from django.urls import reverse

from homeward.casework.assistance import actions
from homeward.casework.assistance.actions import asking
from homeward.casework.assistance.views import asking as page
from homeward.foundation.audit.models import Event
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, NotPermitted, Throttled
from tests.casework.assistance import conftest
from tests.casework.assistance.conftest import kind
from tests.factories.cases import a_case

URL = "/assistance/check/"
# One asks about the present: half a year that began four months ago.
JANUARY, JUNE = today() - timedelta(days=120), today() + timedelta(days=60)


def give(*case, by, **wanted):
    """A request for these days."""
    return conftest.give(*case, by=by, **{"starts_on": JANUARY, "ends_on": JUNE} | wanted)


def given(*case, by, **wanted):
    """The same, released."""
    return conftest.given(*case, by=by, **{"starts_on": JANUARY, "ends_on": JUNE} | wanted)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No test but one waits for the stroke of the clock."""
    monkeypatch.setattr(page, "STROKE", 0.001)


@pytest.fixture
def asks(acting, signed_in):
    """What somebody is told, byte by byte, without the token of the form."""

    def ask(member, ref, *, json=False, code="rent", first=JANUARY, last=JANUARY):
        with acting(member):
            asked = {
                "case": ref,
                "kind": str(kind(code).pk),
                "starts_on": first.isoformat(),
                "ends_on": last.isoformat(),
            }
        client = signed_in(member)
        headers = {"Accept": "application/json"} if json else {}
        client.cookies["homeward_language"] = "en"
        response = client.post(URL, asked, headers=headers)
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
        return response.status_code, text.replace(ref, "")

    return ask


def test_yes_is_the_same_whoever_pays_whatever_and_however_much(acting, asks, ana, carla, dora, home):
    """Rent of one cent by one payer, and three gifts by two payers: the same bytes."""
    with acting(ana):
        given(home.mother, by=ana, amount=Decimal("0.01"), starts_on=JANUARY, ends_on=JANUARY)
    with acting(carla):
        give(home.other, by=carla, amount=Decimal("99999.00"), ends_on=None, note="a secret")
        give(home.other, by=carla, amount=Decimal("1.00"), reference="X")
    with acting(ana):
        give(home.other, by=ana)
    for json in (False, True):
        one, two = asks(dora, home.mother.ref, json=json), asks(dora, home.other.ref, json=json)
        assert one == two
    assert asks(dora, home.mother.ref, json=True) == (200, '{"runs": true, "ask": "dprrp"}')
    assert "Yes" in asks(dora, home.mother.ref)[1]


def test_no_is_the_same_whether_nothing_was_ever_given_or_ended_yesterday(acting, asks, carla, dora, home):
    with acting(carla):
        given(home.mother, by=carla, ends_on=JUNE)
        actions.stop(
            give(home.mother, by=carla, starts_on=JUNE + timedelta(days=1), ends_on=None),
            by=carla,
            why="wrong",
        )
        give(home.mother, by=carla, code="cash", starts_on=JUNE + timedelta(days=1), ends_on=None)
    after = JUNE + timedelta(days=1)
    for json in (False, True):
        one = asks(dora, home.mother.ref, first=after, last=after, json=json)
        two = asks(dora, home.other.ref, first=after, last=after, json=json)
        assert one == two
    assert asks(dora, home.other.ref, json=True) == (200, '{"runs": false, "ask": "dprrp"}')


def test_hidden_and_missing_references_are_answered_in_the_same_words(acting, asks, ana, carla, dora, home):
    with acting(ana):
        hidden = a_case(by=ana, household="x")
        given(hidden, by=ana)
    for json in (False, True):
        assert asks(dora, hidden.ref, json=json) == asks(dora, "HW-0000-0000-00", json=json)
    status, text = asks(dora, hidden.ref)
    assert status == 422
    assert "There is no person with this reference." in text


def test_who_has_nothing_to_do_with_support_has_no_such_page(signed_in, bruno, edu, members, home):
    for member in (edu, bruno, members["school-psychologist"], members["donor"]):
        assert signed_in(member).get(URL).status_code == 403


def test_a_guest_without_the_category_learns_nothing(acting, ana, members, home):
    from tests.factories.cases import let_in

    with acting(ana):
        let_in(home.mother, "kps", by=ana)
    officer = members["kps-officer"]
    with acting(officer), pytest.raises(NotPermitted):
        actions.check_support(home.mother, by=officer, kind=kind("rent"), starts_on=JANUARY)
    with acting(members["school-psychologist"]) as stranger, pytest.raises(Missing):
        actions.check_support(home.mother, by=stranger, kind=kind("rent"), starts_on=JANUARY)


def test_every_question_is_recorded_and_too_many_are_not_answered(acting, dora, home, monkeypatch, refuses):
    monkeypatch.setattr(asking, "PER_HOUR", 3)
    with acting(dora):
        with refuses("assistance.period", "ends_on"):
            actions.check_support(home.mother, by=dora, kind=kind("rent"), starts_on=JUNE, ends_on=JANUARY)
        for _n in range(3):
            answer = actions.check_support(
                home.mother, by=dora, kind=kind("rent"), starts_on=JANUARY, ends_on=None
            )
            assert answer.runs is False
        with pytest.raises(Throttled):
            actions.check_support(home.mother, by=dora, kind=kind("rent"), starts_on=JANUARY)
        events = Event.objects.filter(verb="assistance.checked", member_id=dora.pk)
        assert events.count() == 3
        assert all(one.is_read and one.detail["kind"] == "rent" for one in events)


def test_a_question_about_what_the_database_does_not_know_is_missing(acting, dora, home):
    with acting(dora):
        unknown = kind("rent")
        unknown.pk = home.mother.pk
        with pytest.raises(Missing):
            actions.check_support(home.mother, by=dora, kind=unknown, starts_on=JANUARY)


def test_faults_are_told_at_their_fields(acting, signed_in, dora, home, monkeypatch):
    client = signed_in(dora)
    client.cookies["homeward_language"] = "en"
    with acting(dora):
        key = str(kind("rent").pk)
    asked = {"case": home.mother.ref, "kind": key, "starts_on": JUNE, "ends_on": JANUARY}
    answer = client.post(URL, asked, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (
        422,
        {"errors": {"ends_on": ["The last day lies before the first."]}},
    )
    monkeypatch.setattr(asking, "PER_HOUR", 0)
    assert client.post(URL, asked | {"ends_on": ""}).status_code == 429
    assert "Does support run already?" in client.get(URL).content.decode()


def test_yes_and_no_leave_at_the_same_stroke_of_the_clock(acting, asks, carla, dora, home, monkeypatch):
    """Also where much is to be found: hundreds of gifts in one household, nothing in the other."""
    from homeward.casework.assistance.actions import HistoryRow

    monkeypatch.setattr(page, "STROKE", 0.1)
    monkeypatch.setattr(asking, "PER_HOUR", 1000)
    monkeypatch.setattr(asking, "PER_CASE", 1000)
    with acting(carla):
        rows = [
            HistoryRow(
                case=home.mother.pk,
                kind="cash",
                starts_on=date(2020, 1, 1) + timedelta(days=20 * n),
                ends_on=JANUARY if n % 10 == 0 else date(2020, 1, 19) + timedelta(days=20 * n),
                amount=Decimal(1),
                file="x",
                row=n,
            )
            for n in range(1, 150)
        ]
        actions.record_history(rows, by=carla)
    times: dict[str, list[float]] = {"yes": [], "no": []}
    asks(dora, home.mother.ref, code="cash")
    for _n in range(12):
        for name, ref in (("yes", home.mother.ref), ("no", home.other.ref)):
            began = time.perf_counter()
            asks(dora, ref, code="cash", json=True)
            times[name].append(time.perf_counter() - began)
    # What differs is far below the noise between two questions of the same kind.
    assert abs(median(times["yes"]) - median(times["no"])) < 0.1
    assert min(*times["yes"], *times["no"]) >= 0.1
    assert reverse("assistance:check") == URL
