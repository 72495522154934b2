"""How well a register is linked: our own model, and Splink beside it, on made-up lists of which the truth is known.

    python -m bench.link_proof --learn                # learns the weights and writes rules/weights.py
    python -m bench.link_proof --size 100000          # measures, on another country, with Splink beside it if it is there

Eleven offices keep lists of the same families, each in its spelling, each with its gaps and errors. Weights and thresholds
are learned on one country of 20,000 records and measured on another of 100,000, with other people, families and errors.
"""

from __future__ import annotations

import argparse
import math
import random
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from bench import offices
from bench.offices import Human
from homeward.casework.people.rules import linkage
from homeward.casework.people.rules.linkage import (
    Record,
    Register,
    Scored,
    Written,
    compare,
    pairs,
    prepared,
)

WEIGHTS_FILE = Path(linkage.__file__).with_name("weights.py")
LEARN_SEED, LEARN_SIZE, PROVE_SEED = 4711, linkage.LEARNED_FROM, 1999
SAME_PRECISION = 0.995

# An office, its share of all lists, and how it spells.
OFFICES = (
    ("register", 30, None), ("e-mail", 18, "diacritics"), ("municipality", 9, "Serbian Latin"), ("court", 5, "Serbian ASCII"),
    ("school", 6, "Serbian Cyrillic"), ("embassy", 4, "German"), ("consulate", 5, "Turkish"), ("camp", 12, "English-Arabic"),
    ("tents", 4, "French"), ("papers", 7, "Arabic script"),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One record, and the person behind it."""

    record: Record
    person: int


def lists(size: int, seed: int) -> list[Line]:
    """So many records of a made-up country."""
    dice = random.Random(seed)
    people = offices.country(size, seed)
    homes: dict[int, list[int]] = {}
    for number, human in enumerate(people):
        homes.setdefault(human.home, []).append(number)
    names = [office for office, _share, _spelling in OFFICES]
    shares = [share for _office, share, _spelling in OFFICES]
    spellings = {office: spelling for office, _share, spelling in OFFICES}
    found: list[Line] = []
    for home, members in homes.items():
        known = dict.fromkeys(dice.choices(names, shares, k=dice.choice((1, 1, 1, 1, 2, 2, 3, 4))))
        town, born = f"M{int(38 * dice.random() ** 2):02}", random.Random(home * 31 + seed)
        days = {number: (born.randint(1, 12), born.randint(1, 28)) for number in members}
        for office in known:
            for number in members:
                if dice.random() < 0.85:
                    record = _written(
                        people[number],
                        days[number],
                        office,
                        spellings[office],
                        f"{office}-{home}",
                        town,
                        dice,
                    )
                    found.append(Line(Record(f"R{len(found)}", *record), number))
        if len(found) >= size:
            break
    return found[:size]


def _written(
    human: Human,
    day: tuple[int, int],
    office: str,
    spelling: str | None,
    home: str,
    town: str,
    dice: random.Random,
) -> tuple[tuple[Written, ...], str, str, str, str]:
    def spell(word: str) -> str:
        return offices.SPELLINGS[spelling](word, dice) if spelling else word

    given, family, father = spell(human.given), spell(human.family), spell(human.father)
    if human.birth_family and dice.random() < 0.2:
        family = spell(human.birth_family)
    if dice.random() < 0.08:
        if dice.random() < 0.5 and len(given) > 3:
            given = offices.slip(given, dice)
        elif len(family) > 3:
            family = offices.slip(family, dice)
    if dice.random() < 0.02:
        given, family = family, given
    names = [Written(family, given, father if dice.random() < 0.55 else "")]
    if human.birth_family and dice.random() < 0.1:
        names.append(Written(spell(human.birth_family), given, ""))
    sex = "" if dice.random() < 0.05 else human.sex if dice.random() > 0.005 else "M"
    place = "" if dice.random() < 0.2 else town if dice.random() < 0.88 else f"M{dice.randint(0, 37):02}"
    return tuple(names), sex, _born(human.year, *day, dice), place, home if dice.random() < 0.9 else ""


def _born(year: int, month: int, day: int, dice: random.Random) -> str:
    """A date of birth as an office has it: whole, the year only, or wrong."""
    chance = dice.random()
    if chance < 0.05:
        return ""
    if chance < 0.23:
        return (
            f"{year}-01-01"
            if dice.random() < 0.3
            else str(year + (dice.choice((-1, 1)) if dice.random() < 0.05 else 0))
        )
    if chance < 0.28:
        return f"{year}-{month:02}"
    chance = dice.random()
    if chance < 0.02 and day <= 12:
        month, day = day, month
    elif chance < 0.04:
        day = dice.randint(1, 28)
    elif chance < 0.05:
        month = dice.randint(1, 12)
    elif chance < 0.07:
        year += dice.choice((-1, 1))
    return f"{year}-{month:02}-{day:02}"


def truth(lines: Sequence[Line]) -> set[tuple[int, int]]:
    """The numbers of every two records of one person."""
    by_person: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        by_person.setdefault(line.person, []).append(number)
    return {pair for numbers in by_person.values() for pair in combinations(numbers, 2)}


# --- learning ---------------------------------------------------------------------------------------------------


def learn() -> None:
    """Learns the weights by logistic regression, first without and then with the relatives around, and writes them."""
    lines = lists(LEARN_SIZE, LEARN_SEED)
    same = truth(lines)
    ready = prepared(line.record for line in lines)
    register = Register(ready)
    candidates = list(pairs(ready))
    labelled = [
        (compare(ready[one], ready[other], register), (one, other) in same) for one, other in candidates
    ]
    print(
        f"{len(lines):,} records, {len(same):,} true pairs, {len(candidates):,} candidates hold {sum(y for _x, y in labelled) / len(same):.4f}"
    )
    weights = _regression(labelled)
    first = [
        Scored(one, other, linkage.weigh(found, len(lines), weights=weights))
        for (one, other), (found, _same) in zip(candidates, labelled, strict=True)
    ]
    first += linkage.among_kin(first, register, weights)
    print(
        f"with the people of their households {sum((pair.one, pair.other) in same for pair in first) / len(same):.4f}"
    )
    again = [
        (
            compare(ready[one], ready[other], register)
            | ({f"kin:{min(relatives, 3)}": 1.0} if relatives else {}),
            (one, other) in same,
        )
        for one, other, relatives, _chance in linkage.with_kin(first, ready, weights)
    ]
    weights = _regression(again)
    body = "\n".join(f'    "{what}": {value:.3f},' for what, value in sorted(weights.items()))
    text = WEIGHTS_FILE.read_text("utf-8")
    WEIGHTS_FILE.write_text(
        text[: text.index("WEIGHTS: ")] + f"WEIGHTS: dict[str, float] = {{\n{body}\n}}\n", "utf-8"
    )
    chances = [
        linkage.probability(linkage.weigh(found, len(lines), weights=weights)) for found, _same in again
    ]
    tell(list(zip(chances, (is_same for _found, is_same in again), strict=True)), len(same))


def _regression(labelled: Sequence[tuple[dict[str, float], bool]], rounds: int = 12) -> dict[str, float]:
    """Weights under which the labels are likeliest, by AdaGrad with a little shrinking."""
    weights: dict[str, float] = {"": -3.0}
    grown: dict[str, float] = {}
    dice = random.Random(1)
    order = list(labelled)
    for _ in range(rounds):
        dice.shuffle(order)
        for found, is_same in order:
            odds = weights[""] + sum(weights.get(what, 0.0) * value for what, value in found.items())
            error = linkage.probability(odds) - is_same
            for what, value in (("", 1.0), *found.items()):
                slope = error * value + 1e-6 * weights.get(what, 0.0)
                grown[what] = grown.get(what, 1e-6) + slope * slope
                weights[what] = weights.get(what, 0.0) - 0.3 * slope / math.sqrt(grown[what])
    return weights


def tell(chances: Sequence[tuple[float, bool]], true: int) -> tuple[float, float]:
    """Prints which thresholds do what; gives the best for F1, and the least for a precision of suggestions."""
    ranked = sorted(chances, reverse=True)
    hits, best, sure = 0, (0.0, 1.0), 1.0
    for count, (chance, is_same) in enumerate(ranked, 1):
        hits += is_same
        precision, recall = hits / count, hits / true
        best = max(best, (2 * precision * recall / (precision + recall) if hits else 0.0, chance))
        if precision >= SAME_PRECISION:
            sure = chance
    print(f"best F1 {best[0]:.4f} at {best[1]:.3f}; precision {SAME_PRECISION} from {sure:.4f}")
    return best[1], sure


# --- measuring --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """How well one method did."""

    method: str
    precision: float
    recall: float
    seconds: float
    suggested: float | None = None
    suggested_recall: float | None = None

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def ours(lines: Sequence[Line], same: set[tuple[int, int]]) -> Measured:
    """Our own model, with the thresholds fixed on the other country."""
    began = time.perf_counter()
    found = linkage.weighed(Register(prepared(line.record for line in lines)))
    seconds = time.perf_counter() - began
    review = {(one, other) for one, other, _kin, chance in found if chance >= linkage.LINK_FROM}
    sure = {(one, other) for one, other, _kin, chance in found if chance >= linkage.SAME_FROM}
    tell([(chance, (one, other) in same) for one, other, _kin, chance in found], len(same))
    return Measured(
        "own model, own folds", len(review & same) / len(review), len(review & same) / len(same), seconds,
        len(sure & same) / max(1, len(sure)), len(sure & same) / len(same),
    )  # fmt: skip


def lines_of_linking(size: int, *, splink: bool = True) -> Iterator[str]:
    """The linkage as lines of Markdown."""
    lines = lists(size, PROVE_SEED)
    same = truth(lines)
    yield f"{len(lines):,} records of {len({line.person for line in lines}):,} people, {len(same):,} true pairs."
    yield ""
    yield "| method | precision | recall | F1 | suggested as the same: precision | of all true pairs | seconds |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    found = [ours(lines, same)]
    peak = (
        max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        / 2**20
    )
    if splink:
        from bench import splink_proof

        found += splink_proof.measure(lines, same)
    for one in found:
        sure = "" if one.suggested is None else f"{one.suggested:.4f}"
        part = "" if one.suggested_recall is None else f"{one.suggested_recall:.3f}"
        yield f"| {one.method} | {one.precision:.4f} | {one.recall:.4f} | {one.f1:.4f} | {sure} | {part} | {one.seconds:.0f} |"
    yield ""
    yield f"Peak memory of the process {peak:.1f} GiB."


def main() -> None:
    """Learns or measures."""
    parser = argparse.ArgumentParser(description="How well a register is linked.")
    parser.add_argument("--learn", action="store_true")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--splink", action="store_true")
    given = parser.parse_args()
    if given.learn:
        learn()
    else:
        print("\n".join(lines_of_linking(given.size, splink=given.splink)))


if __name__ == "__main__":
    main()
