"""A person, and every name an office has for them.

The person is one row, the names are many, because the same woman stands in the reception list under the name
she was born with, in the probation register under her husband's, and in a third office in Cyrillic. Nothing is
thrown away; one of the names is the one in use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func, Prefetch, Q
from django.urls import reverse

from homeward.casework.people.rules import FOLD_VERSION, folds_to_file, search_keys, skeletons
from homeward.casework.people.rules.persons import (
    DOCUMENTS,
    LANGUAGES,
    DocumentsStatus,
    NameKind,
    Script,
    Sex,
    is_child,
)
from homeward.foundation.institutions.models import Member, Municipality
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.dates import PartialDate, PartialDateField
from homeward.foundation.kernel.errors import Text
from homeward.foundation.kernel.refs import new_id, new_ref


@lru_cache(maxsize=1)
def name_secret() -> bytes:
    """What makes search keys unreadable: a secret of this installation that never enters the database."""
    key = getattr(settings, "NAME_KEY", None) or settings.SECRET_KEY
    return hashlib.sha256(b"homeward.people.names:" + key.encode()).digest()


class PersonQuerySet(models.QuerySet["Person"]):
    """How one speaks about persons."""

    def with_names(self) -> Self:
        """With all their names, the one in use first, in one more query for the whole list."""
        names = PersonName.objects.order_by("-is_primary", "kind", "id")
        return self.select_related("municipality", "birth").prefetch_related(
            Prefetch("names", queryset=names)
        )

    def locked(self) -> Self:
        """Held until the end of the transaction, with their names as they stand now; only those one may change."""
        return self.select_for_update(of=("self",), no_key=True).prefetch_related("names")


class Person(models.Model):
    """Somebody we work with or wait for. What is not known is empty; nothing is guessed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ref = models.CharField(max_length=20, unique=True, default=new_ref, editable=False)
    sex = models.CharField(max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    born = PartialDateField(null=True, blank=True)
    documents_status = models.CharField(
        max_length=10, choices=DocumentsStatus.choices, default=DocumentsStatus.UNKNOWN
    )
    documents = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    objects = PersonQuerySet.as_manager()

    class Meta:
        db_table = "person"
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="person_known_sex"),
            models.CheckConstraint(
                condition=Q(documents_status__in=DocumentsStatus.values), name="person_known_documents_status"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="person_version_counts_up"),
        ]

    def __str__(self) -> str:
        # A reference and never a name: this text ends up in logs and error reports.
        return self.ref

    def get_absolute_url(self) -> str:
        """The person's own page."""
        return reverse("people:person", args=[self.ref])

    @property
    def name_in_use(self) -> PersonName | None:
        """The name this person goes by; None for a reader who may not know it."""
        names = list(self.names.all())
        return next((name for name in names if name.is_primary), names[0] if names else None)

    @property
    def full_name(self) -> str:
        """The name in use in one line, or the reference when there is none to be seen."""
        name = self.name_in_use
        return self.ref if name is None else name.full

    @property
    def other_names(self) -> list[PersonName]:
        """Every name but the one in use."""
        in_use = self.name_in_use
        return [name for name in self.names.all() if name != in_use]

    @property
    def plain_names(self) -> list[PersonName]:
        """The other names as a school or a clinic may read them: without those that say where somebody was."""
        return [name for name in self.other_names if not name.marks]

    @property
    def birth_place(self) -> str:
        """Where the person was born; empty when nobody knows, and for readers who may not."""
        try:
            return self.birth.place
        except BirthPlace.DoesNotExist:
            return ""

    @property
    def documents_in_words(self) -> list[Text]:
        """The papers held, as people call them."""
        return [DOCUMENTS.get(code, code) for code in self.documents]

    @property
    def languages_in_words(self) -> list[Text]:
        """The languages spoken, by name."""
        return [LANGUAGES.get(code, code) for code in self.languages]

    def is_child_on(self, day: date) -> bool:
        """Under 18 on that day; in doubt yes."""
        return is_child(self.born, day)

    def theirs(self) -> dict[str, Any]:
        """What stands now, for somebody whose page is older."""
        name = self.name_in_use
        return {
            "version": self.version,
            "family": name.family if name else "",
            "given": name.given if name else "",
            "father": name.father if name else "",
            "sex": self.sex,
            "born": self.born,
            "birth_place": self.birth_place,
            "documents": self.documents,
            "languages": self.languages,
            "municipality": self.municipality,
        }


