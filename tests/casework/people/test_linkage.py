"""Two records that may be one person: blocks, evidence, households, thresholds, and the operator's command."""

import gc
import json
import signal
from functools import partial
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st

from bench import link_proof
from homeward.casework.people.rules import likeness, linkage
from homeward.casework.people.rules.linkage import (
    Record,
    Register,
    Verdict,
    Written,
    compare,
    linked,
    pairs,
    prepare,
    probability,
)
from tests.conftest import DATABASE, _superuser


def record(key: str, family: str, given: str, father: str = "", **more: str) -> Record:
    return Record(key, (Written(family, given, father),), **more)


def meet(one: Record, other: Record) -> bool:
    register = Register([prepare(one), prepare(other)])
    return list(pairs(register.records)) == [(0, 1)]


def found(one: Record, other: Record) -> dict[str, float]:
    register = Register([prepare(one), prepare(other)], size=1000)
    return compare(register.records[0], register.records[1], register)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (record("a", "Osmani", "Ardita", born="1992-11-02"), record("b", "Османи", "Ардита", born="1992")),
        (record("a", "Osmani", "Ardita", born="1992"), record("b", "Osmani", "Ardita", born="1993")),
        (record("a", "Osmani", "Ardita"), record("b", "Osmani", "Ardita", born="1992")),
        (record("a", "Osmani", "Ardita", "Jusuf"), record("b", "Dervishi", "Ardita", "Jusuf")),
        (
            record("a", "Osmani", "Ardita", born="1992-11-02"),
            record("b", "Dervishi", "Ardita", born="1992-02-11"),
        ),
        (record("a", "Osmani", "Ardita", born="1992"), record("b", "Osmanni", "Ardkta", born="1992")),
        (
            record("a", "Osmani", "Ardita", born="1992-11-02"),
            record("b", "Osmani", "Ardita", born="1982-11-02"),
        ),
    ],
)
def test_two_records_share_a_block(one, other):
    assert meet(one, other)


def test_two_strangers_share_none():
    assert not meet(
        record("a", "Osmani", "Ardita", born="1992"), record("b", "Krasniqi", "Valon", born="1992")
    )


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("1992-11-02", "1992-11-02", "day"),
        ("1992-11-02", "1992-02-11", "day and month turned"),
        ("1992-11-02", "1992-11-12", "one part differs"),
        ("1992-11-02", "1992-10-12", "year"),
        ("1992-11", "1992-11-02", "month"),
        ("1992-11", "1992-10-02", "year"),
        ("1992", "1992-11-02", "year only"),
        ("1992-01-01", "1992-11-02", "year only"),
        ("1992", "1993", "next year"),
        ("1992-11-02", "1993-10-12", "next year"),
        ("1992", "1995", "different"),
        ("1992-11-02", "1985-10-12", "different"),
        ("", "1992", "unknown"),
    ],
)
def test_dates_agree_as_precisely_as_they_were_written(one, other, how):
    assert f"born:{how}" in found(
        record("a", "Osmani", "Ardita", born=one), record("b", "Osmani", "Ardita", born=other)
    )


def test_names_are_compared_by_class_and_by_how_rare_they_are():
    same = found(record("a", "Osmani", "Hatixhe", "Ali"), record("b", "Османи", "Khadija", "Ali"))

    assert "names:same and same" in same
    assert same["given rare"] > 0
    assert "father:same" in same
    assert "names:different and same" in found(record("a", "Osmani", "Besim"), record("b", "Osmani", "Bekim"))
    assert "turned" in found(record("a", "Osmani", "Ardita"), record("b", "Ardita", "Osmani"))
    married = found(record("a", "Osmani", "Ardita", sex="F"), record("b", "Krasniqi", "Ardita", sex="F"))
    assert "names:same and different (woman)" in married


def test_what_one_of_two_does_not_know_is_unknown():
    got = found(
        record("a", "Osmani", "Ardita"), record("b", "Osmani", "Ardita", sex="F", place="P", home="H")
    )

    assert {"sex:unknown", "place:unknown", "home:unknown", "father:unknown", "born:unknown"} <= set(got)


