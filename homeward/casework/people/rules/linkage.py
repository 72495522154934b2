"""Which two records of a register may be one person: how probable it is, and what speaks for it and against it.

Records that share a block are compared: two words of the name and the year, one word and the day, and so on. What agrees
and what differs is weighed as Fellegi and Sunter (1969) taught: how much more often does this happen between two records
of one person than between two people? A rare name weighs more than a common one, a year less than a day, and relatives
who have been found to be the same more than a municipality. The larger the register, the more namesakes it holds, so the
same evidence counts for less in it.

The weights were learned from labelled pairs of a made-up country, not from anybody (`bench/link_proof.py`); nothing is
ever merged because of them. A person decides.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import signal
import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache, partial
from itertools import combinations, product

from homeward.casework.people.rules.likeness import is_arabic, word_likeness
from homeward.casework.people.rules.names import settled, skeleton
from homeward.casework.people.rules.weights import WEIGHTS


class Verdict(StrEnum):
    """What a figure is good for: to suggest that two are the same, to have somebody look, or neither."""

    SAME = "same"
    REVIEW = "review"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Written:
    """One name of a record, by its fields."""

    family: str = ""
    given: str = ""
    father: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of somebody, by one office or by the register. What is not known is empty."""

    key: str
    names: tuple[Written, ...]
    sex: str = ""
    born: str = ""  # 2019, 2019-03 or 2019-03-31
    place: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was compared, how it came out, and what it weighs: bits for (more than 0) or against."""

    what: str
    how: str
    weight: float


@dataclass(frozen=True, slots=True)
class Link:
    """Two records that may be one person."""

    one: str
    other: str
    probability: float
    evidence: tuple[Evidence, ...]

    @property
    def verdict(self) -> Verdict:
        """What this is good for."""
        if self.probability >= SAME_FROM:
            return Verdict.SAME
        return Verdict.REVIEW if self.probability >= REVIEW_FROM else Verdict.DIFFERENT


# --- what was learned (bench/link_proof.py --learn) --------------------------------------------------------------

# From which probability on two records are suggested to be the same, and from which on somebody is asked to look.
SAME_FROM = 0.97
LINK_FROM = 0.5
REVIEW_FROM = 0.2
# How many records the register had from which the weights were learned: a larger one holds more namesakes.
LEARNED_FROM = 60_000

# --- blocks -----------------------------------------------------------------------------------------------------

# A block of more records than this says nothing: its pairs share other blocks, or are namesakes.
LARGEST_BLOCK = 120
LARGEST_OF_A_NAME = 600
_NEW_YEAR = "-01-01"


@dataclass(slots=True)
class Prepared:
    """A record with everything that is compared again and again."""

    record: Record
    given: tuple[str, ...]
    family: tuple[str, ...]
    father: tuple[str, ...]
    given_bone: str
    family_bones: tuple[str, ...]
    born: tuple[int, int, int]  # 0 where not known
    is_arabic: bool = False
    blocks: tuple[int, ...] = ()
    plain: tuple[int, ...] = ()  # blocks that say nothing of a date: for whoever has none


@lru_cache(maxsize=262144)
def _tokens(text: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The words of a field: as written, by sound, by the skeletons of what they may have been meant as."""
    return tuple(
        (token.written or token.sound, token.sound, tuple(dict.fromkeys(map(skeleton, token.readings)))[:3])
        for token in settled(text)
    )


