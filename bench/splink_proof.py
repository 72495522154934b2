"""Splink 5 on DuckDB over the same lists as our own model: once on plain names, once on our folds.

Both get the same blocks of their kind, are trained by expectation maximisation on the lists themselves, as Splink is meant
to be, and take the threshold that was best on the other country. On a cluster the same settings run unchanged on
`splink.backends.spark.SparkAPI`: the folds are columns, computed before (docs/domain/names-proof.md).
"""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from homeward.casework.people.rules.linkage import Record, _tokens

if TYPE_CHECKING:
    from bench.link_proof import Line, Measured

WORDS = ("given", "family", "father")


def measure(lines: Sequence[Line], same: set[tuple[int, int]]) -> Iterator[Measured]:
    """Splink on plain names and on our folds, each with the threshold that was best on the other country."""
    from bench.link_proof import LEARN_SEED, Measured, lists, truth

    other = lists(20_000, LEARN_SEED)
    known = truth(other)
    for method, table in (("Splink 5, plain names", _plain), ("Splink 5, own folds", _folded)):
        threshold = _best(_predicted(other, table), known)
        began = time.perf_counter()
        found = _predicted(lines, table)
        seconds = time.perf_counter() - began
        chosen = {pair for pair, weight in found if weight >= threshold}
        yield Measured(method, len(chosen & same) / len(chosen), len(chosen & same) / len(same), seconds)


def _best(found: Sequence[tuple[tuple[int, int], float]], same: set[tuple[int, int]]) -> float:
    hits, best = 0, (0.0, 0.0)
    for count, (pair, weight) in enumerate(sorted(found, key=lambda each: -each[1]), 1):
        hits += pair in same
        best = max(best, (2 * hits / (count + len(same)), weight))
    return best[1]


def _ascii(text: str) -> str:
    """Without accents, in small letters; other scripts stay as they are, as they do without rules of one's own."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return (
        "".join(letter for letter in plain if not unicodedata.combining(letter))
        .replace("đ", "d")
        .replace("ı", "i")
    )


def _plain(record: Record) -> dict[str, Any]:
    name = record.names[0]
    words = {word: _ascii(getattr(name, word)) or None for word in WORDS}
    bones = sorted({word for word in words.values() if word})
    return {**words, **{f"{word}_bone": words[word] and words[word][:4] for word in WORDS}, "families": [words["family"]],
            "pairs": _pairs(bones, record)}  # fmt: skip


def _folded(record: Record) -> dict[str, Any]:
    name = record.names[0]
    folds = {
        word: " ".join(sound for _w, sound, _b in _tokens(getattr(name, word))) or None for word in WORDS
    }
    bones = {
        word: " ".join(found[0] for _w, _s, found in _tokens(getattr(name, word))) or None for word in WORDS
    }
    families = [sound for one in record.names for _w, sound, _b in _tokens(one.family)]
    every = sorted(
        {
            bone
            for one in record.names
            for word in WORDS
            for _w, _s, found in _tokens(getattr(one, word))
            for bone in found
        }
    )
    return {
        **folds,
        **{f"{word}_bone": bones[word] for word in WORDS},
        "families": families,
        "pairs": _pairs(every, record),
    }


def _pairs(bones: Sequence[str], record: Record) -> list[str]:
    """Two words and the year, this one and the next, as our own blocks are."""
    if not record.born:
        return []
    year = int(record.born[:4])
    return [f"{one}&{other}@{at}" for one, other in combinations(bones, 2) for at in (year, year + 1)]


def _predicted(lines: Sequence[Line], table: Any) -> list[tuple[tuple[int, int], float]]:
    import pyarrow as pa
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rows = [
        {"unique_id": number, **table(line.record), "sex": line.record.sex or None, "place": line.record.place or None,
         "born": line.record.born if len(line.record.born) == 10 and not line.record.born.endswith("-01-01") else None,
         "year": int(line.record.born[:4]) if line.record.born else None}
        for number, line in enumerate(lines)
    ]  # fmt: skip

    def name(word: str) -> Any:
        near = f"jaro_winkler_similarity({word}_l, {word}_r) >= 0.9"
        return comparisons.CustomComparison(
            output_column_name=word,
            comparison_levels=[
                levels.NullLevel(word),
                levels.ExactMatchLevel(word, term_frequency_adjustments=True),
                *(
                    [levels.CustomLevel("list_has_any(families_l, families_r)", "a common family name")]
                    if word == "family"
                    else []
                ),
                levels.CustomLevel(f"{word}_bone_l = {word}_bone_r", "same consonants"),
                levels.CustomLevel(near, "alike"),
                levels.ElseLevel(),
            ],
        )

    date = comparisons.CustomComparison(
        output_column_name="born",
        comparison_levels=[
            levels.CustomLevel("year_l is null or year_r is null", "not known").configure(is_null_level=True),
            levels.CustomLevel("born_l = born_r", "same day"),
            levels.CustomLevel(
                "born_l is not null and born_r is not null and damerau_levenshtein(born_l, born_r) <= 1",
                "nearly",
            ),
            levels.CustomLevel("year_l = year_r", "same year"),
            levels.CustomLevel("abs(year_l - year_r) <= 1", "next year"),
            levels.ElseLevel(),
        ],
    )
    blocks: list[Any] = [
        block_on("pairs", arrays_to_explode=["pairs"]),
        block_on("given_bone", "family_bone", "father_bone"),
        block_on("given_bone", "born"),
        block_on("family_bone", "born"),
        block_on("given_bone", "family_bone", "place"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            name("given"),
            name("family"),
            name("father"),
            date,
            comparisons.ExactMatch("sex"),
            comparisons.ExactMatch("place"),
        ],
        blocking_rules_to_generate_predictions=blocks,
        probability_two_random_records_match=1 / len(lines),
        retain_matching_columns=False,
    )
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI()
    linker = Linker(api.register(pa.Table.from_pylist(rows)), settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in (block_on("given_bone", "year"), block_on("family_bone", "born")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_weight=-12).as_record_list()
    return [
        (
            (min(one["unique_id_l"], one["unique_id_r"]), max(one["unique_id_l"], one["unique_id_r"])),
            one["match_weight"],
        )
        for one in found
    ]
