"""How well people are found by name, and how surely two names are told apart: `make prove-names`.

    python -m bench.prove_names [--size 1000000] [--queries 11200] [--pairs FILE.csv] [--only search names linked]

A made-up country (bench/offices.py) is filed as the register files it. Then somebody looks for its people in the spellings
of a dozen offices, with a year of birth, through the same function as the pages, as a member whose institution knows all
of them. Beside it, in the same run: plain pg_trgm on the names as they stand, and a raw scan of the same keys by the
database's superuser, without rights, ranking or log. Each section of docs/domain/names-proof.md is written by the run that
measured it at full size; a run of another size prints it and writes nothing.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import time
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from bench import link_proof, offices, world
from bench.offices import Human
from homeward.casework.people.rules import linkage

SEED = 1389
SIZE = 1_000_000
QUERIES = 11_200
TYPED = 1_500
TRIGRAMS = (
    560  # so many of the same queries are also put to pg_trgm, which takes a third of a second for each
)
MEMBER = world.SEES_ALL
PAIRS = Path(__file__).resolve().parent / "pairs" / "pairs.csv"
REPORT = world.ROOT / "docs" / "domain" / "names-proof.md"
SHOWN = 10


@dataclass
class Places:
    """Where the person who was looked for stood in the answers to many questions; 0 is nowhere."""

    places: list[int]

    @property
    def first(self) -> float:
        """How often in the first place."""
        return sum(place == 1 for place in self.places) / len(self.places)

    @property
    def shown(self) -> float:
        """How often among the first ten."""
        return sum(0 < place <= SHOWN for place in self.places) / len(self.places)

    @property
    def mrr(self) -> float:
        """The mean of one divided by the place."""
        return sum(1 / place for place in self.places if place) / len(self.places)


@dataclass
class Found:
    """What one run found of the search."""

    size: int
    by_phenomenon: dict[str, list[int]]
    trigrams: dict[str, list[int]]
    as_typed: list[int]
    search_ms: list[float]
    database_ms: list[float]
    raw_ms: list[float]
    trigram_ms: list[float]
    keys: int


# --- the country ------------------------------------------------------------------------------------------------


def ensure(size: int) -> str:
    """The database with so many people, made if it is not there or was made by other rules."""
    world.devdb.ensure()
    name = f"{world.PREFIX}_names_{size}"
    wanted = _fingerprint()
    if world._comment(name) == wanted:
        return name
    began = time.perf_counter()
    world._template(world._fingerprint())
    world._copy(name)
    subprocess.run(
        [sys.executable, "-m", "bench.prove_names", "--fill", str(size)],
        cwd=world.ROOT, env=world.environment(name), check=True,
    )  # fmt: skip
    with world.superuser(name) as connection:
        world._analyse(connection)
        connection.execute(f"comment on database {name} is '{wanted}'")
    print(f"filed {size:,} people in {time.perf_counter() - began:.0f} s", flush=True)
    return name


def _fingerprint() -> str:
    """Changes whenever the tables, the search or what is filed do; not with how two names are compared."""
    digest = hashlib.sha256()
    for pattern in ("homeward/**/migrations/*.py", "homeward/**/sql/*.sql", "homeward/**/operations.py", "bench/offices.py",
                    *(f"homeward/casework/people/rules/{name}.py" for name in ("letters", "lexicon", "native", "particles", "names"))):  # fmt: skip
        for path in sorted(world.ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    digest.update(Path(__file__).read_text("utf-8").split("# --- the questions")[0].encode())
    return digest.hexdigest()[:16]


def _key(kind: str, number: int) -> str:
    """The same key for the same person in every process: no map of a million is carried about."""
    return str(UUID(bytes=hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).digest()))


def _filed(chunk: tuple[int, list[Human]]) -> tuple[str, str, str, str]:
    """The rows of some people for the four tables, in the form in which the database copies them."""
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from homeward.casework.people.models import PersonName
    from homeward.foundation.kernel.dates import PartialDate

    people, names, members, access = [], [], [], []
    start, humans = chunk
    dice = random.Random(start)
    for number, human in enumerate(humans, start):
        person = _key("p", number)
        born = f"{human.year}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        people.append(f"{person}\tN{number}\t{human.sex}\t{born}\n")
        filed = [("primary", human.family)]
        # Of four women in five the register holds the name they were born with as well.
        if human.birth_family and number % 5:
            filed.append(("birth", human.birth_family))
        in_use = None
        for place, (kind, family) in enumerate(filed):
            name = PersonName(kind=kind, family=family, given=human.given, father=human.father)
            name.file(in_use, PartialDate(human.year))
            in_use = in_use or name
            arrays = "\t".join(
                "{" + ",".join(map(str, column)) + "}" for column in (name.folded, name.skeletons, name.keys)
            )
            names.append(
                f"{_key(f'n{place}', number)}\t{kind}\t{family}\t{human.given}\t{human.father}\t"
                f"{'f' if place else 't'}\t{arrays}\t{name.fold_version}\t{person}\n"
            )
        relation = "child" if not human.is_parent else "head" if human.sex == "M" else "spouse"
        members.append(f"{_key('m', number)}\t{relation}\t{_key('h', human.home)}\t{person}\n")
        access.append(f"{_key('c', number)}\t{person}\n")
    return "".join(people), "".join(names), "".join(members), "".join(access)


def _chunks(people: Sequence[Human], size: int = 5000) -> Iterator[tuple[int, list[Human]]]:
    for start in range(0, len(people), size):
        yield start, list(people[start : start + size])


def fill(size: int) -> None:
    """Everything into the database of this process."""
    people = offices.country(size, SEED)
    with world.superuser(os.environ["HOMEWARD_DB_NAME"]) as connection:
        for setting in ("session_replication_role = replica", "synchronous_commit = off", "maintenance_work_mem = '1GB'",
                        "search_path = app", "max_parallel_maintenance_workers = 2"):  # fmt: skip
            connection.execute(f"set {setting}")
        member, institution = connection.execute(
            "select m.id, m.institution_id from member m join app_account a on a.id = m.account_id where a.username = %s",
            [MEMBER],
        ).fetchone() or (None, None)
        for statement in (
            "create unlogged table new_people (id uuid, ref text, sex text, born text)",
            "create unlogged table new_names (id uuid, kind text, family text, given text, father text, is_primary boolean, folded text[], skeletons text[], keys bigint[], fold_version smallint, person_id uuid)",
            "create unlogged table new_members (id uuid, relation text, household_id uuid, person_id uuid)",
            "create unlogged table new_access (case_id uuid, person_id uuid)",
        ):
            connection.execute(statement)
        with ProcessPoolExecutor(2) as workers:
            for rows in workers.map(_filed, _chunks(people)):
                for table, text in zip(("people", "names", "members", "access"), rows, strict=True):
                    with connection.cursor() as cursor, cursor.copy(f"copy new_{table} from stdin") as copy:
                        copy.write(text)
        with world._without_indexes(connection):
            connection.execute(
                "insert into person (id, ref, sex, born, documents_status, documents, languages, version, created_at, created_by_id)"
                " select id, ref, sex, born, 'unknown', '{}', '{}', 1, now(), %s from new_people",
                [member],
            )
            connection.execute(
                "insert into person_name (id, kind, family, given, father, script, source, is_primary, folded, skeletons, keys,"
                " fold_version, person_id) select id, kind, family, given, father, 'latn', '', is_primary, folded, skeletons, keys,"
                " fold_version, person_id from new_names"
            )
            connection.execute(
                "insert into household (id, ref, created_at, created_by_id) select h, left(h::text, 20), now(), %s"
                " from (select distinct household_id as h from new_members) x",
                [member],
            )
            connection.execute(
                "insert into household_membership (id, relation, household_id, person_id)"
                " select id, relation, household_id, person_id from new_members"
            )
            connection.execute(
                "insert into case_access (institution_id, case_id, member_id, person_id, seen_mask, cat_mask, write_mask, expires_at,"
                " opened_at) select %s, case_id, '00000000-0000-0000-0000-000000000000', person_id, 2147483647, 2147483647, 0,"
                " now() + interval '5 years', now() from new_access",
                [institution],
            )
        connection.execute("drop table new_people, new_names, new_members, new_access")
        connection.execute("create extension if not exists pg_trgm")
        connection.execute(
            "create table trigrams as select n.person_id, lower(concat_ws(' ', n.given, n.father, n.family)) as name,"
            " left(p.born, 4)::integer as year from person_name n join person p on p.id = n.person_id"
        )
        connection.execute("create index trigrams_by_name on trigrams using gin (name gin_trgm_ops)")


# --- the questions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """What somebody types who looks for one person."""

    phenomenon: str
    person: str
    text: str
    year: int
    sex: str | None


def questions(people: Sequence[Human], number: int, seed: int) -> list[Question]:
    """As many of each phenomenon, of people drawn at random; one year in ten is off by one, every second says the sex."""
    dice = random.Random(seed)
    found: list[Question] = []
    for phenomenon in offices.PHENOMENA:
        wanted = number // len(offices.PHENOMENA)
        while wanted:
            place = dice.randrange(len(people))
            human = people[place]
            if not (text := offices.typed(phenomenon, human, people, dice)):
                continue
            year = human.year + (dice.choice((-1, 1)) if dice.random() < 0.1 else 0)
            found.append(
                Question(phenomenon, _key("p", place), text, year, human.sex if dice.random() < 0.5 else None)
            )
            wanted -= 1
    return found


def beginnings(people: Sequence[Human], number: int, seed: int) -> list[Question]:
    """Three letters of the given name and three of the family name, as somebody types them."""
    dice = random.Random(seed)
    found: list[Question] = []
    while len(found) < number:
        place = dice.randrange(len(people))
        human = people[place]
        words = [human.given, human.family]
        if dice.random() < 0.5:
            words = [offices.plain(word) for word in words]
        text = " ".join(word[:3].lower() for word in words)
        found.append(Question("as typed", _key("p", place), text, human.year, human.sex))
    return found


def ask(size: int, number: int, only_trigrams: int) -> Found:
    """Puts all questions to the search, some of them to pg_trgm and to a raw scan. Runs in the process of the database."""
    import django

    django.setup()
    from homeward.casework.people import queries
    from homeward.casework.people.models import name_secret
    from homeward.casework.people.queries import finding
    from homeward.casework.people.rules import match_keys, slip_keys
    from homeward.foundation.access.context import operating_as

    people = offices.country(size, SEED)
    asked = questions(people, number, SEED + 2)
    random.Random(1).shuffle(asked)
    found = Found(
        size,
        {name: [] for name in offices.PHENOMENA},
        {name: [] for name in offices.PHENOMENA},
        [],
        [],
        [],
        [],
        [],
        0,
    )
    database = finding._candidates
    spent = 0.0

    def timed(*args: Any, **kwargs: Any) -> Any:
        nonlocal spent
        began = time.perf_counter()
        try:
            return database(*args, **kwargs)
        finally:
            spent += time.perf_counter() - began

    finding._candidates = timed  # type: ignore[assignment]
    raw = world.superuser(os.environ["HOMEWARD_DB_NAME"], prepare_threshold=None)
    raw.execute(
        "set enable_seqscan = off"
    )  # or the planner reads the whole table for it, which takes ten times as long
    secret = name_secret()
    with operating_as(MEMBER) as member:
        for count, question in enumerate(asked):
            began, spent = time.perf_counter(), 0.0
            answer = queries.search(
                question.text, to=member, birth_year=question.year, sex=question.sex, limit=SHOWN
            )
            found.search_ms.append((time.perf_counter() - began) * 1000)
            found.database_ms.append(spent * 1000)
            place = next(
                (place for place, hit in enumerate(answer, 1) if str(hit.person.pk) == question.person), 0
            )
            found.by_phenomenon[question.phenomenon].append(place)
            if not place and "--misses" in sys.argv:
                print(
                    question.phenomenon,
                    "|",
                    question.text,
                    question.year,
                    "|",
                    [(h.person.full_name, h.how.name, round(h.score, 2)) for h in answer[:3]],
                    flush=True,
                )
            pairs, words = match_keys([question.text], question.year, secret=secret)
            keys = [*pairs, *words, *slip_keys([question.text], secret=secret)]
            found.keys += len(keys)
            if count % 4 == 0:
                began = time.perf_counter()
                raw.execute(
                    "select person_id from app.person_name where keys && %s::bigint[]", [keys]
                ).fetchall()
                found.raw_ms.append((time.perf_counter() - began) * 1000)
        for question in beginnings(people, TYPED if number >= QUERIES else number // 10, SEED + 3):
            answer = queries.search(
                question.text, to=member, birth_year=question.year, sex=question.sex, limit=SHOWN
            )
            found.as_typed.append(
                next(
                    (place for place, hit in enumerate(answer, 1) if str(hit.person.pk) == question.person), 0
                )
            )
        from django.db import transaction

        transaction.set_rollback(True)
    for question in asked[:only_trigrams]:
        began = time.perf_counter()
        rows = raw.execute(
            "select person_id::text from app.trigrams where name operator(app.%%) %s and abs(year - %s) <= 1"
            " order by app.similarity(name, %s) desc limit %s",
            [question.text.lower(), question.year, question.text.lower(), SHOWN],
        ).fetchall()
        found.trigram_ms.append((time.perf_counter() - began) * 1000)
        hits = [person for (person,) in rows]
        found.trigrams[question.phenomenon].append(
            hits.index(question.person) + 1 if question.person in hits else 0
        )
    return found


# --- two names --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NamePair:
    """Two names, and whether they are meant to be one person's."""

    phenomenon: str
    one: str
    other: str
    is_same: bool


