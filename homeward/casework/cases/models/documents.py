"""Documents of a case: what can be known of them, and their encrypted bytes.

The bytes are cut into pieces and each piece is sealed with AES-GCM under a key that never enters the
database: a stolen backup holds no document. A piece is bound to its document, its place and the number of
pieces, so pieces cannot be swapped between documents, reordered or left out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import F, Q

from homeward.casework.cases.models.case import Case
from homeward.casework.cases.rules.documents import MEDIA_TYPES
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.refs import new_id

PIECE = 1024 * 1024
KEY_BYTES = 32
NONCE_BYTES = 12
SHORTEST_TEXT = 16


class DocumentQuerySet(models.QuerySet["Document"]):
    """How one speaks about documents."""

    def of_case(self, case: UUID) -> Self:
        """Those on this case, the newest first."""
        return self.filter(case_id=case).select_related("institution").order_by("-added_at")


class Document(models.Model):
    """A file somebody added to a case: its title, what it is and how large; the bytes are elsewhere."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    category = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    file_name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    pieces = models.PositiveIntegerField()
    key_name = models.CharField(max_length=16)
    added_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        db_table = "case_document"
        indexes = [models.Index(F("case"), F("added_at").desc(), name="case_document_of_case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=[kind.media_type for kind in MEDIA_TYPES]),
                name="case_document_known_type",
            ),
            models.CheckConstraint(condition=Q(size__gt=0, pieces__gt=0), name="case_document_not_empty"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="case_document_has_a_hash"
            ),
            models.UniqueConstraint(
                fields=["id", "case", "category", "institution"], name="case_document_bound"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its place on the page of the case."""
        return self.case.get_absolute_url()

    @property
    def category_label(self) -> str:
        """The category in words."""
        return str(Category(self.category).label)

    def seal(self, content: bytes) -> list[DocumentContent]:
        """Cut these bytes into sealed pieces of this document, and note how many and under which key."""
        keys = DocumentKeys.of_installation()
        cut = [content[start : start + PIECE] for start in range(0, len(content), PIECE)]
        self.pieces, self.key_name = len(cut), keys.current
        return [
            DocumentContent(
                document=self,
                case_id=self.case_id,
                category=self.category,
                institution_id=self.institution_id,
                number=number,
                sealed=keys.seal(piece, self._bound_to(number)),
            )
            for number, piece in enumerate(cut)
        ]

    def unseal(self, stored: Sequence[DocumentContent]) -> bytes | None:
        """The bytes again; None when a piece is missing, changed, or from elsewhere."""
        keys = DocumentKeys.of_installation()
        if [piece.number for piece in stored] != list(range(self.pieces)):
            return None
        opened = [keys.unseal(self.key_name, bytes(p.sealed), self._bound_to(p.number)) for p in stored]
        whole = [piece for piece in opened if piece is not None]
        return b"".join(whole) if len(whole) == self.pieces else None

    def _bound_to(self, number: int) -> bytes:
        return f"{self.pk}|{self.case_id}|{self.category}|{number}|{self.pieces}".encode()


class DocumentContent(models.Model):
    """One sealed piece of a document: twelve bytes of nonce and the ciphertext with its tag."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="content")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    category = models.PositiveSmallIntegerField()
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "case_document_content"
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="case_document_content_once")
        ]

    def __str__(self) -> str:
        return f"piece {self.number} of {self.document_id}"


class DocumentKeys:
    """The keys documents are sealed with: one that seals today, and older ones that still open.

    They are made from `settings.DOCUMENT_KEY`: long random texts, separated by commas, the newest first. A
    text that is taken out makes every document sealed under it unreadable for ever.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        if not texts or any(len(text) < SHORTEST_TEXT for text in texts):
            raise ImproperlyConfigured(
                f"DOCUMENT_KEY: each key is a random text of at least {SHORTEST_TEXT} characters"
            )
        keys = [_derived(text) for text in texts]
        self._by_name: Mapping[str, bytes] = {sha256(key).hexdigest()[:16]: key for key in keys}
        self.current = next(iter(self._by_name))

    @classmethod
    def of_installation(cls) -> DocumentKeys:
        """The keys of this installation."""
        return _keys_in(settings.DOCUMENT_KEY)

    def seal(self, content: bytes, bound_to: bytes) -> bytes:
        """Encrypt under the current key. The nonce is random: 2³² pieces per key stay far below its limit."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self._by_name[self.current]).encrypt(nonce, content, bound_to)

    def unseal(self, key_name: str, sealed: bytes, bound_to: bytes) -> bytes | None:
        """Decrypt, or None when the key is not ours or a single bit has changed."""
        key = self._by_name.get(key_name)
        if key is None:
            return None
        try:
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except InvalidTag:
            return None


def _derived(text: str) -> bytes:
    """A key of the right length, used for documents and nothing else."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"homeward document").derive(
        text.encode()
    )


@lru_cache(maxsize=4)
def _keys_in(given: str) -> DocumentKeys:
    return DocumentKeys([text.strip() for text in given.split(",") if text.strip()])
