"""Draws who may see what, from the protocols of a country pack into docs/domain/protocols.md.

    .venv/bin/python -m tools.draw_protocols [--check]

The page is never written by hand: whoever wants another rule changes packs/kosovo/protocols.yaml and draws again.
`--check` writes nothing and fails when the page is not what the protocols say.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeward.foundation.kernel.packs import DEPTHS, Category, Clause, Pack, Protocol, Words, load

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "domain" / "protocols.md"

SIGNS = {"none": "own", "existence": "exists", "summary": "summary", "full": "full"}
READS = ("summary", "full")  # a depth at which the content of others is read, not only that it is there


@dataclass(frozen=True)
class Party:
    """One line of the matrix: a kind of institution, and the clauses of all protocols that name it as receiver."""

    kind: str
    name: str
    protocols: tuple[Protocol, ...]

    def clause(self, category: str) -> Clause | None:
        """The widest that any of its protocols gives it of this category, or nothing."""
        found = [one for protocol in self.protocols for one in protocol.clauses if one.category == category]
        if not found:
            return None
        deepest = max(found, key=lambda one: DEPTHS.index(one.depth))
        return Clause(category, deepest.depth, any(one.writes for one in found))


def kind_of(pack: Pack, code: str) -> str:
    """The kind behind a provider or receiver, which may be named as an institution or as a kind."""
    return next((one.kind for one in pack.institutions if one.code == code), code)


def is_mandate(protocol: Protocol) -> bool:
    """Whether it says what an institution may do in a case it leads itself."""
    return protocol.provider == protocol.receiver


def parties(pack: Pack, *, leading: bool) -> list[Party]:
    """The receivers, in the order of the pack's kinds: as leads of a case, or as those who are let in."""
    chosen = [one for one in pack.protocols if is_mandate(one) is leading]
    return [
        Party(kind.code, _en(kind.name), mine)
        for kind in pack.kinds
        if (mine := tuple(one for one in chosen if kind_of(pack, one.receiver) == kind.code))
    ]


def without_protocol(pack: Pack) -> list[str]:
    """Kinds of institution that no protocol lets near a person."""
    named = {kind_of(pack, one.receiver) for one in pack.protocols}
    return [_en(kind.name) for kind in pack.kinds if kind.code not in named]


def page(pack: Pack) -> str:
    """The whole page as Markdown."""
    return "\n".join(_lines(pack)) + "\n"


def _receiver(pack: Pack, protocol: Protocol) -> str:
    kind = kind_of(pack, protocol.receiver)
    return next(_en(one.name) for one in pack.kinds if one.code == kind)


def _ages(protocol: Protocol) -> str:
    ages = [f"from {protocol.from_age} on"] if protocol.from_age else []
    return " ".join([*ages, f"under {protocol.until_age}"] if protocol.until_age else ages)


def _lines(pack: Pack) -> Iterator[str]:
    yield f"""# Who may see what

Drawn from `packs/{pack.name}/protocols.yaml` by `tools/draw_protocols.py`; do not edit. What is not in these tables
is not shared. Every signature in the pack is a demonstration: no office has signed anything.

| sign | means |
|---|---|
| full | everything in the category |
| summary | the essentials |
| exists | only that there is something |
| own | only what the institution wrote itself |
| + w | it may also write, and always reads what it wrote itself |
| (nothing) | not shared |

## In a case that another institution leads

An institution is let in by the lead of the case, for a reason and for a time. Where several protocols could let it
in, the table shows the widest.
"""
    yield from _matrix(pack, parties(pack, leading=False))
    yield """
## In a case it leads itself
"""
    yield from _matrix(pack, parties(pack, leading=True))
    yield f"""
No protocol, and so no person in sight: {_and(without_protocol(pack))}.

## Units that see less than their institution
"""
    yield from _table(
        ("institution", "unit", "its categories", "in other institutions' directories"),
        (
            (_en(institution.short), _en(unit.name), _labels(pack, unit.categories), _yes(unit.listed))
            for institution in pack.institutions
            for unit in institution.units
            if unit.categories is not None
        ),
    )
    yield """
## Protocols that are not about everybody

Whose age nobody knows counts as a child: not old enough for the first, not too old for the second. What a protocol
opened for a child ends by itself on the birthday.
"""
    yield from _table(
        ("protocol", "receiver", "about people"),
        (
            (_en(one.title), _receiver(pack, one), _ages(one))
            for one in pack.protocols
            if one.from_age or one.until_age
        ),
    )
    yield """
## The same from the other side

For each category: who reads what others wrote in it, who only knows that there is something, and who keeps a file
of its own in it.
"""
    yield from _table(
        ("category", "what it holds", "reads", "knows that it exists", "writes", "an emergency opens it"),
        (_category(pack, one) for one in pack.categories),
    )
    yield """
## The protocols
"""
    for protocol in pack.protocols:
        yield from _protocol(pack, protocol)


