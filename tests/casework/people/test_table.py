"""Each rule of folding: its two names meet by it, and part as soon as it is taken away."""

import re
from collections.abc import Callable
from itertools import chain
from types import ModuleType
from typing import Any

import pytest

from homeward.casework.people.rules import letters, lexicon, names, native, particles
from homeward.casework.people.rules.table import Meets, rules

NEVER = re.compile(r"(?!)")
MODULES = (letters, lexicon, native, particles, names)


def same(found: Any) -> Any:
    return found


# How each rule is taken away: the module, the name in it, and what stands there instead.
AWAY: dict[str, tuple[ModuleType, str, Any]] = {
    "signs": (letters, "APOSTROPHES", ""),
    "cyrillic": (letters, "_LETTERS", letters.ARABIC),
    "arabic": (letters, "_LETTERS", letters.CYRILLIC),
    "arabic-article": (letters, "_ARABIC_ARTICLE", "\0"),
    "arabic-aj": (letters, "_ARABIC_AJ", "\0"),
    "silent-ayn": (letters, "_SILENT_AYN", NEVER),
    "doubles": (letters, "_DOUBLES", re.compile(r"(?!)(.)")),
    "final-glide": (letters, "_FINAL_GLIDE", NEVER),
    "strokeless": (letters, "_STROKELESS", NEVER),
    "birth-name": (particles, "_MARKERS", frozenset()),
    "child-of": (particles, "_CHILD_OF", frozenset()),
    "child-of-between": (particles, "_CHILD_OF_BETWEEN", frozenset()),
    "articles": (particles, "_ARTICLES", frozenset()),
    "swallowed-article": (particles, "_SWALLOWED", NEVER),
    "initials": (particles, "_SHORTEST", 0),
    "father-of": (particles, "_FATHER_OF", frozenset({"abu"})),
    "mother-of": (particles, "_MOTHER_OF", frozenset({"um"})),
    "caliph": (particles, "_BEKR", "\0"),
    "servants": (particles, "_join_servants", same),
    "servants-joined": (particles, "_ABD_JOINED", NEVER),
    "names-of-god": (particles, "_GOD_BY_CONSONANTS", {}),
    "faith": (particles, "_join_faith", same),
    "faith-joined": (particles, "_DIN_JOINED", NEVER),
    "islam": (particles, "_ISLAM", "\0"),
    "allah": (particles, "_join_god", same),
    "allah-joined": (particles, "_ALLAH_JOINED", NEVER),
    "final-h": (particles, "_FINAL_H", NEVER),
    "cases": (particles, "_CASE_ENDINGS", ()),
    "lexicon": (lexicon, "_NAMES", {}),
    "family-endings": (lexicon, "_FAMILY_ENDINGS", ()),
    "vowels": (names, "_VOWELS", frozenset()),
    "confused": (names, "_CONFUSED", {}),
    "joined": (names, "_joined_parts", lambda field, start: []),
    "order": (names, "_pair", lambda one, other: f"{one}&{other}"),
    "slips": (names, "_slips", lambda bones: iter(())),
}
RULES = list(rules())


def without(rule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes one rule away, and everything that was remembered while it held."""
    if rule.code.startswith("sound-"):
        spellings = next(
            sound.spellings for sound in letters.SOUNDS if rule.code == f"sound-{sound.spellings[0]}"
        )
        clusters = {key: value for key, value in letters._CLUSTERS.items() if key not in spellings}
        longest = re.compile("|".join(sorted(map(re.escape, clusters), key=len, reverse=True)))
        monkeypatch.setattr(letters, "_CLUSTERS", clusters)
        monkeypatch.setattr(letters, "_LONGEST_FIRST", longest)
    elif rule.code.startswith("read-as-"):
        monkeypatch.setattr(
            letters,
            "ALTERNATES",
            [one for one in letters.ALTERNATES if rule.code != f"read-as-{one.meant[0]}"],
        )
    else:
        module, name, instead = AWAY[rule.code]
        monkeypatch.setattr(module, name, instead)
    forget()


def forget() -> None:
    for found in chain.from_iterable(vars(module).values() for module in MODULES):
        clear: Callable[[], None] | None = getattr(found, "cache_clear", None)
        if clear:
            clear()


@pytest.fixture(autouse=True)
def nothing_remembered():
    forget()
    yield
    forget()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_two_names_meet_by_a_rule_and_by_no_other(rule, monkeypatch):
    assert rule.holds(), f"{rule.example} do not meet: {rule.what}"

    without(rule, monkeypatch)

    assert not rule.holds(), f"{rule.example} meet also without: {rule.what}"


def test_every_rule_says_where_it_comes_from():
    assert len({rule.code for rule in RULES}) == len(RULES) > 50
    for rule in RULES:
        assert rule.what.endswith("."), rule.code
        assert len(rule.source) > 15, rule.code
        assert rule.meets in Meets


def test_every_rule_can_be_taken_away():
    assert set(AWAY) == {rule.code for rule in RULES if not rule.code.startswith(("sound-", "read-as-"))}