def prepare(record: Record) -> Prepared:
    """Takes a record apart once."""
    given = dict.fromkeys(word for name in record.names for word, _s, _b in _tokens(name.given))
    family = dict.fromkeys(word for name in record.names for word, _s, _b in _tokens(name.family))
    father = dict.fromkeys(word for name in record.names for word, _s, _b in _tokens(name.father))
    # How common a name is, is counted by its skeleton, which is the same in every script.
    sounds = [bones[0] for name in record.names for _w, _s, bones in _tokens(name.given)]
    families = dict.fromkeys(bones[0] for name in record.names for _w, _s, bones in _tokens(name.family))
    born = _date(record.born)
    ready = Prepared(
        record, tuple(given), tuple(family), tuple(father), sounds[0] if sounds else "", tuple(families), born
    )
    ready.is_arabic = any(is_arabic(name.given + name.family) for name in record.names)
    ready.blocks = tuple(sorted({hash(block) for block in _blocks(record, born)}))
    ready.plain = tuple(sorted({hash(block) for block in _plain_blocks(record)}))
    return ready


def prepared(records: Iterable[Record]) -> list[Prepared]:
    """Takes every record of a register apart."""
    with _without_collector():
        return [prepare(record) for record in records]


def _date(text: str) -> tuple[int, int, int]:
    """Year, month, day; the first of January is what offices write who know the year only."""
    if text.endswith(_NEW_YEAR):
        text = text[:4]
    parts = [int(part) for part in text.rstrip("~").split("-") if part.isdigit()]
    return (*parts, 0, 0, 0)[:3]  # type: ignore[return-value]


def _words(name: Written) -> list[tuple[str, ...]]:
    """The words of a name, each by its skeletons, at most five of them."""
    words = [
        bones for text in (name.given, name.family, name.father) for _word, _sound, bones in _tokens(text)
    ]
    return list(dict.fromkeys(words))[:5]


def _couples(name: Written) -> Iterator[tuple[str, str]]:
    for first, second in combinations(_words(name), 2):
        for one in first:
            for other in second:
                yield (one, other) if one <= other else (other, one)


def _blocks(record: Record, born: tuple[int, int, int]) -> Iterator[tuple[object, ...]]:
    year, month, day = born
    full = (min(month, day), max(month, day)) if day else None
    for name in record.names:
        for one, other in _couples(name):
            if year:
                # Filed under this year and the next: two who are a year apart meet in one of them.
                yield one, other, year
                yield one, other, year + 1
                # With a slip in one of the words: what stands before the slip, and the other word whole.
                yield one[:2], other, year, "slip"
                yield other[:2], one, year, "slip"
            if full:
                yield one, other, full
            if record.place:
                yield one, other, "place", record.place, record.sex
        words = _words(name)
        if full:
            for bones in words:
                for bone in bones:
                    yield bone, year, full
        for trio in combinations(words, 3):
            yield tuple(sorted(bones[0] for bones in trio))


def _plain_blocks(record: Record) -> Iterator[tuple[object, ...]]:
    for name in record.names:
        yield from _couples(name)


def thin(records: Sequence[Prepared]) -> None:
    """Leaves out the blocks that bring nobody together, and those that bring too many."""
    counts: Counter[int] = Counter()
    plain: Counter[int] = Counter()
    for record in records:
        counts.update(record.blocks)
        plain.update(record.plain)
    for record in records:
        record.blocks = tuple(block for block in record.blocks if 2 <= counts[block] <= LARGEST_BLOCK)
        record.plain = tuple(block for block in record.plain if 2 <= plain[block] <= LARGEST_OF_A_NAME)


