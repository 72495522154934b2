"""What somebody met who used the lists for the first time: sent again, corrected, decided together, said in plain words."""

import io
import re
from pathlib import Path

import pytest
from django.urls import reverse

from homeward.casework.assistance.models import Entry
from homeward.doors.intake import actions, queries
from homeward.doors.intake.models import IntakeRow
from homeward.doors.intake.queries import Fact
from homeward.doors.intake.rules.batch import Verdict
from homeward.doors.intake.rules.evidence import Birth, Guess, births_a_slip_apart, perhaps_a_slip
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.refs import new_id

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
# The beginning of a real list, and of the people in it those who came one by one: enough for some rows to wait.
SUPPORT = b"".join((EXAMPLES / "cso-support.csv").read_bytes().splitlines(keepends=True)[:31])
WOOD = b"3,Kushtrim Rexhepi,1968,heating wood,2019-06-08,2019-06-08,%s"
CORRECTED = SUPPORT.replace(WOOD % b"50", WOOD % b"75")
PEOPLE = {"dprrp-individual-returns.csv": "dprrp-individual"}
HEAD = "nr,mbiemri,emri,emri_i_babait,gjinia,data_e_lindjes,data_e_kthimit,komuna"
NAMESAKES = (
    "1,Mehmeti,Lumnije,Jusuf,F,1991-11-02,2017-08-23,Viti",
    "2,Mehmeti,Lumnije,Sami,F,1991-03-05,2017-08-23,Lipjan",
    "3,Luta,Muhamed,Arif,M,1991-07-09,2017-08-23,Viti",
)


@pytest.fixture
def browser(signed_in, ana):
    """Ana's browser, in English."""
    client = signed_in(ana)
    client.cookies["homeward_language"] = "en"
    return client


def text(response):
    """What a page says."""
    assert response.status_code == 200, response.content.decode()[:3000]
    return " ".join(response.content.decode().split())


def people(*lines):
    """A list of people who came one by one."""
    return io.BytesIO("\n".join([HEAD, *lines]).encode())


def sessions(*names, month=2):
    """A list of the sessions of a month: whole names, all born in 1991."""
    lines = [
        f'{n},"{name}",1991,sport,2021-{month:02}-{n:02},60,attended,4'
        for n, name in enumerate(names, start=1)
    ]
    head = "no,participant,birth_year,activity,date,minutes,attendance,other_community_members_present"
    return io.BytesIO("\n".join([head, *lines]).encode())


@pytest.fixture
def support(take_in, acting, ana):
    """The people of the demonstration are on record; `send(content)` takes in a list, `finish(batch)` imports it."""
    for name, sender in PEOPLE.items():
        take_in(io.BytesIO((EXAMPLES / name).read_bytes()), sender, name=name, through=True)

    class Lists:
        def send(self, content, *, through=True):
            return take_in(io.BytesIO(content), "cso-support", name="cso-support.csv", through=through)

        def finish(self, batch):
            with acting(ana):
                actions.begin_import(batch, by=ana)
                actions.import_list.now(by=ana, batch=str(batch.pk))
                assert not queries.batch(batch.pk, to=ana).failure

        def wood(self, batch):
            """The verdict on row 3, and what stands in the ledger of it: (amount, state)."""
            with acting(ana):
                row = IntakeRow.objects.get(batch=batch, position=3)
                found = Entry.objects.filter(origin_row=3, origin_file="cso-support.csv")
                entries = sorted((int(one.total), one.state) for one in found)
                return row.verdict, row.changed_fields, entries

    return Lists()


NOW_75 = [(50, "reversed"), (75, "released")]