class BirthPlace(models.Model):
    """Where a person was born. A row of its own, because a child's may say where its parents had gone: schools and
    clinics read who a child is and never this row."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="birth")
    place = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "person_birth_place"

    def __str__(self) -> str:
        return str(self.person_id)


class PersonName(models.Model):
    """One name of a person as an office writes it, and the columns by which it is found.

    `folded`, `skeletons` and `keys` follow from the name by the rules of `fold_version` and are never typed.
    They are filed for the whole name: where this one says no given or father's name, the one in use fills in.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="names")
    kind = models.CharField(max_length=12, choices=NameKind.choices, default=NameKind.PRIMARY)
    family = models.CharField(max_length=120, blank=True)
    given = models.CharField(max_length=120, blank=True)
    father = models.CharField(max_length=120, blank=True)
    script = models.CharField(max_length=4, choices=Script.choices, default=Script.LATIN)
    source = models.CharField(max_length=120, blank=True)
    is_primary = models.BooleanField(default=False)
    folded = ArrayField(models.TextField(), default=list, editable=False)
    skeletons = ArrayField(models.TextField(), default=list, editable=False)
    keys = ArrayField(models.BigIntegerField(), default=list, editable=False)
    fold_version = models.SmallIntegerField(default=FOLD_VERSION, editable=False)

    class Meta:
        db_table = "person_name"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(is_primary=True), name="person_name_one_in_use"
            ),
            models.CheckConstraint(condition=~Q(family="", given=""), name="person_name_says_something"),
            models.CheckConstraint(condition=Q(kind__in=NameKind.values), name="person_name_known_kind"),
            models.CheckConstraint(condition=Q(script__in=Script.values), name="person_name_known_script"),
        ]
        indexes = [
            # Beginnings of words are found through a text-search vector: an array index knows only whole ones.
            GinIndex(Func("folded", function="array_to_tsvector"), name="person_name_beginnings"),
            GinIndex(fields=["skeletons"], name="person_name_skeletons"),
            GinIndex(fields=["keys"], name="person_name_keys"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def marks(self) -> bool:
        """A kunya, or a name in Arabic letters: it tells a school or a clinic what they are not to learn.

        The database says the same (migration 0001, `TELLING_NAMES`): such a name is no row to them.
        """
        return self.kind == NameKind.KUNYA or self.script == Script.ARABIC

    @property
    def full(self) -> str:
        """The name in one line: given name, then family name."""
        return " ".join(filter(None, (self.given, self.family)))

    @property
    def with_father(self) -> str:
        """The name with the father's name between, as registers in Kosovo write it: `Ardita (Jusuf) Osmani`."""
        return " ".join(filter(None, (self.given, f"({self.father})" if self.father else "", self.family)))

    def file(self, in_use: PersonName | None, born: PartialDate | None) -> None:
        """Sets the columns by which this name is found; saving is the caller's."""
        text = self.completed_by(in_use)
        self.folded = list(folds_to_file(text))
        self.skeletons = list(skeletons(text))
        self.keys = search_keys([text], born.year if born else None, secret=name_secret())
        self.fold_version = FOLD_VERSION

    def completed_by(self, in_use: PersonName | None) -> str:
        """The words under which this name is filed, a comma between the fields they come from."""
        parts: Sequence[str] = (
            self.family or (in_use.family if in_use else ""),
            self.given or (in_use.given if in_use else ""),
            self.father or (in_use.father if in_use else ""),
        )
        if self.kind == NameKind.KUNYA:
            parts = (
                self.family,
                self.given,
            )  # A kunya stands alone: the words of another name would break it up.
        return ", ".join(filter(None, parts))
