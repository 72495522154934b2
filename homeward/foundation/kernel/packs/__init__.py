"""What is particular to one country, read from YAML files and checked before anybody relies on it.

`load("kosovo")` reads `packs/kosovo/`. docs/how-to/write-a-country-pack.md describes every file; in short:

- `pack.yaml`: name, version, country{}, languages
- `municipalities.yaml`: districts[code, name{}], municipalities[code, name{}, district, official_languages,
  population?]
- `institution-kinds.yaml`: [code, name{}, party, units?, focal_point?]
- `institutions.yaml`: [code, kind, name{}, short, municipality?, units?]; a unit is
  (code, name{}, categories?, listed?)
- `categories.yaml`: [name, label{}, explanation{}, break_glass]
- `protocols.yaml`: [code, title{}, provider, receiver, legal_basis{}, purpose{}, valid_from, valid_until,
  ages[from?, until?]?, signatures[institution, name_of_office, on]?, clauses[category, depth, writes?]]
- `terms.yaml`: term: {}
- any other file is a section of its own, taken as it is: `demo.yaml`, `intake/<sender>.yaml`, …

Here `{}` is a text in every language of the pack and `?` what may be left out. Everything that is wrong is
refused at once (`PackRefused.faults`), each with file, line, place inside and what was expected.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import homeward
from homeward.foundation.kernel.packs.reading import (
    CODE,
    LANGUAGE,
    NAME,
    Entry,
    Faults,
    PackFault,
    PackRefused,
    read,
)
from homeward.foundation.kernel.packs.words import Words, in_latin

__all__ = [
    "DEPTHS",
    "NEVER_BREAK_GLASS",
    "PARTIES",
    "Category",
    "Clause",
    "District",
    "Entry",
    "Institution",
    "InstitutionKind",
    "Municipality",
    "Pack",
    "PackFault",
    "PackRefused",
    "Protocol",
    "Signature",
    "Terms",
    "Unit",
    "Words",
    "in_latin",
    "load",
]

FOLDER = Path(homeward.__file__).resolve().parents[1] / "packs"

PARTIES = (
    "state",
    "security",
    "judicial",
    "oversight",
    "municipal",
    "cso",
    "religious",
    "international",
    "donor",
)
DEPTHS = ("none", "existence", "summary", "full")

# What somebody without a right never opens, in an emergency neither (DECISIONS, break-glass).
NEVER_BREAK_GLASS = frozenset({"health", "counselling", "child_protection", "gender_violence"})

# What was confided to a school, a doctor, a counsellor or those who protect a child is never seen by a unit that keeps
# security or intelligence files. The database says the same (institutions/sql/policies.sql) and has the last word.
_CONFIDED = frozenset({"education", "health", "counselling", "child_protection", "gender_violence"})
_WATCHING = frozenset({"security", "intelligence"})

_NEEDED = (
    "municipalities",
    "institution-kinds",
    "institutions",
    "categories",
    "protocols",
    "terms",
)

Terms = Mapping[str, Words]


@dataclass(frozen=True)
class District:
    """A part of the country that holds several municipalities."""

    code: str
    name: Words


@dataclass(frozen=True)
class Municipality:
    """Where a family lives and which local offices are theirs."""

    code: str
    name: Words
    district: str
    official_languages: tuple[str, ...]
    population: int | None = None


@dataclass(frozen=True)
class Unit:
    """A part of an institution whose members see less than the whole of it.

    `categories` is the most they can see, or None for all that the institution may. The members of a unit that
    is not `listed` stand in no directory of other institutions.
    """

    code: str
    name: Words
    categories: frozenset[str] | None = None
    listed: bool = False


@dataclass(frozen=True)
class InstitutionKind:
    """A kind of institution, such as schools, with the units each of them has unless it names its own.

    Each institution of a kind with `focal_point` has the post of a focal point, filled or vacant.
    """

    code: str
    name: Words
    party: str
    units: tuple[Unit, ...] = ()
    focal_point: bool = False


@dataclass(frozen=True)
class Institution:
    """An office, school or organisation that takes part. `units` are its own or those of its kind."""

    code: str
    kind: str
    name: Words
    short: Words
    municipality: str | None = None
    units: tuple[Unit, ...] = ()


@dataclass(frozen=True)
class Category:
    """What a category of data is called here, and whether an emergency can open it."""

    name: str
    label: Words
    explanation: Words
    break_glass: bool


@dataclass(frozen=True)
class Signature:
    """The office, never the person, that signed a protocol for an institution, and when."""

    institution: str
    name_of_office: Words
    on: date


@dataclass(frozen=True)
class Clause:
    """How deep the receiver sees into one category, and whether it may write there."""

    category: str
    depth: str
    writes: bool = False


@dataclass(frozen=True)
class Protocol:
    """Who may share what with whom, on which legal basis, for what and until when.

    `provider` and `receiver` are the code of an institution or of a kind of institution.
    """

    code: str
    title: Words
    provider: str
    receiver: str
    legal_basis: Words
    purpose: Words
    valid_from: date
    valid_until: date
    signatures: tuple[Signature, ...]
    clauses: tuple[Clause, ...]
    from_age: int | None = None
    until_age: int | None = None


@dataclass(frozen=True)
class Pack:
    """One country, checked: whatever it names exists in it."""

    name: str
    version: str
    country: Words
    languages: tuple[str, ...]
    districts: tuple[District, ...]
    municipalities: tuple[Municipality, ...]
    kinds: tuple[InstitutionKind, ...]
    institutions: tuple[Institution, ...]
    categories: tuple[Category, ...]
    protocols: tuple[Protocol, ...]
    terms: Terms
    others: Mapping[str, Entry]

    def section(self, name: str) -> Any:
        """What stands in `<name>.yaml`: checked values for the sections above, plain data for any other."""
        known: dict[str, Any] = {
            "districts": self.districts,
            "municipalities": self.municipalities,
            "institution-kinds": self.kinds,
            "institutions": self.institutions,
            "categories": self.categories,
            "protocols": self.protocols,
            "terms": self.terms,
        }
        return known[name] if name in known else self.entry(name).plain()

    def entry(self, name: str) -> Entry:
        """One of the other sections with its places, for whoever checks it; PackRefused if there is none."""
        if name not in self.others:
            fault = PackFault(f"packs/{self.name}/{name}.yaml", 1, "", "a file of this name", "none")
            raise PackRefused(self.name, [fault])
        return self.others[name]


@lru_cache(maxsize=8)
def load(name: str, folder: Path = FOLDER) -> Pack:
    """Read and check the pack of this name; raises PackRefused with everything that is wrong.

    A pack does not change while the program runs, so it is read once.
    """
    home = folder / name
    if not CODE.fullmatch(name) or not (home / "pack.yaml").is_file():
        raise PackRefused(name, [PackFault(f"packs/{name}/pack.yaml", 1, "", "a file of this name", "none")])
    return _Reader(name, home).pack()


class _Reader:
    """Reads one pack from top to bottom, keeping every fault it meets."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.home = home
        self.faults = Faults()
        # The codes of every list, also of items that are faulty in another place: whoever names one of them
        # is not at fault as well.
        self.codes: dict[str, list[str]] = {}
        self.taken: dict[str, set[str]] = defaultdict(set)

    def pack(self) -> Pack:
        version, country, languages = self._about()
        files = self._files(languages)
        districts, municipalities = self._municipalities(files["municipalities"])
        categories = self._categories(files["categories"])
        kinds = self._kinds(files["institution-kinds"])
        institutions = self._institutions(files["institutions"], kinds)
        protocols = self._protocols(files["protocols"])
        terms = self._terms(files["terms"])
        self._stop_if_faulty()
        return Pack(
            name=self.name,
            version=version,
            country=country,
            languages=languages,
            districts=tuple(districts),
            municipalities=tuple(municipalities),
            kinds=tuple(kinds),
            institutions=tuple(institutions),
            categories=tuple(categories),
            protocols=tuple(protocols),
            terms=MappingProxyType(terms),
            others=MappingProxyType({key: file for key, file in files.items() if key not in _NEEDED}),
        )

    def _stop_if_faulty(self) -> None:
        if self.faults.found:
            raise PackRefused(self.name, self.faults.found)

    def _about(self) -> tuple[str, Words, tuple[str, ...]]:
        """What the pack says about itself; without its languages no other file can be judged."""
        with self.faults:
            about = read(self.home / "pack.yaml", f"packs/{self.name}/pack.yaml").fields(
                ("name", "version", "country", "languages")
            )
            if about["name"].text() != self.name:
                raise about["name"].fault(f"“{self.name}”, the name of the folder")
            languages = tuple(self._languages(about["languages"]))
            if not languages:
                raise about["languages"].fault("at least one language")
            country = replace(about["country"], languages=languages).words()
            return about["version"].text(), country, languages
        self._stop_if_faulty()
        raise AssertionError("unreachable: without a fault the pack has said what it is")

    def _languages(self, entry: Entry) -> list[str]:
        languages: list[str] = []
        for item in entry.items():
            if not isinstance(item.value, str) or not LANGUAGE.fullmatch(item.value):
                raise item.fault("a language such as sq, sr or sr-latn")
            if item.value in languages:
                raise item.fault("every language once")
            languages.append(item.value)
        return languages

    def _files(self, languages: tuple[str, ...]) -> dict[str, Entry]:
        """Every file of the pack but the first; without all that are needed nothing can be compared."""
        files: dict[str, Entry] = {}
        for path in sorted(self.home.rglob("*.yaml")):
            section = path.relative_to(self.home).with_suffix("").as_posix()
            if section != "pack":
                with self.faults:
                    files[section] = read(path, f"packs/{self.name}/{section}.yaml", languages)
        for section in _NEEDED:
            if section not in files and not (self.home / f"{section}.yaml").exists():
                self.faults.add(
                    PackFault(f"packs/{self.name}/{section}.yaml", 1, "", "a file of this name", "none")
                )
        self._stop_if_faulty()
        return files

    def _municipalities(self, file: Entry) -> tuple[list[District], list[Municipality]]:
        districts: list[District] = []
        municipalities: list[Municipality] = []
        with self.faults:
            lists = file.fields(("districts", "municipalities"))
            for item in self._list("districts", lists["districts"]):
                with self.faults:
                    fields = item.fields(("code", "name"))
                    code = self._new_code(fields["code"], "districts")
                    districts.append(District(code, fields["name"].words()))
            for item in self._list("municipalities", lists["municipalities"]):
                with self.faults:
                    fields = item.fields(("code", "name", "district", "official_languages"), ("population",))
                    municipalities.append(
                        Municipality(
                            code=self._new_code(fields["code"], "municipalities"),
                            name=fields["name"].words(),
                            district=self._one_of("districts", fields["district"]),
                            official_languages=tuple(self._languages(fields["official_languages"])),
                            population=fields["population"].number() if "population" in fields else None,
                        )
                    )
        return districts, municipalities

    def _categories(self, file: Entry) -> list[Category]:
        categories: list[Category] = []
        with self.faults:
            for item in self._list("categories", file, "name"):
                with self.faults:
                    fields = item.fields(("name", "label", "explanation", "break_glass"))
                    name = self._new_code(fields["name"], "categories", NAME)
                    break_glass = fields["break_glass"].flag()
                    if break_glass and name in NEVER_BREAK_GLASS:
                        raise fields["break_glass"].fault(
                            f"false: {name} is never opened by breaking the glass, in no country"
                        )
                    categories.append(
                        Category(name, fields["label"].words(), fields["explanation"].words(), break_glass)
                    )
        return categories

    def _units(self, entry: Entry | None) -> tuple[Unit, ...]:
        units: list[Unit] = []
        entry_units = f"units of {entry.file} {entry.path}" if entry else ""
        for item in entry.items() if entry else []:
            with self.faults:
                fields = item.fields(("code", "name"), ("categories", "listed"))
                narrowed = None
                if "categories" in fields:
                    narrowed = frozenset(
                        self._one_of("categories", one) for one in fields["categories"].items()
                    )
                    if narrowed & _WATCHING and narrowed & _CONFIDED:
                        raise fields["categories"].fault(
                            "another unit for what was confided to others: one that keeps security or intelligence "
                            "files never sees " + ", ".join(sorted(narrowed & _CONFIDED))
                        )
                units.append(
                    Unit(
                        code=self._new_code(fields["code"], entry_units),
                        name=fields["name"].words(),
                        categories=narrowed,
                        listed=fields["listed"].flag() if "listed" in fields else False,
                    )
                )
        return tuple(units)

    def _kinds(self, file: Entry) -> list[InstitutionKind]:
        kinds: list[InstitutionKind] = []
        with self.faults:
            for item in self._list("kinds", file):
                with self.faults:
                    fields = item.fields(("code", "name", "party"), ("units", "focal_point"))
                    kinds.append(
                        InstitutionKind(
                            code=self._new_code(fields["code"], "kinds"),
                            name=fields["name"].words(),
                            party=fields["party"].choice(PARTIES),
                            units=self._units(fields.get("units")),
                            focal_point=fields["focal_point"].flag() if "focal_point" in fields else False,
                        )
                    )
        return kinds

    def _institutions(self, file: Entry, kinds: list[InstitutionKind]) -> list[Institution]:
        institutions: list[Institution] = []
        units_of_kind = {kind.code: kind.units for kind in kinds}
        with self.faults:
            for item in self._list("institutions", file):
                with self.faults:
                    fields = item.fields(("code", "kind", "name", "short"), ("municipality", "units"))
                    code = self._new_code(fields["code"], "institutions")
                    if code in self.codes.get("kinds", []):
                        raise fields["code"].fault("another code than that of a kind of institution")
                    kind = self._one_of("kinds", fields["kind"])
                    where = fields.get("municipality")
                    institutions.append(
                        Institution(
                            code=code,
                            kind=kind,
                            name=fields["name"].words(),
                            short=fields["short"].words(may_be_same_everywhere=True),
                            municipality=self._one_of("municipalities", where) if where else None,
                            units=self._units(fields.get("units")) or units_of_kind.get(kind, ()),
                        )
                    )
        return institutions

    def _protocols(self, file: Entry) -> list[Protocol]:
        protocols: list[Protocol] = []
        self.codes["kinds or institutions"] = [
            *self.codes.get("kinds", []),
            *self.codes.get("institutions", []),
        ]
        with self.faults:
            for item in file.items():
                with self.faults:
                    fields = item.fields(
                        (
                            "code",
                            "title",
                            "provider",
                            "receiver",
                            "legal_basis",
                            "purpose",
                            "valid_from",
                            "valid_until",
                            "clauses",
                        ),
                        ("signatures", "ages"),
                    )
                    valid_from, valid_until = fields["valid_from"].day(), fields["valid_until"].day()
                    if valid_until <= valid_from:
                        raise fields["valid_until"].fault(
                            f"a day after {valid_from}, when the protocol begins"
                        )
                    protocols.append(
                        Protocol(
                            code=self._new_code(fields["code"], "protocols"),
                            title=fields["title"].words(),
                            provider=self._one_of("kinds or institutions", fields["provider"]),
                            receiver=self._one_of("kinds or institutions", fields["receiver"]),
                            legal_basis=fields["legal_basis"].words(),
                            purpose=fields["purpose"].words(),
                            valid_from=valid_from,
                            valid_until=valid_until,
                            signatures=self._signatures(fields.get("signatures")),
                            clauses=self._clauses(fields["clauses"]),
                            **self._ages(fields.get("ages")),
                        )
                    )
        return protocols

    def _ages(self, entry: Entry | None) -> dict[str, int]:
        """About whom a protocol is: people who are at least `from` years old, and nobody who is `until` or older."""
        if entry is None:
            return {}
        found = {f"{name}_age": age.number(1) for name, age in entry.fields((), ("from", "until")).items()}
        if not found or found.get("from_age", 0) >= found.get("until_age", 200):
            raise entry.fault("from which age, until which greater age, or one of the two")
        return found

    def _signatures(self, entry: Entry | None) -> tuple[Signature, ...]:
        signatures: list[Signature] = []
        for item in entry.items() if entry else []:
            with self.faults:
                fields = item.fields(("institution", "name_of_office", "on"))
                signatures.append(
                    Signature(
                        institution=self._one_of("institutions", fields["institution"]),
                        name_of_office=fields["name_of_office"].words(may_be_same_everywhere=True),
                        on=fields["on"].day(),
                    )
                )
        return tuple(signatures)

    def _clauses(self, entry: Entry) -> tuple[Clause, ...]:
        clauses: list[Clause] = []
        if not entry.items():
            raise entry.fault("at least one clause")
        for item in entry.items():
            with self.faults:
                fields = item.fields(("category", "depth"), ("writes",))
                category = self._one_of("categories", fields["category"])
                if category in [clause.category for clause in clauses]:
                    raise fields["category"].fault("every category once in a protocol")
                depth = fields["depth"].choice(DEPTHS)
                writes = fields["writes"].flag() if "writes" in fields else False
                if depth == "none" and not writes:
                    raise fields["depth"].fault(
                        "writes: true beside the depth none, else the clause says nothing"
                    )
                clauses.append(Clause(category, depth, writes))
        return tuple(clauses)

    def _terms(self, file: Entry) -> dict[str, Words]:
        terms: dict[str, Words] = {}
        with self.faults:
            for key, entry in file.mapping().items():
                with self.faults:
                    terms[key] = entry.words()
        return terms

    def _list(self, what: str, entry: Entry, key: str = "code") -> list[Entry]:
        """The items of a list, with the codes of all of them noted before any is judged."""
        items = entry.items()
        mappings = [item.value for item in items if isinstance(item.value, dict)]
        self.codes[what] = [str(mapping[key].value) for mapping in mappings if key in mapping]
        return items

    def _new_code(self, entry: Entry, what: str, pattern: re.Pattern[str] = CODE) -> str:
        """A code that nothing before it in the same list has."""
        code = entry.code(pattern)
        if code in self.taken[what]:
            raise entry.fault("a code that occurs once")
        self.taken[what].add(code)
        return code

    def _one_of(self, what: str, entry: Entry) -> str:
        """The code of something that exists in this pack."""
        return entry.choice(self.codes.get(what, []), f"one of the {what}:")
