"""Reads one YAML file of a country pack so that every refusal can say where it looked and what it wanted.

The reader knows no section. It hands out entries — a value with its place — and whoever reads a section asks
each entry for what should stand there: a text, a number, a day, a list. Only a small, safe part of YAML is
understood: no tags, no anchors, no key twice, and only `true` and `false` mean yes and no, so that the
language code `no` and the key `on` stay the words they are.

The refusals are written for whoever maintains a pack and appear in a terminal; they are in English.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from homeward.foundation.kernel.errors import Refusal
from homeward.foundation.kernel.packs.words import Words

CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,8})?")

_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUTH = {"true": True, "false": False}
_NOTHING = {"", "~", "null"}
_QUOTES = {"'", '"', "|", ">"}
_FILE_LIMIT = 2_000_000
_DEPTH_LIMIT = 20

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PackFault(Exception):
    """One thing that is wrong in a pack: file, line, place inside, what was expected and what stood there."""

    def __init__(self, file: str, line: int, path: str, expected: str, found: str = "") -> None:
        self.file, self.line, self.path, self.expected, self.found = file, line, path, expected, found
        super().__init__(str(self))

    def __str__(self) -> str:
        found = f", found {self.found}" if self.found else ""
        return (
            f"{self.file}, line {self.line}, {self.path or 'the whole file'}: expected {self.expected}{found}"
        )


class PackRefused(Refusal):
    """A country pack was not taken, with everything that is wrong in it."""

    default_code = "pack_refused"

    def __init__(self, name: str, faults: Sequence[PackFault]) -> None:
        self.name = name
        self.faults = tuple(faults)
        super().__init__("\n".join([f"The country pack “{name}” was refused:", *map(str, faults)]))


@dataclass(frozen=True)
class Entry:
    """One value of a file, with its place."""

    file: str
    line: int
    path: str
    value: Any
    languages: tuple[str, ...] = ()

    def fault(self, expected: str, *, found: str | None = None) -> PackFault:
        """What to raise when this is not what it should be."""
        return PackFault(
            self.file, self.line, self.path, expected, _described(self.value) if found is None else found
        )

    def plain(self) -> Any:
        """The value without its places, as new lists and dicts."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        if isinstance(self.value, list):
            return [entry.plain() for entry in self.value]
        return self.value

    def items(self) -> list[Entry]:
        """The entries of a list; nothing at all counts as an empty list."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.fault("a list (each item begins with “- ”)")
        return self.value

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Entry]:
        """The entries of a mapping with exactly these keys; an optional one without a value is left out."""
        mapping = self.mapping()
        known = [*required, *optional]
        for key, entry in mapping.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f" (did you mean “{near[0]}”?)" if near else ""
                raise PackFault(
                    self.file, entry.line, self.path, f"only the keys {_listed(known)}", f"“{key}”{hint}"
                )
        for key in required:
            if key not in mapping:
                raise PackFault(
                    self.file,
                    self.line,
                    self.path,
                    f"the key “{key}”",
                    f"only {_listed(mapping) or 'nothing'}",
                )
        return {key: entry for key, entry in mapping.items() if key in required or entry.value is not None}

    def mapping(self) -> dict[str, Entry]:
        """The entries of a mapping, whatever its keys."""
        if not isinstance(self.value, dict):
            raise self.fault("keys with values (“key: value”)")
        return self.value

    def text(self) -> str:
        """A text that is not empty."""
        if isinstance(self.value, str) and self.value.strip():
            return " ".join(self.value.split())
        quoted = "a text in quotes" if isinstance(self.value, (bool, int, float, date)) else "a text"
        raise self.fault(quoted)

    def code(self, pattern: re.Pattern[str] = CODE) -> str:
        """A code: small letters, digits and hyphens."""
        shape = "underscores" if pattern is NAME else "hyphens"
        if not isinstance(self.value, str) or not pattern.fullmatch(self.value):
            raise self.fault(f"a code of small letters, digits and {shape}, beginning with a letter")
        return self.value

    def choice(self, options: Collection[str], what: str = "one of") -> str:
        """One of these words."""
        if not isinstance(self.value, str) or self.value not in options:
            near = difflib.get_close_matches(str(self.value), list(options), n=1)
            listed = _listed(options) if len(options) <= 25 else f"the {len(options)} that are defined"
            hint = f" (did you mean “{near[0]}”?)" if near else ""
            raise self.fault(f"{what} {listed}", found=_described(self.value) + hint)
        return self.value

    def number(self, least: int = 0) -> int:
        """A whole number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < least:
            raise self.fault(f"a whole number of at least {least}")
        return self.value

    def flag(self) -> bool:
        """Yes or no."""
        if not isinstance(self.value, bool):
            raise self.fault("true or false")
        return self.value

    def day(self) -> date:
        """A day of the calendar."""
        if not isinstance(self.value, date):
            raise self.fault("a day such as 2024-01-31")
        return self.value

    def words(self, *, may_be_same_everywhere: bool = False) -> Words:
        """A text in every language of the pack."""
        if may_be_same_everywhere and isinstance(self.value, str):
            return Words({language: self.text() for language in self.languages})
        if not isinstance(self.value, dict):
            raise self.fault(f"a text in each of the languages {_listed(self.languages)}")
        missing = [language for language in self.languages if language not in self.value]
        if missing:
            raise self.fault(
                f"a text in each of the languages {_listed(self.languages)}",
                found=f"none in {_listed(missing)}",
            )
        for language, entry in self.value.items():
            if language not in self.languages and language.split("-")[0] not in self.languages:
                raise entry.fault(f"only the languages {_listed(self.languages)}", found=f"“{language}”")
        return Words({language: entry.text() for language, entry in self.value.items()})


