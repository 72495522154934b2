"""The texts of the interface: gathered for the translators, checked, compiled.

    python -m tools.messages extract | check | compile

English stands in the source. People translate two files below homeward/locale: `sq` (Albanian) and `sr`
(Serbian in Cyrillic). Serbian in Latin script is written from the Cyrillic by rule, because that direction
has exactly one answer (љ is always lj, while lj may be two letters): nobody translates it twice, and the
two never differ.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "homeward"
LOCALE = SOURCE / "locale"
TRANSLATED = ("sq", "sr")
DERIVED = {"sr_Latn": "sr"}
HEADINGS = ("Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Plural-Forms")

LATIN = dict(
    zip(
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š".split(),
        strict=True,
    )
)


def latin(text: str) -> str:
    """Serbian Cyrillic in Latin letters; what is Latin already (placeholders, tags, names) stays."""
    letters = []
    for at, letter in enumerate(text):
        plain = LATIN.get(letter.lower())
        if plain is None:
            letters.append(letter)
        elif letter.islower():
            letters.append(plain)
        else:
            shouted = text[at + 1 : at + 2].isupper() or (at > 0 and text[at - 1].isupper())
            letters.append(plain.upper() if shouted else plain.capitalize())
    return "".join(letters)


def extract() -> None:
    """Write every text of the source into the translators' files; what is translated stays."""
    LOCALE.mkdir(exist_ok=True)
    _gather(SOURCE)
    for language in TRANSLATED:
        path = _file(language)
        catalogue = polib.pofile(str(path), wrapwidth=0)
        # Left out: dates, which would be the only difference between two equal files, and empty addresses.
        catalogue.metadata = {name: text for name, text in catalogue.metadata.items() if name in HEADINGS}
        catalogue.metadata["Language"] = language
        for (
            entry
        ) in catalogue:  # what a text was before is of use only while somebody has to look at it again
            if "fuzzy" not in entry.flags:
                entry.previous_msgctxt = entry.previous_msgid = entry.previous_msgid_plural = None
        catalogue.metadata_is_fuzzy = False
        catalogue.header = "The texts of Homeward. How to translate: docs/how-to/translate.md"
        catalogue.save(str(path))


def check() -> list[str]:
    """Every fault of the translations, one line each; an empty list is what `make check` wants."""
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "homeward"
        shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("static", "locale", "__pycache__"))
        (copy / "locale").mkdir()
        _gather(copy)
        wanted = {_key(entry) for entry in polib.pofile(str(copy / "locale/sq/LC_MESSAGES/django.po"))}
    for language in TRANSLATED:
        if not _file(language).exists():
            faults.append(f"{language}: no translations yet ({len(wanted)} texts): make messages")
            continue
        catalogue = polib.pofile(str(_file(language)))
        have = {_key(entry): entry for entry in catalogue if not entry.obsolete}
        faults += [
            f"{language}: not gathered (make messages): {key[1]!r}" for key in sorted(wanted - set(have))
        ]
        faults += [
            f"{language}: no longer used (make messages): {key[1]!r}" for key in sorted(set(have) - wanted)
        ]
        for entry in have.values():
            faults += [f"{language}: {fault}: {entry.msgid!r}" for fault in _faults(entry)]
    return faults


def compile_all() -> None:
    """Write the .mo files that Django reads, where they are older than their source."""
    for language in TRANSLATED:
        if not _file(language).exists():
            continue
        newest = max(_file(language).stat().st_mtime, Path(__file__).stat().st_mtime)
        names = [language, *(name for name, source in DERIVED.items() if source == language)]
        for name in names:
            target = LOCALE / name / "LC_MESSAGES/django.mo"
            if target.exists() and target.stat().st_mtime >= newest:
                continue
            catalogue = polib.pofile(str(_file(language)))
            if name in DERIVED:
                for entry in catalogue:
                    entry.msgstr = latin(entry.msgstr)
                    entry.msgstr_plural = {form: latin(text) for form, text in entry.msgstr_plural.items()}
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(".mo.new")
            catalogue.save_as_mofile(str(draft))
            draft.rename(target)


def _file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _key(entry: polib.POEntry) -> tuple[str, str, str]:
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


def _gather(source: Path) -> None:
    languages = [word for language in TRANSLATED for word in ("--locale", language)]
    command = [sys.executable, "-m", "django", "makemessages", *languages, "--extension", "html,txt,py"]
    command += [
        "--no-obsolete",
        "--no-wrap",
        "--add-location",
        "file",
        "--ignore",
        "static/*",
        "--verbosity",
        "0",
    ]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The texts cannot be gathered:\n{done.stdout}{done.stderr}")


def _faults(entry: polib.POEntry) -> Iterator[str]:
    forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if entry.fuzzy:
        yield "marked fuzzy: confirm it"
    if not forms or not all(form.strip() for form in forms):
        yield "not translated"
        return
    allowed = [_parts(entry.msgid), _parts(entry.msgid_plural or entry.msgid)]
    for form in forms:
        if _parts(form) not in allowed:
            yield f"placeholders or tags differ in {form!r}"
        if (
            form[:1].isspace() != entry.msgid[:1].isspace()
            or form[-1:].isspace() != entry.msgid[-1:].isspace()
        ):
            yield f"white space at the ends differs in {form!r}"


def _parts(text: str) -> Counter[str]:
    return Counter(re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>", text))


def main(command: str) -> None:
    if command == "extract":
        extract()
    elif command == "compile":
        compile_all()
    elif command == "check":
        if faults := check():
            shown = "\n".join(faults[:40])
            more = f"\nand {len(faults) - 40} more" if len(faults) > 40 else ""
            raise SystemExit(f"{shown}{more}")
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
