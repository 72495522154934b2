"""A file is what its bytes are, not what it is called."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile

import pytest

from homeward.casework.cases.rules import documents as rules
from homeward.foundation.kernel.errors import RuleBroken

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\x00" * 40 + b"\xff\xd9"


def packed(entries: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return whole.getvalue()


DOCX = packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
XLSX = packed({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>"})
ODT = packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<c/>"})
ODS = packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<c/>"})
TXT = "Përshëndetje, Ђорђе\n".encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("birth.pdf", PDF),
        ("photo.PNG", PNG),
        ("photo.jpeg", JPEG),
        ("photo.jpg", JPEG),
        ("letter.docx", DOCX),
        ("list.xlsx", XLSX),
        ("letter.odt", ODT),
        ("list.ods", ODS),
        ("note.txt", TXT),
        ("with-bom.txt", b"\xef\xbb\xbf" + TXT),
    ],
)
def test_what_offices_send_is_accepted(name, content):
    accepted = rules.check_can_store(name, content)
    assert (accepted.size, accepted.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.pdf", b"", "documents.empty"),
        ("program.exe", b"MZ" + b"\x00" * 60, "documents.kind"),
        ("page.html", b"<html></html>", "documents.kind"),
        ("picture.svg", b"<svg/>", "documents.kind"),
        ("no ending", PDF, "documents.kind"),
        ("photo.pdf", PNG, "documents.content"),
        ("letter.png", PDF, "documents.content"),
        ("letter.jpg", PNG, "documents.content"),
        ("list.docx", XLSX, "documents.content"),
        ("letter.ods", ODT, "documents.content"),
        ("archive.docx", packed({"word/document.xml": b"<w/>"}), "documents.content"),
        ("archive.odt", packed({"content.xml": b"<c/>"}), "documents.content"),
        ("note.txt", PDF, "documents.content"),
        ("note.txt", b"\xff\xfe\x00binary", "documents.content"),
        ("note.txt", b"bell \x07", "documents.content"),
        ("cut.pdf", PDF[:20], "documents.content"),
        ("cut.png", PNG[:30], "documents.content"),
        ("cut.docx", DOCX[:-30], "documents.content"),
        (
            "macro.docx",
            packed({"[Content_Types].xml": b"", "word/a": b"", "word/vbaProject.bin": b""}),
            "documents.content",
        ),
        (
            "macro.odt",
            packed({"mimetype": b"application/vnd.oasis.opendocument.text", "Basic/a.xml": b""}),
            "documents.content",
        ),
        ("active.pdf", PDF.replace(b"/Catalog", b"/Catalog /JavaScript (x)"), "documents.content"),
        ("active.pdf", PDF.replace(b"/Catalog", b"/Catalog /JS (x)"), "documents.content"),
        ("active.pdf", PDF.replace(b"/Catalog", b"/Catalog /Launch"), "documents.content"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name, content, code):
    with pytest.raises(RuleBroken) as refused:
        rules.check_can_store(name, content)
    assert (refused.value.code, refused.value.field) == (code, "file")


def test_a_file_can_be_too_large():
    with pytest.raises(RuleBroken) as refused:
        rules.check_can_store("birth.pdf", PDF, limit=len(PDF) - 1)
    assert refused.value.code == "documents.size"
    rules.check_can_store("birth.pdf", PDF, limit=len(PDF))


def test_an_archive_that_unpacks_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(rules, "MAX_UNPACKED", 10)
    with pytest.raises(RuleBroken):
        rules.check_can_store("letter.docx", DOCX)


def test_an_archive_of_very_many_files_is_refused(monkeypatch):
    monkeypatch.setattr(rules, "MAX_ENTRIES", 1)
    with pytest.raises(RuleBroken):
        rules.check_can_store("letter.docx", DOCX)


def test_random_bytes_in_a_large_scan_are_no_program():
    noise = b"".join(hashlib.sha512(str(n).encode()).digest() for n in range(20_000))
    rules.check_can_store("scan.pdf", PDF[:9] + noise + b"/JS " + PDF[9:])


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\birth.pdf", "birth.pdf"),
        ("bi\u202erth\x00.pdf", "birth.pdf"),
        (".pdf", "pdf"),
        ("", "document"),
        ('a"b<c>.pdf', "abc.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_cannot_lead_anywhere(given, safe):
    assert rules.safe_name(given) == safe


def test_a_stored_file_is_handed_out_whole_or_not_at_all():
    assert rules.whole(PDF, hashlib.sha256(PDF).hexdigest()) == PDF
    for damaged in (PDF[:-1], b"", None):
        with pytest.raises(RuleBroken):
            rules.whole(damaged, hashlib.sha256(PDF).hexdigest())
