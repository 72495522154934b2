"""Other caseloads of the kind that ships in `examples/`: other people, other names, other mistakes, the same eleven offices.

What the intake recognises must not depend on the names it was built beside. A seed makes a country's caseload, writes it down
as each office would (bench/offices.py says how they spell) and keeps apart who every row is about. Nobody in it exists.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench import offices
from homeward.foundation.kernel.packs import load

TODAY = date(2024, 6, 30)
FLIGHT = date(2019, 4, 20)
SENDERS = {
    "iom-reception-2019-04-20.csv": "iom-reception",
    "dprrp-individual-returns.csv": "dprrp-individual",
    "dprrp-expected-returns.csv": "dprrp-expected",
    "kcs-custody.csv": "kcs-custody",
    "kps-caseload.csv": "kps-caseload",
    "education-enrolment.csv": "education-enrolment",
    "dprrp-assistance.csv": "dprrp-assistance",
    "csw-assistance.csv": "csw-assistance",
    "cso-support.csv": "cso-support",
    "cso-sessions.csv": "cso-sessions",
}
# In these lists people are registered; the others are about them.
REGISTERS = tuple(SENDERS)[:3]
KINDS = {
    "rent": "qira",
    "food package": "pako ushqimore",
    "school supplies": "mjete shkollore",
    "medicines": "barna",
    "heating wood": "dru për ngrohje",
    "small grant": "grant i vogël",
}
# Of how many hundred rows each mistake is in.
TYPO, YEAR_ONLY, MAIDEN = 5, 12, 25


@dataclass
class Somebody:
    """One person of the caseload, as they would say it themselves."""

    key: str
    home: str
    family: str
    given: str
    father: str
    sex: str
    born: date
    town: Any  # a municipality of the pack
    relation: str
    came: str  # flight, alone, or still awaited
    birth_family: str = ""

    def age(self, day: date) -> int:
        """Full years on a day."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