def pairs(records: Sequence[Prepared], part: int = 0, parts: int = 1) -> Iterator[tuple[int, int]]:
    """The numbers of every two records that share a block, each two once. Parts can be gone through side by side."""
    members: dict[int, list[int]] = defaultdict(list)
    plain: dict[int, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        for block in record.blocks:
            if block % parts == part:
                members[block].append(number)
        for block in record.plain:
            if block % parts == part:
                plain[block].append(number)
    # Two records are compared in the first block they share, and in no later one. Nearly all of the way through a large register
    # is this question, so what stands before a block is put into sets once for all of its records.
    for block, found in members.items():
        before = [_before(block, records[number].blocks) for number in found]
        for one, other in combinations(range(len(found)), 2):
            if before[one].isdisjoint(before[other]):
                yield found[one], found[other]
    for block, found in plain.items():
        # A record without a year of birth is compared with all of its name, unless too many bear it.
        for one in (number for number in found if not records[number].born[0]):
            before_one, blocks = _before(block, records[one].plain), set(records[one].blocks)
            for other in found:
                if (
                    one != other
                    and (records[other].born[0] or one < other)
                    and before_one.isdisjoint(_before(block, records[other].plain))
                    and blocks.isdisjoint(records[other].blocks)
                ):
                    yield min(one, other), max(one, other)


def _before(block: int, blocks: tuple[int, ...]) -> set[int]:
    """The blocks of a record that come before this one."""
    return set(blocks[: bisect_left(blocks, block)])


# --- comparing --------------------------------------------------------------------------------------------------


@dataclass
class Register:
    """The records that are compared with each other, and how common each name is among them."""

    records: Sequence[Prepared]
    size: int = 0
    given: Mapping[str, int] = field(default_factory=dict)
    families: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.size = self.size or len(self.records)
        thin(self.records)
        if not self.given:
            self.given = Counter(record.given_bone for record in self.records)
            self.families = Counter(sound for record in self.records for sound in record.family_bones)

    def rarity(self, sound: str, counts: Mapping[str, int]) -> float:
        """How rare a name is, in bits: 10 for one that one of a thousand bears."""
        return math.log2(self.size / max(1, counts.get(sound, 1)))


def best_words(one: Sequence[str], other: Sequence[str], *, arabic: bool = False) -> tuple[float, str, str]:
    """The likest two words of two fields."""
    best = (-1.0, "", "")
    for x in one:
        for y in other:
            score = 1.0 if x == y else word_likeness(x, y, arabic=arabic)
            if score > best[0]:
                best = (score, x, y)
    return best


def _level(score: float) -> str:
    if score < 0:
        return "unknown"
    if score >= 0.96:
        return "same"
    if score >= 0.84:
        return "close"
    return "alike" if score >= 0.5 else "different"


def compare(one: Prepared, other: Prepared, register: Register) -> dict[str, float]:
    """What was compared and how it came out; for names also how rare they are."""
    found: dict[str, float] = {}
    arabic = one.is_arabic != other.is_arabic
    given, word, _ = best_words(one.given, other.given, arabic=arabic)
    family, name, _ = best_words(one.family, other.family, arabic=arabic)
    if min(given, family) < 0.5:
        # Given and family name may stand in each other's field.
        turned = min(
            best_words(one.given, other.family, arabic=arabic)[0],
            best_words(one.family, other.given, arabic=arabic)[0],
        )
        if turned >= 0.84:
            found["turned"] = 1.0
            given, family = turned, turned
    married = "F" in (one.record.sex, other.record.sex) and family < 0.5
    found[f"names:{_level(given)} and {_level(family)}{' (woman)' if married else ''}"] = 1.0
    if given >= 0.84:
        found["given rare"] = register.rarity(_bone(word), register.given) / 10
    if family >= 0.84:
        found["family rare"] = register.rarity(_bone(name), register.families) / 10
    father, parent, _ = best_words(one.father, other.father, arabic=arabic)
    found[f"father:{_level(father)}"] = 1.0
    if father >= 0.84:
        found["father rare"] = register.rarity(_bone(parent), register.given) / 10
    born = _dates(one.born, other.born)
    both = "both" if min(given, family) >= 0.84 else "one" if max(given, family) >= 0.84 else "no"
    found[f"born:{born}"] = 1.0
    found[f"born:{born}, {both} name"] = 1.0
    a, b = one.record, other.record
    found[f"sex:{_agree(a.sex.replace('X', ''), b.sex.replace('X', ''))}"] = 1.0
    found[f"place:{_agree(a.place, b.place)}"] = 1.0
    found[f"home:{_agree(a.home, b.home)}"] = 1.0
    return found


@lru_cache(maxsize=131072)
def _bone(word: str) -> str:
    found = _tokens(word)
    return found[0][2][0] if found else word


def _agree(one: str, other: str) -> str:
    if not one or not other:
        return "unknown"
    return "same" if one == other else "different"


def _dates(one: tuple[int, int, int], other: tuple[int, int, int]) -> str:
    """How two dates agree, each as precise as it was written."""
    if not one[0] or not other[0]:
        return "unknown"
    if one[2] and other[2]:
        if one == other:
            return "day"
        if one[0] == other[0] and one[1:] == other[:0:-1]:
            return "day and month turned"
        wrong = sum(a != b for a, b in zip(one, other, strict=True))
        if wrong == 1:
            return "one part differs"
        return "year" if one[0] == other[0] else "next year" if abs(one[0] - other[0]) == 1 else "different"
    if one[0] == other[0]:
        if one[1] and other[1]:
            return "month" if one[1] == other[1] else "year"
        return "year only"
    return "next year" if abs(one[0] - other[0]) == 1 else "different"


def weigh(
    found: Mapping[str, float], size: int, kin: int = 0, weights: Mapping[str, float] = WEIGHTS
) -> float:
    """The evidence in natural units of odds, in a register of that size; `kin`: how many relatives have been found too."""
    total = weights.get("", 0.0) + sum(weights.get(what, 0.0) * value for what, value in found.items())
    total += weights.get(f"kin:{min(kin, 3)}", 0.0) if kin else 0.0
    return total - math.log(max(1.0, size / LEARNED_FROM))


def probability(odds: float) -> float:
    """The probability that goes with natural odds."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, odds))))


def link(one: Prepared, other: Prepared, register: Register, kin: int = 0) -> Link:
    """Two records, weighed, with every piece of evidence in bits."""
    found = compare(one, other, register)
    evidence = [
        Evidence(*_in_words(what), weight=round(WEIGHTS.get(what, 0.0) * value / math.log(2), 2))
        for what, value in found.items()
    ]
    if kin:
        evidence.append(
            Evidence("kin", str(min(kin, 3)), round(WEIGHTS.get(f"kin:{min(kin, 3)}", 0.0) / math.log(2), 2))
        )
    return Link(
        one.record.key, other.record.key, probability(weigh(found, register.size, kin)), tuple(evidence)
    )


def _in_words(what: str) -> tuple[str, str]:
    kind, _, how = what.partition(":")
    return kind, how or "yes"


# --- the whole register -----------------------------------------------------------------------------------------

# So sure a pair must be to speak for the relatives around it; so doubtful another may be to be weighed once more.
_LIKELY, _POSSIBLE = 0.9, 0.0005


@dataclass(frozen=True, slots=True)
class Scored:
    """Two records by their numbers, with the odds before anybody asks for relatives."""

    one: int
    other: int
    odds: float


def score(
    register: Register, part: int = 0, parts: int = 1, weights: Mapping[str, float] = WEIGHTS
) -> list[Scored]:
    """Every two records that share a block and may be one person, weighed. Parts can be gone through side by side."""
    records = register.records
    least = math.log(_POSSIBLE / (1 - _POSSIBLE))
    found = []
    for one, other in pairs(records, part, parts):
        odds = weigh(compare(records[one], records[other], register), register.size, weights=weights)
        if odds >= least:
            found.append(Scored(one, other, odds))
    return found


def among_kin(
    scored: Sequence[Scored],
    register: Register,
    weights: Mapping[str, float] = WEIGHTS,
    *,
    workers: int = 1,
) -> list[Scored]:
    """The other people of every two households of which some are the same: a woman whom the one knows by the name she
    was born with, a child without a date. No block of their own would have brought them together."""
    records = register.records
    likely = math.log(_LIKELY / (1 - _LIKELY))
    members: dict[str, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        if record.record.home:
            members[record.record.home].append(number)
    known = {(pair.one, pair.other) for pair in scored}
    houses = sorted({key for pair in scored if pair.odds >= likely and (key := _homes(records, pair))})

    def weighed(part: int, parts: int) -> list[Scored]:
        found = []
        for one_home, other_home in houses[part::parts]:
            for a, b in product(members[one_home], members[other_home]):
                one, other = min(a, b), max(a, b)
                if (one, other) not in known:
                    odds = weigh(
                        compare(records[one], records[other], register), register.size, weights=weights
                    )
                    found.append(Scored(one, other, odds))
        return found

    return _side_by_side(weighed, workers, len(records))


def with_kin(
    scored: Sequence[Scored], records: Sequence[Prepared], weights: Mapping[str, float] = WEIGHTS
) -> list[tuple[int, int, int, float]]:
    """The same with the relatives around: both numbers, how many relatives were found too, the probability."""
    likely = math.log(_LIKELY / (1 - _LIKELY))
    homes: Counter[tuple[str, str]] = Counter()
    for pair in scored:
        if pair.odds >= likely and (key := _homes(records, pair)):
            homes[key] += 1
    found = []
    for pair in scored:
        key = _homes(records, pair)
        kin = homes[key] - (pair.odds >= likely) if key else 0
        odds = pair.odds + (weights.get(f"kin:{min(kin, 3)}", 0.0) if kin else 0.0)
        found.append((pair.one, pair.other, kin, probability(odds)))
    return found


def _homes(records: Sequence[Prepared], pair: Scored) -> tuple[str, str] | None:
    """The two households of a pair. People of one household are relatives and not the same."""
    one, other = records[pair.one].record.home, records[pair.other].record.home
    return (min(one, other), max(one, other)) if one and other and one != other else None


def linked(records: Sequence[Record], *, workers: int = 2, least: float = 0.0) -> list[Link]:
    """Every two records that may be one person, the likeliest first, with their evidence; `least` probability."""
    ready = prepared(records)
    register = Register(ready)
    found = [
        replace(link(ready[one], ready[other], register, kin), probability=chance)
        for one, other, kin, chance in weighed(register, workers=workers)
        if chance >= least
    ]
    return sorted(found, key=lambda each: (-each.probability, each.one, each.other))


def weighed(register: Register, *, workers: int = 2) -> list[tuple[int, int, int, float]]:
    """Every two records of the register that may be one person: both numbers, how many relatives were found too, the
    probability. `workers` processes go through it side by side."""
    first = _side_by_side(partial(score, register), workers, len(register.records))
    with _without_collector():
        return with_kin([*first, *among_kin(first, register, workers=workers)], register.records)


# What the processes do. They are forked and share all it looks at: nothing is copied, and nothing leaves the machine.
_Work = Callable[[int, int], list[Scored]]
_SHARED: list[_Work] = []
_TURN = threading.Lock()  # one piece of work at a time: a second caller waits
# A register of fewer records is gone through sooner than two processes have begun.
_ALONE = 20_000


def _side_by_side(work: _Work, workers: int, size: int) -> list[Scored]:
    """All parts of the work on a register of that size, each processor taking the next one when it is free."""
    if workers < 2 or size < _ALONE:
        return work(0, 1)
    parts = workers * 2
    with _TURN:
        _SHARED.append(work)
        gc.freeze()  # or the collector would touch, and so copy, every record in every process
        try:
            # A process that dies, for want of memory perhaps, is told as an error and not waited for.
            forked = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(workers, mp_context=forked, initializer=_on_its_own) as pool:
                found = list(pool.map(_part, range(parts), [parts] * parts))
        finally:
            gc.unfreeze()
            _SHARED.clear()
    return [pair for part in found for pair in part]


def _on_its_own() -> None:
    """A forked process answers signals itself: the worker it was forked from may have been listening for them."""
    signal.set_wakeup_fd(-1)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, signal.SIG_DFL)


def _part(part: int, parts: int) -> list[Scored]:
    return _SHARED[0](part, parts)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Among millions of records that all stay, the collector would look for what could go, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
