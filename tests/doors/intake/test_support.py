"""Lists of support, month after month: what is told again changes nothing, what is corrected changes that, what is new is added."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from homeward.casework.assistance.models import Entry
from homeward.casework.assistance.rules.entries import State
from homeward.casework.people.models import Person
from homeward.doors.intake import actions, queries
from homeward.doors.intake.models import IntakeRow
from homeward.doors.intake.rules.batch import Verdict
from homeward.doors.intake.rules.gifts import is_version

BORN = {"Ardita": "02.11.1992", "Besim": "06.01.1990", "Valdrin": "07.05.1971", "Lulzim": "08.10.1977"}
SEX = {"Ardita": "F"}


def paid(*rows, numbers=None):
    """A list of what the division has paid. A row: first name, kind, first day, amount, and perhaps a surname."""
    lines = ["Nr;Mbiemri;Emri;Datelindja;Lloji;Prej;Deri;Shuma EUR"]
    for number, row in zip(numbers or range(1, len(rows) + 1), rows, strict=True):
        name, kind, day, amount, surname = row if len(row) == 5 else (*row, "Osmani")
        lines.append(f"{number};{surname};{name};{BORN[name]};{kind};{day};;{amount}")
    return io.BytesIO("\n".join(lines).encode())


def centres(*rows):
    """A list of the Centres for Social Work: first name, municipality, kind, first day, amount."""
    lines = ["nr;mbiemri;emri;datelindja;komuna;kind;from;to;amount_eur"]
    for number, (name, place, kind, day, amount) in enumerate(rows, start=1):
        lines.append(f"{number};Osmani;{name};{BORN[name]};{place};{kind};{day};;{amount}")
    return io.BytesIO("\n".join(lines).encode())


@pytest.fixture
def send(take_in, acting, ana):
    """Four people are on record, and a list is taken in; `send(file)` says what became of its rows."""
    people = [f"Osmani,{name},Jusuf,{SEX.get(name, 'M')},{'-'.join(born.split('.')[::-1])},2017-08-23,Viti" for name, born in BORN.items()]  # fmt: skip
    head = "nr,mbiemri,emri,emri_i_babait,gjinia,data_e_lindjes,data_e_kthimit,komuna"
    lines = [head, *(f"{n},{one}" for n, one in enumerate(people, start=1))]
    take_in(io.BytesIO("\n".join(lines).encode()), through=True)

    def run(file, sender="dprrp-assistance", name="support.csv"):
        batch = take_in(file, sender, name=name)
        with acting(ana):
            if IntakeRow.objects.filter(batch=batch).ready().exists():
                actions.begin_import(batch, by=ana)
                actions.import_list.now(by=ana, batch=str(batch.pk))
            batch = queries.batch(batch.pk, to=ana)
            assert not batch.failure
            return [row.verdict for row in IntakeRow.objects.filter(batch=batch).order_by("position")]

    return run


@pytest.fixture
def ledger(acting, ana):
    """What stands in the ledger now: (first name, kind, amount) of what counts, or of what was reversed."""

    def read(*, reversed_=False):
        with acting(ana):
            found = Entry.objects.select_related("kind", "case__person").prefetch_related(
                "case__person__names"
            )
            found = found.filter(state=State.REVERSED if reversed_ else State.RELEASED)
            return sorted((one.case.person.name_in_use.given, one.kind.code, int(one.total)) for one in found)

    return read


MARCH = [
    ("Ardita", "rent", "01.03.2020", 150),
    ("Besim", "food package", "05.03.2020", 40),
    ("Valdrin", "wood", "07.03.2020", 90),
]
IN_MARCH = [("Ardita", "rent", 150), ("Besim", "food-package", 40), ("Valdrin", "wood", 90)]


class TestTheNextList:
    """A new list of the same sender adds gifts and reverses nothing."""

    def test_another_gift_to_the_same_person_is_another_gift(self, send, ledger):
        send(paid(("Ardita", "rent", "01.03.2020", 150)), name="march.csv")
        send(paid(("Ardita", "food package", "05.04.2020", 40)), name="april.csv")
        assert ledger() == [("Ardita", "food-package", 40), ("Ardita", "rent", 150)]
        assert ledger(reversed_=True) == []

    def test_the_same_kind_from_another_day_is_another_gift(self, send, ledger):
        send(paid(("Ardita", "rent", "01.03.2020", 150), ("Besim", "rent", "01.03.2020", 100)))
        send(paid(("Ardita", "rent", "01.04.2020", 150), ("Besim", "rent", "01.04.2020", 100)))
        assert len(ledger()) == 4
        assert ledger(reversed_=True) == []

    def test_of_the_same_file_name_and_the_same_numbers_about_others(self, send, ledger):
        send(paid(*MARCH))
        send(
            paid(
                ("Lulzim", "rent", "01.04.2020", 120),
                ("Ardita", "food package", "05.04.2020", 40),
                ("Besim", "wood", "07.04.2020", 90),
            )
        )
        assert len(ledger()) == 6
        assert ledger(reversed_=True) == []

    def test_that_goes_on_with_a_rent_and_is_about_something_else_otherwise(self, send, ledger):
        send(paid(*MARCH))
        verdicts = send(
            paid(
                MARCH[0],
                ("Besim", "food package", "05.04.2020", 40),
                ("Lulzim", "wood", "07.03.2020", 90),
                ("Valdrin", "rent", "07.03.2020", 100),
            )
        )
        assert verdicts == ["unchanged", "same", "same", "same"]
        assert len(ledger()) == 6
        assert ledger(reversed_=True) == []

    def test_what_waits_in_an_earlier_list_stands_in_it_all_the_same(self, send, ledger, acting, ana):
        """One rent of many rows goes on: the other rows of March are still decided in March."""
        unknown = [("Besim", "wood", f"{day:02}.03.2020", 20, "Krasniqi") for day in range(1, 8)]
        send(paid(MARCH[0], *unknown), name="march.csv")
        send(paid(MARCH[0], ("Lulzim", "wood", "07.04.2020", 90)), name="april.csv")
        with acting(ana):
            [march] = [one for one in queries.waiting_batches(to=ana) if one.file_name == "march.csv"]
            assert march.waiting_rows == 7
            assert queries.sent_after(march, to=ana) is None
        # Sent again as a whole it is March once more, although most of it has not been decided yet.
        send(paid(MARCH[0], *unknown), name="march-2.csv")
        with acting(ana):
            assert queries.sent_after(march, to=ana) is not None

    def test_what_another_payer_gave_is_no_correction(self, send, ledger):
        send(
            centres(
                ("Besim", "Lipjan", "rent", "01.03.2020", "100,00"),
                ("Ardita", "Viti", "wood", "01.03.2020", "90,00"),
            ),
            "csw-assistance",
        )
        send(
            centres(
                ("Besim", "Viti", "rent", "01.03.2020", "120,00"),
                ("Valdrin", "Viti", "wood", "01.04.2020", "90,00"),
            ),
            "csw-assistance",
        )
        assert len(ledger()) == 4
        assert ledger(reversed_=True) == []

    def test_what_two_payers_gave_alike_is_two_gifts(self, send, ledger):
        """One family, the same rent from the same day, out of two municipalities: that is to be found, not merged."""
        rent = ("Besim", "Lipjan", "rent", "01.03.2020", "100,00")
        twice = ("Besim", "Viti", "rent", "01.03.2020", "100,00")
        wood = [(name, "Viti", "wood", "01.03.2020", "90,00") for name in ("Ardita", "Valdrin")]
        send(centres(rent, *wood), "csw-assistance")
        assert send(centres(twice), "csw-assistance") == ["same"]
        assert send(centres(rent, twice, *wood), "csw-assistance") == ["unchanged"] * 4
        assert [one for one in ledger() if one[1] == "rent"] == [("Besim", "rent", 100)] * 2
        assert ledger(reversed_=True) == []

    def test_a_payer_who_joins_another_in_a_new_version_takes_nothing_away(self, send, ledger):
        rent = ("Besim", "Lipjan", "rent", "01.03.2020", "100,00")
        wood = ("Ardita", "Viti", "wood", "01.03.2020", "90,00")
        send(centres(rent, wood), "csw-assistance")
        twice = ("Besim", "Viti", "rent", "01.03.2020", "100,00")
        assert send(centres(rent, wood, twice), "csw-assistance") == ["unchanged", "unchanged", "same"]
        assert len(ledger()) == 3
        assert ledger(reversed_=True) == []


class TestTheSameListAgain:
    @pytest.mark.parametrize("name", ["support.csv", "renamed.csv"])
    def test_changes_nothing_also_after_the_next_one(self, send, ledger, name):
        send(paid(*MARCH))
        send(paid(("Ardita", "food package", "05.04.2020", 40), ("Ardita", "wood", "05.04.2020", 50)))
        before = ledger()
        assert send(paid(*MARCH), name=name) == [Verdict.UNCHANGED] * 3
        assert ledger() == before
        assert ledger(reversed_=True) == []

    def test_changes_nothing_when_it_was_uploaded_twice_before_it_was_imported(
        self, send, ledger, take_in, acting, ana
    ):
        batches = [take_in(paid(*MARCH), "dprrp-assistance", name=name) for name in ("one.csv", "two.csv")]
        for batch in batches:
            with acting(ana):
                actions.begin_import(batch, by=ana)
                actions.import_list.now(by=ana, batch=str(batch.pk))
                assert not queries.batch(batch.pk, to=ana).failure
        assert ledger() == IN_MARCH

    def test_changes_nothing_when_two_gifts_of_it_are_alike(self, send, ledger):
        two = [("Ardita", "food package", "05.04.2020", 40), ("Ardita", "food package", "05.04.2020", 40)]
        send(paid(*two))
        assert send(paid(*two)) == [Verdict.UNCHANGED] * 2
        assert send(paid(*two, *MARCH)) == [Verdict.UNCHANGED] * 2 + [Verdict.SAME] * 3
        assert len(ledger()) == 5


class TestACorrectedList:
    """A new version of a list changes what was corrected in it, and that alone."""

    def test_an_amount_a_kind_and_a_day(self, send, ledger):
        month = [*MARCH, ("Lulzim", "rent", "01.03.2020", 100), ("Lulzim", "blankets", "02.03.2020", 30)]
        send(paid(*month))
        corrected = [
            ("Ardita", "rent", "01.03.2020", 180),
            ("Besim", "hygiene kit", "05.03.2020", 40),
            *month[2:4],
            ("Lulzim", "blankets", "03.03.2020", 30),
        ]
        assert send(paid(*corrected), name="again.csv") == [
            "changed",
            "changed",
            "unchanged",
            "unchanged",
            "changed",
        ]
        assert ledger() == [
            ("Ardita", "rent", 180),
            ("Besim", "hygiene-kit", 40),
            ("Lulzim", "blankets", 30),
            ("Lulzim", "rent", 100),
            ("Valdrin", "wood", 90),
        ]
        assert ledger(reversed_=True) == [
            ("Ardita", "rent", 150),
            ("Besim", "food-package", 40),
            ("Lulzim", "blankets", 30),
        ]
        assert send(paid(*corrected)) == [Verdict.UNCHANGED] * 5

    def test_rows_added_and_moved(self, send, ledger, acting, ana):
        send(paid(*MARCH), name="first.csv")
        fresh = ("Lulzim", "rent", "01.03.2020", 100)
        assert send(paid(fresh, MARCH[2], MARCH[0], MARCH[1]), name="second.csv") == [
            "same",
            *["unchanged"] * 3,
        ]
        # And once more with an amount corrected: each entry keeps the place where it was told first.
        send(paid(fresh, ("Valdrin", "wood", "07.03.2020", 95), MARCH[0], MARCH[1]), name="third.csv")
        assert ledger() == sorted(
            [("Ardita", "rent", 150), ("Besim", "food-package", 40), ("Lulzim", "rent", 100), ("Valdrin", "wood", 95)]
        )  # fmt: skip
        assert ledger(reversed_=True) == [("Valdrin", "wood", 90)]
        with acting(ana):
            places = Counter(one.origin for one in Entry.objects.all())
        assert places == {"first.csv:1": 1, "first.csv:2": 1, "first.csv:3": 2, "second.csv:1": 1}

    def test_a_name_that_was_misspelt(self, send, ledger, acting, ana):
        send(paid(*MARCH))
        assert send(paid(("Ardita", "rent", "01.03.2020", 150, "Osmanni"), *MARCH[1:])) == [
            "changed",
            "unchanged",
            "unchanged",
        ]
        assert ledger() == IN_MARCH
        with acting(ana):
            assert Entry.objects.count() == 3

    def test_a_row_that_was_another_persons_becomes_hers_and_the_former_entry_is_reversed(self, send, ledger):
        send(paid(*MARCH))
        send(paid(*MARCH[:2], ("Lulzim", "wood", "07.03.2020", 90)))
        assert ledger() == [("Ardita", "rent", 150), ("Besim", "food-package", 40), ("Lulzim", "wood", 90)]
        assert ledger(reversed_=True) == [("Valdrin", "wood", 90)]

    def test_a_number_alone_says_nothing_of_another_person_and_another_gift(self, send, ledger):
        send(paid(*MARCH))
        send(paid(*MARCH[:2], ("Lulzim", "rent", "09.03.2020", 70)))
        assert len(ledger()) == 4
        assert ledger(reversed_=True) == []

    def test_another_kind_from_another_day_is_no_correction_of_the_same_number(self, send, ledger):
        send(paid(*MARCH))
        send(paid(*MARCH[:2], ("Valdrin", "rent", "09.03.2020", 70)))
        assert len(ledger()) == 4
        assert ledger(reversed_=True) == []

    def test_a_number_that_stands_there_twice_says_nothing(self, send, ledger):
        numbers = [1, 2, 3, 3]
        extra = ("Lulzim", "rent", "01.03.2020", 100)
        send(paid(*MARCH, extra, numbers=numbers))
        send(paid(*MARCH[:2], ("Valdrin", "rent", "07.03.2020", 90), extra, numbers=numbers))
        assert len(ledger()) == 5

    def test_a_corrected_municipality_gives_the_gift_to_another_payer(self, send, ledger, acting, ana):
        rows = [
            ("Besim", "Lipjan", "rent", "01.03.2020", "100,00"),
            ("Ardita", "Viti", "wood", "01.03.2020", "90,00"),
        ]
        for municipalities in (("Viti", "Viti"), ("Viti", "Lipjan"), ("Viti", "Lipjan")):
            if municipalities == ("Viti", "Viti"):
                send(centres(*rows), "csw-assistance")
            send(
                centres(*((name, place, *rest) for place, (name, _place, *rest) in zip(municipalities, rows, strict=True))),
                "csw-assistance",
            )  # fmt: skip
        assert ledger() == [("Ardita", "wood", 90), ("Besim", "rent", 100)]
        with acting(ana):
            live = Entry.objects.filter(state=State.RELEASED).select_related("payer")
            assert {one.payer.code for one in live} == {"csw-viti", "csw-lipjan"}
            assert Entry.objects.filter(state=State.REVERSED).count() == 2


def test_the_page_of_all_lists_shows_each_month_and_of_a_corrected_one_the_last(send, acting, ana):
    send(paid(*MARCH), name="march.csv")
    send(paid(("Ardita", "food package", "05.04.2020", 40)), name="april.csv")
    send(paid(("Ardita", "rent", "01.03.2020", 180), *MARCH[1:]), name="march corrected.csv")
    with acting(ana):
        shown = {
            one.batch.file_name for one in queries.coverage(to=ana) if one.batch.sender == "dprrp-assistance"
        }
    assert shown == {"april.csv", "march corrected.csv"}


class TestWhoIsNamedLater:
    def test_two_of_one_name_are_told_apart_by_their_number_or_by_a_member(self, take_in, acting, ana):
        """Nobody’s gift becomes the other’s because an organisation writes both alike."""
        head = "nr,mbiemri,emri,emri_i_babait,gjinia,data_e_lindjes,data_e_kthimit,komuna"
        both = [
            "1,Osmani,Ali,Jusuf,M,1990-03-06,2017-08-23,Viti",
            "2,Osmani,Ali,Sami,M,1990-07-07,2017-08-23,Pejë",
        ]
        take_in(io.BytesIO("\n".join([head, *both]).encode()), through=True)
        with acting(ana):
            one, other = [person.pk for person in Person.objects.order_by("born")]

        def sent(*lines):
            head = "no,full_name,birth_year,kind,from,to,amount_eur"
            return io.BytesIO("\n".join([head, *lines]).encode())

        def decided(batch, **whose):
            with acting(ana):
                for position, person in whose.items():
                    row = IntakeRow.objects.get(batch=batch, position=int(position[1:]))
                    assert row.verdict == Verdict.REVIEW
                    actions.decide(row, verdict=Verdict.SAME, candidate=str(person), by=ana)
                actions.begin_import(batch, by=ana)
                actions.import_list.now(by=ana, batch=str(batch.pk))
                assert not queries.batch(batch.pk, to=ana).failure
                return {str(entry.case.person_id): int(entry.total) for entry in Entry.objects.all()}

        ali = "Ali Osmani,1990,rent,2020-03-01,,{}"
        file = [f"{n},{ali.format(amount)}" for n, amount in ((1, 100), (2, 200))]
        stood = decided(take_in(sent(*file), "cso-support"), r1=one, r2=other)
        assert stood == {str(one): 100, str(other): 200}

        again = take_in(sent(*file), "cso-support")
        with acting(ana):
            assert {row.verdict for row in IntakeRow.objects.filter(batch=again)} == {Verdict.UNCHANGED}
        moved = take_in(sent(*[f"{n + 5}{line[1:]}" for n, line in enumerate(file)]), "cso-support")
        assert decided(moved, r1=one, r2=other) == stood
        with acting(ana):
            assert Entry.objects.count() == 2

    def test_a_gift_that_another_list_wrote_under_another_spelling_stands_there_once(
        self, send, ledger, take_in, acting, ana
    ):
        send(paid(*MARCH))
        april = paid(("Ardita", "rent", "01.03.2020", 150, "Krasniqi"), ("Lulzim", "rent", "01.04.2020", 100))
        batch = take_in(april, "dprrp-assistance", name="april.csv")
        with acting(ana):
            row = IntakeRow.objects.get(batch=batch, position=1)
            ardita = Person.objects.get(born="1992-11-02")
            actions.decide(row, verdict=Verdict.SAME, candidate=str(ardita.pk), by=ana)
            actions.begin_import(batch, by=ana)
            actions.import_list.now(by=ana, batch=str(batch.pk))
        assert ledger() == sorted([*IN_MARCH, ("Lulzim", "rent", 100)])

    def test_what_was_reversed_by_hand_does_not_come_back_with_the_next_list(self, send, ledger, acting, ana):
        from homeward.casework.assistance.actions import reverse

        send(paid(*MARCH))
        with acting(ana):
            reverse(Entry.objects.get(amount=90), why="wrong", by=ana)
        send(paid(*MARCH))
        send(paid(*MARCH[:2], ("Valdrin", "wood", "07.03.2020", 90, "Osmanni")))
        assert ledger() == IN_MARCH[:2]


@pytest.mark.parametrize(
    ("again", "earlier", "now", "says"),
    [(1, 1, 1, True), (1, 2, 2, False), (2, 3, 3, True), (2, 3, 5, False), (2, 4, 4, False), (3, 4, 6, True)],
)
def test_when_a_list_is_a_new_version_of_an_earlier_one(again, earlier, now, says):
    assert is_version(again, earlier, now) is says
