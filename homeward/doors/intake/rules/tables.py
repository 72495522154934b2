"""Opening what an office sends: is it a table at all, how is it written, and what stands in each line.

The name of a file says nothing here; only its content does. Nothing in a file is run, followed or believed:
sizes are measured while unpacking, formulas are found and never computed, and a table that is wider or longer
than any list of people is turned away before it is read into memory.

Lines come one at a time, so a list of a hundred thousand rows needs no more memory than one of a hundred.
"""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from homeward.doors.intake.rules.csv_files import open_text
from homeward.doors.intake.rules.faults import FileRefused
from homeward.doors.intake.rules.lines import CHUNK, Limits, Table
from homeward.doors.intake.rules.workbooks import open_workbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS = (
    (b"%PDF", _("a PDF document")),
    (b"\x89PNG", _("a picture")),
    (b"\xff\xd8\xff", _("a picture")),
    (b"GIF8", _("a picture")),
    (b"{\\rtf", _("a text document")),
    (b"\x1f\x8b", _("a packed archive")),
    (b"Rar!", _("a packed archive")),
    (b"7z\xbc\xaf", _("a packed archive")),
    (b"SQLite format 3", _("a database")),
    (b"MZ", _("a program")),
    (b"\x7fELF", _("a program")),
)


def open_table(file: BinaryIO, limits: Limits | None = None) -> Table:
    """Read what kind of table a file is. The file must stay open while its lines are read.

    Raises FileRefused when it is none, too large, locked or damaged.
    """
    limits = limits or Limits()
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size == 0:
        raise FileRefused("empty_file")
    if size > limits.megabytes * 1_000_000:
        raise FileRefused("too_large", limit=limits.megabytes)
    start = file.read(CHUNK)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        return open_workbook(file, limits)
    _refuse_other_kinds(start, file)
    return open_text(file, start, limits)


def _refuse_other_kinds(start: bytes, file: BinaryIO) -> None:
    if start.startswith(_OLE):
        whole = file.read()
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in whole:
            raise FileRefused("password")
        if "WordDocument".encode("utf-16-le") in whole:
            raise FileRefused("not_a_table", kind=_("a text document"))
        raise FileRefused("old_excel")
    for magic, kind in _KINDS:
        if start.startswith(magic):
            raise FileRefused("not_a_table", kind=kind)
    opening = start.lstrip(codecs.BOM_UTF8).lstrip()[:200].lower()
    if opening.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta")):
        raise FileRefused("not_a_table", kind=_("a web page"))
