"""Which files a case accepts, and how it finds out what a file really is.

A name proves nothing: what counts are the bytes. A file has to be of a kind on a short list, be what its
name says, be whole, and carry no program.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import puremagic
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import RuleBroken, Text

MAX_BYTES = 20 * 1024 * 1024
# An office document unpacks to a few times its size; one that unpacks to a gigabyte was made to hurt.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ENTRIES = 5_000
NAME_LENGTH = 120


@dataclass(frozen=True)
class MediaType:
    """A kind of file: how it is named, which endings it may have, and what it must look like inside."""

    media_type: str
    title: Text
    endings: frozenset[str]
    looks_right: Callable[[bytes], bool]


# Compressed pages are noise, and noise contains every short word: `/JS` counts only with what must follow it.
_PDF_PROGRAM = re.compile(rb"/JavaScript\b|/Launch\b|/EmbeddedFiles?\b|/JS\s*[(<]|/JS\s+\d+\s+\d+\s+R")


def _pdf(content: bytes) -> bool:
    # Programs inside a PDF run on the reader's machine; no office needs them.
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:] and not _PDF_PROGRAM.search(content)


def _png(content: bytes) -> bool:
    return content.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in content[-64:]


def _jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-64:]


def _text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(
        unicodedata.category(character) == "Cc" and character not in "\t\n\r\f" for character in text
    )


def _packed(content: bytes, needed: Callable[[zipfile.ZipFile, set[str]], bool]) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            names = {entry.filename for entry in entries}
            return (
                len(entries) <= MAX_ENTRIES
                and sum(entry.file_size for entry in entries) <= MAX_UNPACKED
                and not any(_carries_a_program(name) for name in names)
                and needed(packed, names)
            )
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError):
        return False


def _carries_a_program(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(("vbaproject.bin", ".exe", ".dll", ".js")) or lower.startswith(
        ("basic/", "scripts/")
    )


def _office(folder: str) -> Callable[[bytes], bool]:
    return lambda content: _packed(
        content,
        lambda _packed_file, names: (
            "[Content_Types].xml" in names and any(name.startswith(f"{folder}/") for name in names)
        ),
    )


def _open_document(kind: str) -> Callable[[bytes], bool]:
    declared = f"application/vnd.oasis.opendocument.{kind}".encode()
    return lambda content: _packed(
        content, lambda packed, names: "mimetype" in names and packed.read("mimetype").strip() == declared
    )


MEDIA_TYPES: tuple[MediaType, ...] = (
    MediaType("application/pdf", _("PDF document"), frozenset({"pdf"}), _pdf),
    MediaType("image/png", _("PNG picture"), frozenset({"png"}), _png),
    MediaType("image/jpeg", _("JPEG picture"), frozenset({"jpg", "jpeg"}), _jpeg),
    MediaType(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _("Word document"),
        frozenset({"docx"}),
        _office("word"),
    ),
    MediaType(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _("Excel workbook"),
        frozenset({"xlsx"}),
        _office("xl"),
    ),
    MediaType(
        "application/vnd.oasis.opendocument.text",
        _("OpenDocument text"),
        frozenset({"odt"}),
        _open_document("text"),
    ),
    MediaType(
        "application/vnd.oasis.opendocument.spreadsheet",
        _("OpenDocument spreadsheet"),
        frozenset({"ods"}),
        _open_document("spreadsheet"),
    ),
    MediaType("text/plain", _("Plain text"), frozenset({"txt"}), _text),
)
_BY_ENDING = {ending: kind for kind in MEDIA_TYPES for ending in kind.endings}
ENDINGS = tuple(sorted(_BY_ENDING))


@dataclass(frozen=True)
class Accepted:
    """A file that was looked at and may be stored: a safe name, its kind, size in bytes and SHA-256."""

    file_name: str
    media_type: str
    size: int
    sha256: str


def check_can_store(file_name: str, content: bytes, *, limit: int = MAX_BYTES) -> Accepted:
    """Look at a file before it is stored; raises RuleBroken at `file` with what is wrong."""
    name = safe_name(file_name)
    if not content:
        raise RuleBroken(_("This file is empty."), field="file", code="documents.empty")
    if len(content) > limit:
        raise RuleBroken(
            format_lazy(_("This file is larger than {limit} MB."), limit=limit // (1024 * 1024)),
            field="file",
            code="documents.size",
        )
    ending = name.rpartition(".")[2].lower()
    kind = _BY_ENDING.get(ending)
    if kind is None:
        raise RuleBroken(
            format_lazy(
                _("Files of this kind are not accepted. Accepted: {endings}."), endings=", ".join(ENDINGS)
            ),
            field="file",
            code="documents.kind",
        )
    if not (_magic_agrees(kind, content) and kind.looks_right(content)):
        raise RuleBroken(
            format_lazy(
                _(
                    "This file is named like a {kind}, but its content is something else, damaged, or carries a program."
                ),
                kind=kind.title,
            ),
            field="file",
            code="documents.content",
        )
    return Accepted(name, kind.media_type, len(content), hashlib.sha256(content).hexdigest())


def whole(content: bytes | None, sha256: str) -> bytes:
    """What came out of the store, if it is bit by bit what went in. None is what could not be opened at all."""
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        raise RuleBroken(
            _(
                "This document is damaged in the store and was not handed out. Tell the people who run the system."
            ),
            code="documents.damaged",
        )
    return content


def safe_name(file_name: str) -> str:
    """The name without folders, control characters or anything that turns the reading direction."""
    last = unicodedata.normalize("NFC", file_name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*').strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        return plain[:NAME_LENGTH] or "document"
    return f"{(stem or 'document')[: NAME_LENGTH - len(ending) - 1]}.{ending}"


def _magic_agrees(kind: MediaType, content: bytes) -> bool:
    """A second opinion, from a library of file signatures: may these bytes be of this kind?

    Plain text has no signature: bytes that have one are not plain text.
    """
    try:
        # Signatures sit at the start and at the end; the middle of a big file tells nothing.
        guesses: list[Any] = puremagic.magic_string(content[:65_536])
    except puremagic.PureError:
        guesses = []
    if kind.media_type == "text/plain":
        return not any(guess.offset == 0 and len(guess.byte_match) >= 4 for guess in guesses)
    return any(guess.extension.lstrip(".") in kind.endings for guess in guesses)