def _matrix(pack: Pack, columns: Sequence[Party]) -> Iterator[str]:
    yield from _table(
        ("", *(one.name for one in columns)),
        (
            (f"**{_en(category.label)}**", *(_cell(one.clause(category.name)) for one in columns))
            for category in pack.categories
        ),
    )


def _cell(clause: Clause | None) -> str:
    if clause is None:
        return ""
    return SIGNS[clause.depth] + (" + w" if clause.writes and clause.depth != "none" else "")


def _category(pack: Pack, category: Category) -> tuple[str, ...]:
    reads: list[str] = []
    knows: list[str] = []
    writes: list[str] = []
    for kind in pack.kinds:
        mine = tuple(one for one in pack.protocols if kind_of(pack, one.receiver) == kind.code)
        clause = Party(kind.code, _en(kind.name), mine).clause(category.name)
        if clause is None:
            continue
        if clause.depth in READS:
            reads.append(_en(kind.name))
        elif clause.depth == "existence":
            knows.append(_en(kind.name))
        if clause.writes:
            writes.append(_en(kind.name))
    return (
        f"**{_en(category.label)}**",
        _en(category.explanation),
        _and(reads),
        _and(knows),
        _and(writes),
        _yes(category.break_glass),
    )


def _protocol(pack: Pack, protocol: Protocol) -> Iterator[str]:
    shown = [language for language in pack.languages if language != "en"]
    yield f"### {_en(protocol.title)}\n"
    yield f"`{protocol.code}` · {' · '.join(f'*{protocol.title[language]}*' for language in shown)}\n"
    yield f"- **From** {_name(pack, protocol.provider)} **to** {_name(pack, protocol.receiver)}"
    yield f"- **Why**: {_en(protocol.purpose)}"
    yield f"- **On which basis**: {_en(protocol.legal_basis)}"
    yield f"- **From when to when**: {protocol.valid_from} to {protocol.valid_until}"
    yield f"- **Signed by**: {_and(_signature(pack, protocol)) or 'nobody yet'}"
    yield "- **What**: " + "; ".join(_clause(pack, one) for one in protocol.clauses) + "\n"


def _signature(pack: Pack, protocol: Protocol) -> list[str]:
    return [
        f"{_name(pack, one.institution)}, {_en(one.name_of_office)}, {one.on}" for one in protocol.signatures
    ]


def _clause(pack: Pack, clause: Clause) -> str:
    label = next(_en(one.label) for one in pack.categories if one.name == clause.category)
    return f"{label} ({_cell(clause)})"


def _name(pack: Pack, code: str) -> str:
    """The short name of an institution, or a kind of institution in full."""
    for institution in pack.institutions:
        if institution.code == code:
            return _en(institution.short)
    return f"any {_lower(next(_en(kind.name) for kind in pack.kinds if kind.code == code))}"


def _labels(pack: Pack, categories: Iterable[str]) -> str:
    chosen = set(categories)
    return ", ".join(_en(one.label) for one in pack.categories if one.name in chosen)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _and(words: Iterable[str]) -> str:
    return "; ".join(words)


def _yes(claim: bool) -> str:
    return "yes" if claim else "no"


def _lower(text: str) -> str:
    """A name inside a sentence: a proper noun keeps its capital."""
    return text if text.split()[0].isupper() or text.startswith("Centre") else text[0].lower() + text[1:]


def _en(words: Words) -> str:
    return words.in_language("en")


def main() -> None:
    """Draws the page, or says whether it is current."""
    parser = argparse.ArgumentParser(description="Draw who may see what from the protocols of packs/kosovo.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is not current")
    check = parser.parse_args().check
    wanted = page(load("kosovo"))
    if PAGE.is_file() and PAGE.read_text("utf-8") == wanted:
        print(f"{PAGE.name} is current")
    elif check:
        raise SystemExit(f"{PAGE.name} is not current: .venv/bin/python -m tools.draw_protocols")
    else:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(wanted, "utf-8")
        print(f"{PAGE.name} drawn")


if __name__ == "__main__":
    main()