class TestACorrectedAmount:
    @pytest.mark.parametrize("copies", [1, 2])
    def test_is_a_correction_also_after_the_same_file_once_more(self, support, browser, copies):
        for _copy in range(copies):
            assert support.send(SUPPORT).waiting_rows
        batch = support.send(CORRECTED, through=False)
        page = text(browser.get(batch.get_absolute_url()))
        assert 'verdict=changed">1</a>' in page  # the page says that something changed
        support.finish(batch)
        assert support.wood(batch) == ("changed", ["amount"], NOW_75)

    def test_is_a_correction_of_what_stands_there_when_it_is_imported(self, support):
        """Compared with the corrected amount, imported after a copy that had put the former one back."""
        support.send(SUPPORT)
        support.send(CORRECTED)
        former = support.send(SUPPORT, through=False)
        again = support.send(CORRECTED, through=False)
        assert support.wood(again)[:2] == ("unchanged", [])
        support.finish(former)
        support.finish(again)
        verdict, changed, entries = support.wood(again)
        assert (verdict, changed) == ("changed", ["amount"])
        assert [amount for amount, state in entries if state == "released"] == [75]

    def test_is_not_taken_back_by_a_copy_that_was_sent_before_it(self, support):
        support.send(SUPPORT)
        copy = support.send(SUPPORT, through=False)
        corrected = support.send(CORRECTED)
        support.finish(copy)
        assert support.wood(copy) == ("unchanged", [], NOW_75)
        assert support.wood(corrected)[2] == NOW_75
        # Nor does the next one take the copy for the last word.
        assert support.wood(support.send(CORRECTED)) == ("unchanged", [], NOW_75)

    def test_counts_also_when_the_copy_was_compared_before_anything_was_imported(self, support):
        copy = support.send(SUPPORT, through=False)
        support.send(CORRECTED)
        support.finish(copy)
        assert [amount for amount, state in support.wood(copy)[2] if state == "released"] == [75]


class TestTheSameListThrice:
    def test_only_the_latest_waits_and_the_same_file_is_known(self, support, browser, acting, ana):
        first, second = support.send(SUPPORT), support.send(SUPPORT, through=False)
        with acting(ana):
            assert [one.pk for one in queries.waiting_batches(to=ana)] == [second.pk]
            assert {one.row for one in queries.waiting_rows(to=ana)}
            assert queries.sent_before(second, to=ana) == first
            assert queries.sent_before(first, to=ana) is None
        assert "sent again since" in text(browser.get(reverse("intake:index")))
        earlier = text(browser.get(first.get_absolute_url()))
        assert "This list was sent again" in earlier
        assert "wait for you" not in earlier
        later = text(browser.get(second.get_absolute_url()))
        assert later.index("You have sent this already on") < later.index("Steps of this list")
        assert "Some rows wait for you" in later
        with acting(ana):
            actions.discard(second, by=ana)
            assert [one.pk for one in queries.waiting_batches(to=ana)] == [first.pk]
            third = actions.upload(file=io.BytesIO(SUPPORT), sender="cso-support", by=ana)
            assert queries.sent_before(third, to=ana) == first

    def test_next_months_sessions_take_the_place_of_none(self, take_in, acting, ana):
        """Whom March is about has still to be decided when April is there; the same file once more is the same March."""
        take_in(people(*NAMESAKES[:2]), through=True)
        march = sessions("Mehmeti, Lumnije", month=3)
        april = sessions("Mehmeti, Lumnije", "Mehmeti, Lumnije", month=4)
        # Its office calls every month's file the same.
        first = take_in(march, "cso-sessions", name="sessions.csv")
        second = take_in(april, "cso-sessions", name="sessions.csv")
        with acting(ana):
            assert {one.pk for one in queries.waiting_batches(to=ana)} == {first.pk, second.pk}
            assert [
                one.waiting for one in queries.coverage(to=ana) if one.batch.sender == "cso-sessions"
            ] == [1, 2]
        march.seek(0)
        again = take_in(march, "cso-sessions", name="renamed.csv")
        with acting(ana):
            assert {one.pk for one in queries.waiting_batches(to=ana)} == {again.pk, second.pk}

    def test_a_row_that_stands_in_two_lists_makes_no_version_of_them(self, take_in, acting, ana):
        """Somebody wrote one session of March into the list of April as well."""
        take_in(people(*NAMESAKES[:2]), through=True)
        march = sessions(*["Mehmeti, Lumnije"] * 4, month=3)
        first = take_in(march, "cso-sessions", name="march.csv")
        april = march.getvalue().replace(b"2021-03-02", b"2021-04-02").replace(b"2021-03-03", b"2021-04-03")
        april = april.replace(b"2021-03-04", b"2021-04-04")
        second = take_in(io.BytesIO(april), "cso-sessions", name="april.csv")
        with acting(ana):
            assert {one.pk for one in queries.waiting_batches(to=ana)} == {first.pk, second.pk}

    def test_the_button_and_the_next_page_say_the_same(self, support, browser):
        support.send(SUPPORT)
        batch = support.send(CORRECTED, through=False)
        [rows] = map(int, re.findall(r"Import (\d+) rows", text(browser.get(batch.get_absolute_url()))))
        assert rows > 5
        page = text(browser.get(reverse("intake:start_import", args=[batch.pk])))
        assert f"{rows} rows are imported" in page
        assert "1 corrects what an earlier list said" in page
        assert f"{rows - 1} say what is known already" in page

    def test_decide_is_not_done_while_rows_wait(self, support, browser):
        page = text(browser.get(support.send(SUPPORT).get_absolute_url()))
        assert 'Decide<span class="govuk-visually-hidden"> (you are here)' in page