def written_pairs(path: Path = PAIRS) -> list[NamePair]:
    """Pairs that somebody wrote down."""
    with path.open(encoding="utf-8") as file:
        return [
            NamePair(row["phenomenon"], row["name_a"], row["name_b"], row["same"] == "yes")
            for row in csv.DictReader(file)
        ]


def drawn_pairs(number: int, seed: int) -> list[NamePair]:
    """Pairs of the made-up country: one person in two spellings; brothers and sisters, namesakes and fathers."""
    people = offices.country(60_000, seed)
    dice = random.Random(seed)
    homes: dict[int, list[Human]] = defaultdict(list)
    families: dict[str, list[Human]] = defaultdict(list)
    for human in people:
        homes[human.home].append(human)
        families[human.family].append(human)
    found: list[NamePair] = []
    while len(found) < number:
        human = dice.choice(people)
        phenomenon = dice.choice(offices.PHENOMENA)
        text = offices.typed(phenomenon, human, people, dice)
        if phenomenon == "kunya" and text:
            # Two offices write the same kunya; what it has to do with the name, only the register knows.
            name = text and text.replace("Ebu", "Abu").replace("Abou", "Abu").replace("Oum", "Umm")
        elif phenomenon == "maiden/married" and text:
            name = f"{human.given} {human.birth_family}"
        else:
            name = f"{human.given} {human.family}"
        if text and name:
            found.append(NamePair(phenomenon, name, text, True))
        sibling = dice.choice(homes[human.home])
        namesake = dice.choice(families[human.family])
        for kind, relative in (("of one family", sibling), ("of one family name", namesake)):
            if relative.given != human.given and len(found) < number:
                write = offices.SPELLINGS[dice.choice(list(offices.SPELLINGS))]
                found.append(
                    NamePair(
                        kind,
                        f"{human.given} {human.family}",
                        f"{write(relative.given, dice)} {write(relative.family, dice)}",
                        False,
                    )
                )
    return found