class Faults:
    """Collects what is wrong, so that whoever writes a pack sees all of it at once."""

    def __init__(self) -> None:
        self.found: list[PackFault] = []

    def add(self, fault: PackFault) -> None:
        self.found.append(fault)

    def __enter__(self) -> Faults:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Keep a fault and go on behind the block; let everything else through."""
        if isinstance(error, PackFault):
            self.found.append(error)
            return True
        return False


def read(path: Path, shown_as: str, languages: tuple[str, ...] = ()) -> Entry:
    """The content of one file as an entry; raises PackFault when it cannot be read."""
    try:
        content = path.read_bytes()
        if len(content) > _FILE_LIMIT:
            raise PackFault(shown_as, 1, "", f"a file of at most {_FILE_LIMIT} bytes", f"{len(content)}")
        text = content.decode("utf-8-sig")
        _refuse_anchors(text, shown_as)
        node = yaml.compose(text, Loader=_Loader)
    except OSError as error:
        raise PackFault(shown_as, 1, "", "a file that can be read", error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise PackFault(shown_as, 1, "", "a text in UTF-8", f"other bytes at {error.start}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise PackFault(shown_as, line, "", "YAML", error.problem or "something else") from error
    except yaml.YAMLError as error:
        raise PackFault(shown_as, 1, "", "YAML", " ".join(str(error).split())) from error
    if node is None:
        raise PackFault(shown_as, 1, "", "some content", "an empty file")
    return _entry(node, shown_as, "", languages, 0)


def _refuse_anchors(text: str, file: str) -> None:
    """A pack is read by civil servants: everything is written where it holds, and nothing can multiply."""
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise PackFault(file, line, "", "everything written out", "an anchor (& or *)")


def _entry(node: yaml.Node, file: str, path: str, languages: tuple[str, ...], depth: int) -> Entry:
    line = node.start_mark.line + 1
    if depth > _DEPTH_LIMIT:
        raise PackFault(file, line, path, f"at most {_DEPTH_LIMIT} levels", "more")
    value: Any
    if isinstance(node, yaml.MappingNode):
        _refuse_tag(node, "tag:yaml.org,2002:map", file, path)
        value = {}
        for key_node, value_node in node.value:
            key = _key(key_node, file, path)
            if key in value:
                raise PackFault(
                    file,
                    key_node.start_mark.line + 1,
                    path,
                    "every key once",
                    f"“{key}” again (first in line {value[key].line})",
                )
            inside = f"{path}.{key}" if path else key
            value[key] = _entry(value_node, file, inside, languages, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        _refuse_tag(node, "tag:yaml.org,2002:seq", file, path)
        value = [
            _entry(item, file, f"{path}[{place}]", languages, depth + 1)
            for place, item in enumerate(node.value)
        ]
    else:
        value = _scalar(node, file, path)
    return Entry(file, line, path, value, languages)


def _key(node: yaml.Node, file: str, path: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise PackFault(file, node.start_mark.line + 1, path, "a word as the key", "something else")
    return str(node.value)


def _scalar(node: yaml.Node, file: str, path: str) -> str | int | float | bool | date | None:
    """What a single value means. Quotes always make a text."""
    text = str(node.value)
    line = node.start_mark.line + 1
    if getattr(node, "style", None) in _QUOTES:
        _refuse_tag(node, "tag:yaml.org,2002:str", file, path)
        return text
    if not node.tag.startswith("tag:yaml.org,2002:"):
        raise PackFault(file, line, path, "a value without a tag", node.tag)
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise PackFault(file, line, path, "a day of the calendar", text) from error
    return text


def _refuse_tag(node: yaml.Node, usual: str, file: str, path: str) -> None:
    if node.tag != usual:
        raise PackFault(file, node.start_mark.line + 1, path, "a value without a tag", node.tag)


def _described(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"“{value}”"


def _listed(words: Collection[str] | Mapping[str, Any] | Iterator[str]) -> str:
    return ", ".join(words)