def test_relatives_who_are_found_speak_for_the_others():
    def household(office: str, *people: tuple[str, str, str]) -> list[Record]:
        return [
            record(f"{office}-{given}", family, given, "Jusuf", born=born, place="Prizren", home=office)
            for family, given, born in people
        ]

    first = household(
        "kcs", ("Osmani", "Gjorgje", "2015-03-04"), ("Osmani", "Besa", "2017-05-06"), ("Osmani", "Ardita", "")
    )
    other = household(
        "csw", ("Османи", "Ђорђе", "2015-03-04"), ("Osmani", "Besë", "2017-05-06"), ("Dervishi", "Ardita", "")
    )
    together = {(link.one, link.other): link for link in linked([*first, *other])}
    alone = {(link.one, link.other): link for link in linked([first[2], other[2]])}

    link = together["kcs-Ardita", "csw-Ardita"]
    assert link.probability > alone["kcs-Ardita", "csw-Ardita"].probability
    assert any(one.what == "kin" and one.weight > 0 for one in link.evidence)
    assert together["kcs-Gjorgje", "csw-Ђорђе"].verdict == Verdict.SAME


def test_people_of_one_household_are_not_the_same_for_being_at_home_together():
    one, other = (
        record(key, "Osmani", given, born="2017", home="h") for key, given in (("a", "Besa"), ("b", "Besim"))
    )

    assert all(link.verdict == Verdict.DIFFERENT for link in linked([one, other]))


def test_the_more_people_the_less_a_name_says():
    one, other = (prepare(record(key, "Osmani", "Ardita", born="1992")) for key in "ab")
    small, large = Register([one, other], size=1_000), Register([one, other], size=1_000_000)
    evidence = compare(one, other, small)

    assert linkage.weigh(evidence, large.size) < linkage.weigh(evidence, small.size)


def test_thresholds_give_a_verdict():
    def verdict(chance: float) -> Verdict:
        return linkage.Link("a", "b", chance, ()).verdict

    assert verdict(linkage.SAME_FROM) == Verdict.SAME
    assert verdict(linkage.SAME_FROM - 0.01) == verdict(linkage.REVIEW_FROM) == Verdict.REVIEW
    assert verdict(linkage.REVIEW_FROM - 0.01) == Verdict.DIFFERENT


def test_many_processes_find_what_one_finds(monkeypatch):
    register = Register(linkage.prepared(line.record for line in link_proof.lists(1500, 5)))
    alone = linkage.weighed(register, workers=1)
    monkeypatch.setattr(linkage, "_ALONE", 0)

    assert sorted(linkage.weighed(register, workers=2)) == sorted(alone)
    assert any(relatives for _one, _other, relatives, _chance in alone)


@given(st.text("aabcijov", min_size=1, max_size=9), st.text("aabcijov", min_size=1, max_size=9))
@example("marko", "makro")
@example("ba", "ab")
def test_steps_between_two_words_are_counted_letter_by_letter(one, other):
    """However they are counted: as the table of all ways from the one word to the other says."""
    ways = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) + 1):
        for j in range(len(other) + 1):
            least = [float(i + j)] if not i or not j else []
            if i and j:
                least = [
                    ways[i - 1][j] + 1,
                    ways[i][j - 1] + 1,
                    ways[i - 1][j - 1] + (one[i - 1] != other[j - 1]),
                ]
            if (
                i > 1
                and j > 1
                and (one[i - 2], one[i - 1]) == (other[j - 1], other[j - 2])
                and one[i - 1] != one[i - 2]
            ):
                least.append(ways[i - 2][j - 2] + 0.8)
            ways[i][j] = min(least)
    assert likeness._steps(one, other) == pytest.approx(ways[-1][-1])


def test_the_weights_hold_for_a_country_they_were_not_learned_from():
    lines = link_proof.lists(6000, 91)
    same = link_proof.truth(lines)
    measured = link_proof.ours(lines, same)

    assert measured.f1 > 0.95
    assert measured.suggested is not None
    assert measured.suggested > 0.99