def auc(pairs: Sequence[NamePair]) -> float:
    """How often a pair of one person is scored above a pair of two; ties count half."""
    from homeward.casework.people.rules.likeness import likeness

    scored = [(likeness(pair.one, pair.other).score, pair.is_same) for pair in pairs]
    apart = sorted(score for score, same in scored if not same)
    same = [score for score, same in scored if same]
    above = sum(
        bisect_left(apart, score) + (bisect_right(apart, score) - bisect_left(apart, score)) / 2
        for score in same
    )
    return above / len(same) / len(apart)


# --- telling ----------------------------------------------------------------------------------------------------


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which so many of a hundred lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def lines_of_search(found: Found) -> Iterator[str]:
    """The search as lines of Markdown."""
    every = Places([place for places in found.by_phenomenon.values() for place in places])
    trigrams = Places([place for places in found.trigrams.values() for place in places])
    yield f"{len(every.places):,} questions, each with a year of birth, put to {found.size:,} people."
    yield ""
    yield "| phenomenon | questions | recall@1 | recall@10 | MRR | pg_trgm recall@1 | pg_trgm recall@10 | pg_trgm MRR |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for name, ours, theirs in (
        *(
            (name, Places(found.by_phenomenon[name]), Places(found.trigrams.get(name) or [0]))
            for name in offices.PHENOMENA
        ),
        ("**all**", every, trigrams),
    ):
        mark = "" if ours.shown >= (0.97 if name == "**all**" else 0.90) else "**"
        yield (
            f"| {name} | {len(ours.places):,} | {ours.first:.3f} | {mark}{ours.shown:.3f}{mark} | {ours.mrr:.3f} | "
            f"{theirs.first:.3f} | {theirs.shown:.3f} | {theirs.mrr:.3f} |"
        )
    yield ""
    typed = Places(found.as_typed)
    yield (
        f"While somebody types, three letters of each name, with year and sex ({len(typed.places):,} questions): "
        f"recall@10 {typed.shown:.3f}, recall@1 {typed.first:.3f}."
    )
    yield ""
    yield "| milliseconds | median | 95 of 100 are quicker |"
    yield "|---|---:|---:|"
    for what, values in (
        ("the whole search: keys, database, log, rights, names, ranking", found.search_ms),
        ("of it the function of the database", found.database_ms),
        ("raw scan of the same keys, no rights, no ranking", found.raw_ms),
        ("pg_trgm", found.trigram_ms),
    ):
        yield f"| {what} | {percentile(values, 0.5):.1f} | {percentile(values, 0.95):.1f} |"
    ratio = percentile(found.search_ms, 0.95) / percentile(found.raw_ms, 0.95)
    within = percentile(found.database_ms, 0.95) / percentile(found.raw_ms, 0.95)
    yield ""
    yield (
        f"At the 95th percentile the whole search takes {ratio:.2f} × the raw scan of all keys it may ask for (goal: at most 1.5), "
        f"its function in the database {within:.2f} ×. A question has {found.keys / len(every.places):.0f} keys."
    )