@dataclass
class World:
    """The files by name, and the truth as `examples` keep it: file → row → person, and which gifts overlap."""

    files: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    overlaps: list[dict[str, Any]] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Puts the files and the truth into a folder."""
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        truth = {"rows": self.rows, "overlaps": self.overlaps}
        (folder / "truth.json").write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")


def world(seed: int) -> World:
    """The caseload of this seed: some 330 people in 180 households, written down by ten lists."""
    dice = random.Random(seed)
    people = _caseload(dice, seed)
    made = World()
    _reception(made, people, dice)
    _registers(made, people, dice)
    _offices(made, people, dice)
    _payers(made, people, dice)
    _sessions(made, people, dice)
    return made


def _caseload(dice: random.Random, seed: int) -> list[Somebody]:
    towns = load("kosovo").municipalities
    humans = iter(offices.country(4000, seed))
    people: list[Somebody] = []
    homes = 0

    def add(human: offices.Human, home: str, town: Any, relation: str, came: str, born: date) -> Somebody:
        one = Somebody(
            f"P{len(people) + 1:05}", home, human.family, human.given, human.father, human.sex, born, town, relation, came,
            human.birth_family if human.sex == "F" and relation != "child" else "",
        )  # fmt: skip
        people.append(one)
        return one

    def day(first: int, last: int) -> date:
        return date(first, 1, 1) + timedelta(days=dice.randrange(365 * (last - first) + 300))

    def human(sex: str = "") -> offices.Human:
        return next(one for one in humans if one.is_parent and (not sex or one.sex == sex))

    for came, count, children in (("flight", 36, True), ("alone", 110, False), ("awaited", 50, True)):
        for number in range(count):
            homes += 1
            home, town = f"H{homes:05}", dice.choice(towns)
            sex = "F" if children and number % 9 else "M"
            head = add(human(sex), home, town, "head" if children else "single", came, day(1965, 1999))
            if came == "alone" and dice.random() < 0.15:
                wife = human("F")
                wife.family = head.family
                add(wife, home, town, "spouse", came, day(1970, 2000))
                head.relation = "head"
            for _ in range(dice.choice((0, 1, 1, 2, 3, 4)) if children else 0):
                child = human(dice.choice("MF"))
                child.family = head.family
                add(child, home, town, "child", came, day(2005, 2018))
    return people


def _slip(word: str, dice: random.Random, of_hundred: int = TYPO) -> str:
    return offices.slip(word, dice) if len(word) > 3 and dice.randrange(100) < of_hundred else word


def _table(made: World, name: str, head: Sequence[str], rows: Iterable[tuple[str, Sequence[Any]]], delimiter: str = ",", above: str = "") -> None:  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(head)
    made.rows[name] = {}
    for number, (key, cells) in enumerate(rows, start=1):
        writer.writerow([number, *cells])
        made.rows[name][str(number)] = key
    made.files[name] = above + out.getvalue()


def _reception(made: World, people: Sequence[Somebody], dice: random.Random) -> None:
    def row(one: Somebody) -> tuple[str, list[str]]:
        maiden = one.birth_family and dice.randrange(100) < MAIDEN
        family = offices.english(one.birth_family if maiden else one.family, dice).upper()
        year_only = dice.randrange(100) < YEAR_ONLY
        born = str(one.born.year) if year_only else f"{one.born:%d.%m.}{one.born.year % 100:02}"
        return one.key, [
            one.home[1:], family, offices.english(one.given, dice), offices.english(one.father, dice), {"F": "female", "M": "male"}[one.sex],
            born, {"head": "head of household", "child": "child", "spouse": "spouse", "single": "single adult"}[one.relation], "", one.town.name["sq"],
        ]  # fmt: skip

    head = ["No.", "Family no.", "SURNAME", "First name", "Father's name", "Sex", "Date of birth", "Relation", "Place of birth", "Municipality of return"]  # fmt: skip
    rows = (row(one) for one in people if one.came == "flight")
    _table(made, "iom-reception-2019-04-20.csv", head, rows, above=f"RECEPTION MANIFEST\nArrival: {FLIGHT}\n")


def _registers(made: World, people: Sequence[Somebody], dice: random.Random) -> None:
    head = ["nr", "mbiemri", "emri", "emri_i_babait", "gjinia", "data_e_lindjes", "data_e_kthimit", "komuna"]
    alone = (
        (one.key, [one.family, one.given, one.father, one.sex, one.born, date(2014, 1, 1) + timedelta(days=dice.randrange(2500)), one.town.name["sq"]])
        for one in people if one.came == "alone"
    )  # fmt: skip
    _table(made, "dprrp-individual-returns.csv", head, alone)
    head = ["nr", "familja", "mbiemri", "emri", "gjinia", "viti_i_lindjes", "komuna", "vendndodhja"]
    awaited = (
        (one.key, [one.home, one.family, one.given, one.sex, one.born.year, one.town.name["sq"], "Al-Hol"])
        for one in people if one.came == "awaited"
    )  # fmt: skip
    _table(made, "dprrp-expected-returns.csv", head, awaited)


def _offices(made: World, people: Sequence[Somebody], dice: random.Random) -> None:
    here = [one for one in people if one.came != "awaited"]
    men = [one for one in here if one.sex == "M" and one.age(TODAY) >= 20]
    head = ["no", "surname", "name", "father", "born", "security_category", "facility", "admitted", "sentence_ends", "programme"]  # fmt: skip
    _table(made, "kcs-custody.csv", head, (
        (one.key, [one.family, one.given, one.father, one.born, "low", "Dubrava", "2018-01-13", "2023-12-27", "refused"])
        for one in men if dice.random() < 0.7
    ), ";")  # fmt: skip
    head = ["Nr", "Emri i plotë", "Datelindja", "Masa", "Fillimi", "Kohëzgjatja (muaj)", "Zyrtari", "Raportimi", "Kushtet", "Komuna"]  # fmt: skip
    grown = [one for one in here if one.age(TODAY) >= 20]
    _table(made, "kps-caseload.csv", head, (
        (one.key, [offices.plain(f"{one.family} ({one.father}) {one.given}"), f"{one.born:%d.%m.%Y}", "parole", "05.06.2020", 30, "KPS-12", "monthly", "", offices.plain(one.town.name["sq"])])
        for one in grown if dice.random() < 0.55
    ))  # fmt: skip
    head = ["no", "surname", "name", "born", "municipality", "school", "grade", "catch_up_class", "remark"]
    pupils = [one for one in here if 6 <= one.age(TODAY) < 18]
    _table(made, "education-enrolment.csv", head, (
        (one.key, [one.family, one.given, one.born, one.town.name["sq"], "SHFMU Naim Frashëri", 5, "no", ""])
        for one in pupils if dice.random() < 0.8
    ))  # fmt: skip


def _payers(made: World, people: Sequence[Somebody], dice: random.Random) -> None:
    heads = [one for one in people if one.came != "awaited" and one.relation in ("head", "single")]
    rent: dict[str, list[tuple[str, int, date, date]]] = {}
    names = {"dprrp": "dprrp-assistance.csv", "csw": "csw-assistance.csv", "cso": "cso-support.csv"}

    def gifts(payer: str, share: float) -> list[tuple[Somebody, str, date, date, int]]:
        found = []
        for one in heads:
            if dice.random() < share:
                start = FLIGHT + timedelta(days=dice.randrange(700))
                found.append((one, "rent", start, start + timedelta(days=dice.choice((179, 299, 364))), 120))
            if dice.random() < share / 2:
                day = FLIGHT + timedelta(days=dice.randrange(1400))
                found.append((one, dice.choice(tuple(KINDS)[1:]), day, day, dice.choice((30, 50, 80))))
        dice.shuffle(found)
        for number, (one, kind, start, end, _amount) in enumerate(found, start=1):
            if kind == "rent":
                for other, row, first, last in rent.get(one.home, ()):
                    if start <= last and first <= end:
                        made.overlaps.append({
                            "household": one.home, "a": [other, row], "b": [payer, number],
                            "days": (min(end, last) - max(start, first)).days + 1,
                        })  # fmt: skip
                rent.setdefault(one.home, []).append((payer, number, start, end))
        return found

    head = ["Nr", "Mbiemri", "Emri", "Datelindja", "Lloji", "Prej", "Deri", "Shuma EUR"]
    _table(made, names["dprrp"], head, (
        (one.key, [one.family, one.given, one.born, KINDS[kind], start, end, amount])
        for one, kind, start, end, amount in gifts("dprrp", 0.5)
    ))  # fmt: skip
    head = [
        "nr",
        "mbiemri/prezime",
        "emri/ime",
        "datelindja",
        "komuna/opstina",
        "kind",
        "from",
        "to",
        "amount_eur",
    ]
    spell: tuple[Callable[[str, random.Random], str], ...] = (lambda word, _dice: word, offices.serbian, offices.cyrillic)  # fmt: skip

    def centre(one: Somebody, kind: str, start: date, end: date, amount: int) -> tuple[str, list[Any]]:
        write = dice.choices(spell, (7, 2, 1))[0]
        town = one.town.name[
            "sr" if write is offices.cyrillic else "sr-latn" if write is offices.serbian else "sq"
        ]
        return one.key, [
            write(one.family, dice), write(one.given, dice), f"{one.born:%d.%m.%Y}", town, kind, f"{start:%d.%m.%Y}", f"{end:%d.%m.%Y}", f"{amount},00",
        ]  # fmt: skip

    _table(made, names["csw"], head, (centre(*gift) for gift in gifts("csw", 0.35)), ";")
    head = ["no", "full_name", "birth_year", "kind", "from", "to", "amount_eur"]
    _table(made, names["cso"], head, (
        (one.key, [offices.plain(f"{_slip(one.given, dice)} {_slip(one.family, dice)}"), one.born.year, kind, start, end, amount])
        for one, kind, start, end, amount in gifts("cso", 0.2)
    ))  # fmt: skip


def _sessions(made: World, people: Sequence[Somebody], dice: random.Random) -> None:
    here = [one for one in people if one.came != "awaited" and one.age(TODAY) >= 5]
    chosen = [one for one in here if dice.random() < 0.6]
    rows = [one for one in chosen for _ in range(dice.choice((1, 3, 5, 8)))]
    head = ["no", "participant", "birth_year", "activity", "date", "minutes", "attendance", "other_community_members_present"]  # fmt: skip
    _table(made, "cso-sessions.csv", head, (
        (one.key, [offices.plain(f"{_slip(one.family, dice)}, {_slip(one.given, dice)}"), one.born.year, "sport", FLIGHT + timedelta(days=dice.randrange(1500)), 60, dice.choice(("attended", "attended", "refused")), 4])
        for one in rows
    ))  # fmt: skip