@given(st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_more_evidence_is_never_less_probable(one, other):
    assert 0 <= probability(one) <= 1
    assert (probability(one) <= probability(other)) or one > other


@given(
    st.lists(st.sampled_from("Ardita Besa Османи Hoxha Hoxhaj يوسف Umm Hamza".split()), max_size=3),
    st.sampled_from(["", "1992", "1992-03"]),
)
def test_whoever_says_the_same_is_found(words, born):
    one, other = (Record(key, (Written("Osmani", " ".join(words) or "X", "Ali"),), born=born) for key in "ab")

    assert meet(one, other)


# --- manage.py link -------------------------------------------------------------------------------------------

TWICE = [UUID(f"00000000-0000-4000-8000-0000000011{number:02}") for number in range(2)]


@pytest.fixture
def registered_twice(members):
    """The same woman in two spellings. Saved for good, as the operator's command finds her."""
    with _superuser(DATABASE) as connection:
        _forget(connection)
        for number, (key, family, given) in enumerate(
            zip(TWICE, ("Osmani", "Османи"), ("Ardita", "Ардита"), strict=True)
        ):
            connection.execute(
                "insert into app.person (id, ref, sex, born, documents_status, documents, languages, version,"
                " created_at, created_by_id) values (%s, %s, 'F', '1992-11-02', 'unknown', '{}', '{}', 1, now(), %s)",
                [key, f"HW-TWICE-{number}", members["dprrp-coordinator"].pk],
            )
            connection.execute(
                "insert into app.person_name (id, person_id, kind, family, given, father, script, source, is_primary, folded,"
                " skeletons, keys, fold_version) values (%s, %s, 'primary', %s, %s, 'Jusuf', 'latn', '', true, '{}', '{}', '{}', 0)",
                [key, key, family, given],
            )
    yield
    with _superuser(DATABASE) as connection:
        _forget(connection)


def _forget(connection):
    connection.execute("delete from app.person_name where person_id = any (%s)", [TWICE])
    connection.execute("delete from app.person where id = any (%s)", [TWICE])


@pytest.mark.django_db(databases=["default", "auth", "migrate"])
def test_the_operator_is_told_who_was_registered_twice_and_no_name(registered_twice):
    with transaction.atomic(using="migrate"):
        said, plain = StringIO(), StringIO()
        call_command("link", "--json", stdout=said)
        call_command("link", stdout=plain)
        transaction.set_rollback(True, using="migrate")

    told = json.loads(said.getvalue())
    [pair] = [pair for pair in told["pairs"] if "TWICE" in pair["one"]]
    assert (pair["one"], pair["other"], pair["verdict"]) == ("HW-TWICE-0", "HW-TWICE-1", "same")
    assert {one["what"] for one in pair["evidence"]} >= {"names", "born"}
    assert told["thresholds"] == {"same": linkage.SAME_FROM, "review": linkage.REVIEW_FROM}
    for name in ("Ardita", "Osmani", "Османи"):
        assert name not in said.getvalue()
    assert "likely the same person" in plain.getvalue()


def test_a_forked_process_answers_signals_itself(monkeypatch):
    said: list[object] = []
    monkeypatch.setattr(linkage.signal, "set_wakeup_fd", said.append)
    monkeypatch.setattr(linkage.signal, "signal", lambda sign, answer: said.append((sign, answer)))
    linkage._on_its_own()
    by_itself = signal.SIG_DFL
    assert said == [-1, (signal.SIGTERM, by_itself), (signal.SIGINT, by_itself)]


def test_the_collector_is_left_as_it_was_found():
    linkage.prepared([])
    assert gc.isenabled()
    gc.disable()
    try:
        linkage.prepared([])
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_parts_gone_through_side_by_side_are_the_whole(monkeypatch):
    people = [record(str(n), family, given, born="1990") for n, (family, given) in enumerate([("Gashi", "Ali"), ("Gashi", "Alija"), ("Krasniqi", "Besa"), ("Krasniqi", "Bese"), ("Gashi", "Ali")])]  # fmt: skip
    people += [record("x", "Gashi", "Ali")]
    ready = [linkage.prepare(one) for one in people]
    register = linkage.Register(ready)
    whole = {(one.one, one.other) for one in linkage.score(register)}
    parts = [{(one.one, one.other) for one in linkage.score(register, part, 3)} for part in range(3)]
    assert whole == set().union(*parts)
    assert sum(map(len, parts)) == len(whole) > 0
    monkeypatch.setattr(linkage, "_SHARED", [partial(linkage.score, register)])
    assert {(one.one, one.other) for one in linkage._part(0, 1)} == whole
    # How common names are may also be said from outside.
    again = linkage.Register(ready, size=100, given=register.given, families=register.families)
    assert (again.size, again.given) == (100, register.given)
