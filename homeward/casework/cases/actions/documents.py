"""Adding files to a case and taking copies of them; every copy is recorded."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from homeward.casework.cases import permissions
from homeward.casework.cases.models import Case, Document, DocumentContent
from homeward.casework.cases.rules import documents as rules
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import RuleBroken


@action
def add_document(
    case: Case, *, category: int, title: str, file_name: str, content: bytes, by: Member
) -> Document:
    """A file is looked at, encrypted and kept with the case, in the category of its content.

    Raises `RuleBroken` at `file` when it is too large, damaged, or not what its name says.
    """
    require(by, permissions.write(category), case)
    accepted = rules.check_can_store(file_name, content)
    if not title.strip():
        raise RuleBroken(_("Give the document a title."), field="title", code="documents.title")

    document = Document(
        case=case,
        institution_id=by.institution_id,
        category=category,
        title=title.strip(),
        file_name=accepted.file_name,
        media_type=accepted.media_type,
        size=accepted.size,
        sha256=accepted.sha256,
        added_by=by,
        added_at=now(),
    )
    pieces = document.seal(content)
    document.save(force_insert=True)
    DocumentContent.objects.bulk_create(pieces, batch_size=4)

    record("document.added", document, by=by, size=document.size, sha256=document.sha256)
    return document


@action
def download_document(document: Document, *, by: Member) -> bytes:
    """Somebody takes a copy. The bytes are checked against the hash taken when the file came in."""
    require(by, permissions.download, document)
    document = Document.objects.get(pk=document.pk)

    content = rules.whole(document.unseal(list(document.content.order_by("number"))), document.sha256)

    record("document.downloaded", document, by=by, sha256=document.sha256)
    return content
