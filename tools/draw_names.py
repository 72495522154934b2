"""Draws the rules by which spellings of a name meet, from the program into docs/domain/names.md.

    .venv/bin/python -m tools.draw_names [--check]

The page is never written by hand: whoever doubts a rule disputes its source here and changes it in
homeward/casework/people/rules. `--check` writes nothing and fails when the page is not what the rules say.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from homeward.casework.people.rules.lexicon import classes
from homeward.casework.people.rules.names import FOLD_VERSION, fold, skeletons
from homeward.casework.people.rules.table import MEANINGS, Meets, Rule, rules

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "domain" / "names.md"


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    known = list(classes())
    yield f"""# One name, ten spellings

Drawn from `homeward/casework/people/rules` by `tools/draw_names.py`; do not edit. Version {FOLD_VERSION} of the rules; every
name is filed under it, and filed anew by `manage.py refold_names`, or by the worker in the background, when it changes.
How well names are found is measured in [names-proof.md](names-proof.md).

A name passes through these rules in the order of the table and comes out as its **fold**, in the letters a-z: `c` stands
for every ch-like sound and `x` for every dj-like one. Names with one fold are spellings of one name. A **skeleton** keeps
the consonants of a fold only, and is for finding: more meets there than is the same. Nothing is filed in clear text but
folds and skeletons; the numbers under which two words, or a word and a year, are filed together are HMAC-SHA256 under a
secret of the installation.

Every rule holds for all names: nobody guesses at the language of a person. Each stands with the source of the spelling
and with two names that meet by this rule and by no other; `tests/casework/people/test_table.py` takes each away and sees
them part. Who finds a rule wrong names it by its code.

| how they meet | means |
|---|---|"""
    for meets in Meets:
        yield f"| {meets} | {MEANINGS[meets]} |"
    yield """
| code | rule | source | two names | fold, skeletons | meet |
|---|---|---|---|---|---|"""
    for rule in rules():
        yield _row(rule)
    yield f"""
## Names that no rule of letters brings together

{len(known)} names with {sum(len(forms) for _name, forms in known)} forms. A list of spellings, not of meanings: Muhamet and Mehmet come from one
Arabic word and are two names. A family called after a name follows it: Rexhepi, Redžepi, Recepi.

| name | fold | forms |
|---|---|---|"""
    for name, forms in known:
        yield f"| {name} | `{' '.join(fold(name))}` | {', '.join(forms[1:])} |"
    yield """
## Two names beside each other

How alike two names are (`rules/likeness.py`, `manage.py names compare FILE.csv`) is another question than whether they
are filed together. Every word of the one is laid beside a word of the other, and the weakest pair decides:

- one name in two spellings, or two forms of the list above, count in full;
- a reading, an ending of declension, or vowels that a script leaves out, count a little less;
- a slip of the pen counts by the share of letters it spoils;
- two names that both are known to be names count as two, however few letters part them: Besim and Bekim;
- Liridon and Liridona, Hoxha and Hoxhaj, Hamza and Abu Hamza and Umm Hamza count as two;
- Ali Hasani and Hasan Aliu, and a father and his son, are told by the places of the words;
- a word that only one of the two has, as a father's name, costs little; a word on either side that no other meets, much.

The figure orders pairs. It is no probability, and nothing is ever merged because of it."""


def _row(rule: Rule) -> str:
    one, other = rule.example
    folds = " · ".join(
        f"`{' '.join(fold(name))}` {', '.join(skeletons(name))}" for name in dict.fromkeys((one, other))
    )
    cells = (f"`{rule.code}`", rule.what, rule.source, f"{one} · {other}", folds, str(rule.meets))
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def main() -> None:
    """Draws the page, or says whether it is current."""
    parser = argparse.ArgumentParser(description="Draw the rules by which spellings of a name meet.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is not current")
    check = parser.parse_args().check
    wanted = page()
    if PAGE.is_file() and PAGE.read_text("utf-8") == wanted:
        print(f"{PAGE.name} is current")
    elif check:
        raise SystemExit(f"{PAGE.name} is not current: .venv/bin/python -m tools.draw_names")
    else:
        PAGE.write_text(wanted, "utf-8")
        print(f"{PAGE.name} drawn")


if __name__ == "__main__":
    main()