class TestOneNameManyTimes:
    @pytest.fixture
    def batch(self, take_in):
        take_in(people(*NAMESAKES), through=True)
        return take_in(sessions(*["Mehmeti, Lumnije"] * 3, "Mehmeti, Lumnija"), "cso-sessions", name="s.csv")

    @pytest.fixture
    def answer(self, browser, batch, acting, ana):
        """Ana says on the page of the first row that it is the first of those shown."""

        def post(**more):
            with acting(ana):
                candidate = queries.row(batch.pk, 1, to=ana).candidates[0]["person"]
            url = reverse("intake:decide", args=[batch.pk, 1])
            return browser.post(url, {"choice": f"same:{candidate}", **more})

        return post

    def test_is_decided_once(self, browser, batch, answer, acting, ana):
        page = text(browser.get(reverse("intake:decide", args=[batch.pk, 1])))
        assert "Also the other 2 rows of this list that say the same of the same person" in page
        assert "checked" in page
        assert "0 / 4" in page
        answered = answer(also="on")
        assert answered.url == reverse("intake:decide", args=[batch.pk, 4])
        assert "3 / 4" in text(browser.get(answered.url))
        with acting(ana):
            rows = list(IntakeRow.objects.filter(batch=batch).order_by("position"))
            assert [row.verdict for row in rows] == [*[Verdict.SAME] * 3, Verdict.REVIEW]
            assert len({row.person_id for row in rows[:3]}) == 1
            assert queries.batch(batch.pk, to=ana).waiting_rows == 1

    def test_or_row_by_row(self, batch, answer, acting, ana):
        answer()
        with acting(ana):
            assert IntakeRow.objects.filter(batch=batch).waiting().count() == 3
            row = IntakeRow.objects.get(batch=batch, position=2)
            actions.decide(row, verdict=Verdict.LEFT_OUT, by=ana)
            assert IntakeRow.objects.filter(batch=batch).waiting().count() == 2

    def test_in_the_latest_version_only(self, browser, batch, answer, take_in, acting, ana):
        assert "Not possible now" not in text(browser.get(reverse("intake:decide", args=[batch.pk, 1])))
        take_in(sessions(*["Mehmeti, Lumnije"] * 3), "cso-sessions", name="s.csv")
        page = text(browser.get(reverse("intake:decide", args=[batch.pk, 1])))
        assert "This list has been sent again since. Decide in the later version." in page
        assert answer().status_code == 422
        with acting(ana):
            assert IntakeRow.objects.filter(batch=batch).waiting().count() == 4
        rows = browser.get(reverse("intake:rows", args=[batch.pk])).content.decode()
        assert reverse("intake:decide", args=[batch.pk, 1]) not in rows

    def test_of_new_people_each_is_decided_alone(self, take_in, acting, ana):
        batch = take_in(people(*NAMESAKES))
        with acting(ana):
            row = queries.row(batch.pk, 1, to=ana)
            assert not queries.saying_the_same(row, to=ana).exists()

    def test_nobody_is_offered_of_whom_nothing_fits(self, batch, acting, ana):
        with acting(ana):
            row = queries.row(batch.pk, 1, to=ana)
            named = [one.title for one in queries.compared(row, to=ana)]
        assert named
        assert all("Lumnije" in title for title in named)

    def test_taking_it_back_names_nobody_who_would_go(self, browser, take_in):
        take_in(people(NAMESAKES[0]), through=True)
        batch = take_in(sessions("Mehmeti, Lumnije"), "cso-sessions", name="s.csv", through=True)
        page = text(browser.get(reverse("intake:undo", args=[batch.pk])))
        assert "Nobody is taken out of the record. 1 row is linked with nobody afterwards." in page
        assert "takes people out" not in page

    def test_who_adds_nobody_takes_nobody_back(self, browser, take_in):
        take_in(people(NAMESAKES[0]), through=True)
        corrected = NAMESAKES[0].replace("Viti", "Lipjan")
        batch = take_in(people(corrected), through=True)
        page = text(browser.get(reverse("intake:undo", args=[batch.pk])))
        assert "This takes corrections back" in page
        assert "1 correction is taken back" in page


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("Zeel", "Zenel", True),
        ("Mnetor", "Mentor", True),
        ("Zeel", "Qamil", False),
        ("Besim", "Bekim", False),
        ("Arben", "Arbene", False),
        ("", "Zenel", False),
    ],
)
def test_a_slip_of_the_pen_is_told_from_another_name(one, other, says):
    assert perhaps_a_slip(one, other) is says