def lines_of_pairs(more: Sequence[Path]) -> Iterator[str]:
    """The scorer as lines of Markdown."""
    yield "| pairs | number | of one person | AUC |"
    yield "|---|---:|---:|---:|"
    lists = [
        ("written by hand (bench/pairs/pairs.csv)", written_pairs()),
        ("drawn from the made-up country", drawn_pairs(6000, SEED + 9)),
        *((path.name, written_pairs(path)) for path in more),
    ]
    for name, pairs in lists:
        value = auc(pairs)
        mark = "" if value >= 0.96 else "**"
        yield f"| {name} | {len(pairs):,} | {sum(pair.is_same for pair in pairs):,} | {mark}{value:.4f}{mark} |"


OPENING = """\
# How well names are found

Written by `make prove-names`; the rules that are measured stand in [names.md](names.md). A figure in bold misses its goal.

What these figures can say, and what not: people, spellings and questions are made up, by tables that do not import the
rules (`bench/offices.py`). Both were written from the same knowledge of how the offices spell, so for the spellings of
Islamic names (Hatixhe, Hatidža, Khadija) the measurement is circular: it shows that what both tables know is found, not
that nothing is missing. Letter by letter spellings, slips of the pen, kunyas, birth names and the order of words are not
circular in this way. The pairs written by hand were looked at while the scorer was made.
"""