def test_a_slip_in_a_day_is_told_from_another_day():
    day = PartialDate.parse
    assert births_a_slip_apart(day("1997-07-23"), day("1997-07-28"))
    assert not births_a_slip_apart(day("1997-07-23"), day("1996-05-28"))
    assert not births_a_slip_apart(day("1997-07-23"), day("1998"))
    assert not births_a_slip_apart(None, day("1998"))


def test_a_slip_is_no_difference():
    assert Fact("", "Zeel", "Zenel", is_slip=True).agrees == "slip"
    assert Fact("", "Zeel", "Zenel", fits=True, is_slip=True).agrees == "fits"
    assert Fact("", "Zeel", "Qamil").agrees == "differs"


def test_the_page_says_perhaps_a_slip(browser, take_in):
    lines = (
        "1,Ademi,Zenel,Jusuf,M,1997-07-23,2017-08-23,Viti",
        "2,Ademi,Qamil,Jusuf,M,1997-03-03,2017-08-23,Viti",
    )
    take_in(people(*lines), through=True)
    content = sessions("Ademi, Zeel").getvalue().replace(b",1991,", b",1997,")
    batch = take_in(io.BytesIO(content), "cso-sessions", name="s.csv")
    assert "perhaps a slip of the pen" in text(browser.get(reverse("intake:decide", args=[batch.pk, 1])))


@pytest.mark.parametrize(
    ("name", "given", "birth", "says"),
    [
        (0.9, 0.0, Birth.DIFFERENT, True),
        (0.05, 0.95, Birth.YEAR, True),
        (0.05, 0.95, Birth.DIFFERENT, False),
        (0.05, 0.05, Birth.DAY, False),
        (0.21, 0.05, Birth.YEAR, True),
        (0.21, 0.05, Birth.NEAR, False),
    ],
)
def test_who_is_worth_a_look(name, given, birth, says):
    assert Guess(new_id(), name, birth, given).is_worth_a_look is says