LINKING = f"""\
Weights and thresholds were learned on one made-up country ({linkage.LEARNED_FROM:,} records) and are measured on another, with
other people, families and errors; Splink gets the threshold that was best on that other country too. It is trained by
expectation maximisation on the lists themselves and knows nothing of households, of which our own model takes relatives
who have been found for evidence. Splink runs here on DuckDB; for registers beyond one machine the same settings
(`bench/splink_proof.py`) run on `SparkAPI` in place of `DuckDBAPI`, with our folds as columns that are computed before.
"""


def _linking(given: argparse.Namespace) -> Iterator[str]:
    yield LINKING
    for size in sorted({given.linked, min(given.linked, 100000)}):
        yield from link_proof.lines_of_linking(size, splink=size <= 100_000)
        yield ""


def main() -> None:
    """Measures, prints, and writes the page if all was measured at full size."""
    parser = argparse.ArgumentParser(description="How well people are found by name.")
    parser.add_argument(
        "--only", nargs="+", choices=["search", "names", "linked"], help="measure only some of it"
    )
    parser.add_argument("--linked", type=int, default=SIZE, help="so many records are linked")
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--queries", type=int, default=QUERIES)
    parser.add_argument(
        "--pairs",
        type=Path,
        action="append",
        default=[],
        help="more pairs: phenomenon, name_a, name_b, same (yes, no)",
    )
    parser.add_argument(
        "--misses", action="store_true", help="print every question whose person was not found"
    )
    parser.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fill:
        fill(given.fill)
        return
    if given.ask:
        given.ask.write_text(json.dumps(asdict(ask(given.size, given.queries, TRIGRAMS))))
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeward.config.settings")
    whole = {
        "The search": given.size == SIZE and given.queries == QUERIES,
        "Two names": not given.pairs,
        "A register linked": given.linked == SIZE,
    }
    for title, measure in (
        ("The search", _search), ("Two names", lambda asked: lines_of_pairs(asked.pairs)), ("A register linked", _linking),
    ):  # fmt: skip
        if given.only and title.split()[-1] not in given.only:
            continue
        section = f"## {title}\n\n" + "\n".join(measure(given)).strip() + "\n"
        print(section, flush=True)
        if whole[title]:
            _write(title, section)
            print(f"written: {REPORT.relative_to(world.ROOT)}", datetime.now(UTC).date(), flush=True)


def _write(title: str, section: str) -> None:
    """Puts one section into the page. The others keep their figures until they are measured anew."""
    old = REPORT.read_text("utf-8") if REPORT.exists() else ""
    kept = dict(re.findall(r"^(## (?:[^\n]+))\n(.*?)(?=^## |\Z)", old, re.MULTILINE | re.DOTALL))
    kept[f"## {title}"] = section.split("\n", 1)[1]
    order = ["## The search", "## Two names", "## A register linked"]
    REPORT.write_text(
        "\n".join([OPENING, *(f"{head}\n{kept[head].rstrip()}\n" for head in order if head in kept)]), "utf-8"
    )


def _search(given: argparse.Namespace) -> list[str]:
    database = ensure(given.size)
    path = world.ROOT / ".state" / "prove-names.json"
    path.parent.mkdir(exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "bench.prove_names", "--ask", str(path), "--size", str(given.size), "--queries", str(given.queries),
         *(["--misses"] if given.misses else [])],
        cwd=world.ROOT, env=world.environment(database), check=True,
    )  # fmt: skip
    return list(lines_of_search(Found(**json.loads(path.read_text()))))


if __name__ == "__main__":
    main()
