"""What each panel of the case page shows to one reader; None where this reader sees nothing of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.utils.translation import gettext

from homeward.casework.cases.models import Case, CaseNote, Document, TeamMember
from homeward.casework.cases.queries.checks import open_checks
from homeward.casework.cases.queries.family import families_of
from homeward.casework.cases.queries.history import timeline
from homeward.casework.cases.queries.sight import powers_of, sight_of
from homeward.casework.cases.queries.telling import may_name, tells_all
from homeward.casework.cases.rules.notes import NOTABLE
from homeward.foundation.access import queries as access
from homeward.foundation.access.rules import Category, Depth
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today

Shown = Mapping[str, Any] | None


def family(case: Case, *, to: Member) -> Shown:
    """The cases of the people this person lives with, as far as they are in sight."""
    if not sight_of(case, to=to).reads(Category.HOUSEHOLD):
        return None
    found = [one for one in families_of(case, to=to) if len(one.members) > 1]
    return {"families": found, "today": today()} if found else None


def checks(case: Case, *, to: Member) -> Shown:
    """The first checks that concern this reader."""
    found = open_checks(case, to=to)
    return {"answers": found, **_telling(to)} if found else None


def team(case: Case, *, to: Member) -> Shown:
    """Who works on the case, from which institutions."""
    if not sight_of(case, to=to).summarises(Category.CASE):
        return None
    places = (
        TeamMember.objects.current(today())
        .filter(case=case)
        .select_related("institution")
        .prefetch_related("member")
        .order_by("institution__code", "starts_on")
    )
    return {"places": list(places), "powers": powers_of(case, to=to), "own_institution": to.institution_id}


def notes(case: Case, *, to: Member) -> Shown:
    """What was noted, by category; a category one may write in is there even when it is still empty."""
    sight = sight_of(case, to=to)
    mine = [category for category in NOTABLE if sight.summarises(category) or sight.writes(category)]
    if not mine:
        return None
    found = list(
        CaseNote.objects.of_case(case.pk)
        .prefetch_related("author", "superseded_by")
        .order_by("category", "-happened_on", "-written_at")
    )
    by_category = {key: list(group) for key, group in groupby(found, key=lambda note: note.category)}
    sections = [(category, by_category[category]) for category in mine if category in by_category]
    # A reader with one concern (a school, a clinic) sees its heading from the first day.
    empty = [category for category in mine if sight.writes(category) and category not in by_category]
    return {
        "sections": sections,
        "empty": empty if len(mine) <= FEW else [],
        "can_write": "write_note" in powers_of(case, to=to),
        **_telling(to),
    }


def documents(case: Case, *, to: Member) -> Shown:
    """Which files are kept with the case."""
    sight = sight_of(case, to=to)
    found = list(Document.objects.of_case(case.pk).prefetch_related("added_by"))
    can_add = "write_note" in powers_of(case, to=to)
    if not found and not can_add:
        return None
    readable = {
        one.pk
        for one in found
        if sight.reads(one.category)
        or (one.institution_id == to.institution_id and sight.writes(one.category))
    }
    return {"documents": [(one, one.pk in readable) for one in found], "can_add": can_add, **_telling(to)}


def happened(case: Case, *, to: Member) -> Shown:
    """What happened, the newest first."""
    return {"happenings": timeline(case, to=to, limit=LATEST)}


def readers(case: Case, *, to: Member) -> Shown:
    """Who can see this, and why: as far as the reader may know the others, and always about the reader."""
    found = _readers_of(case, to=to)
    running = {one.institution_id: one for one in access.involvements(case.pk, to=to) if one.is_running}
    can_involve = "involve" in powers_of(case, to=to)
    return {
        "entries": [
            {
                "institution": reader.institution.label,
                "sees": _in_words(reader.categories),
                "why": "; ".join(
                    f"{protocol.label}: {protocol.why} ({protocol.basis})" for protocol in reader.protocols
                ),
                "until": reader.last_day,
            }
            for reader in found
        ],
        "endings": [
            (reader.institution, running[reader.institution.pk])
            for reader in found
            if can_involve and reader.institution.pk in running and reader.institution.pk != case.lead.pk
        ],
        "emergencies": access.emergencies(case.pk, to=to),
        "can_involve": can_involve,
    }


def _readers_of(case: Case, *, to: Member) -> list[access.Reader]:
    """Every institution with a door into the case, as far as the reader may know them; asked once for a page."""
    if "readers" not in case.__dict__:
        case.readers = access.readers(case.pk, to=to)
    return case.readers


def _in_words(categories: Iterable[tuple[Category, Depth, bool]]) -> str:
    """`Identity: Everything, and may write; Health: That something exists` in the reader's language."""
    return "; ".join(
        f"{category.label}: {depth.label}{gettext(', and may write') if writes else ''}"
        for category, depth, writes in categories
    )


def hints(case: Case, *, to: Member) -> Shown:
    """Files that exist and stay closed to the reader, and whom they can ask about each.

    Only where a protocol lets the reader know that there is something: it keeps two offices from asking a
    family the same question twice.
    """
    sight = sight_of(case, to=to)
    closed = [
        category
        for category in access.existing(case.pk, to=to)
        if sight.depths.get(category, Depth.NONE) < Depth.SUMMARY and sight.depths.get(category, Depth.NONE)
    ]
    if not closed:
        return None
    keepers = {
        category: [
            reader.institution
            for reader in _readers_of(case, to=to)
            if reader.institution.pk != to.institution_id
            and may_name(reader.institution.pk, to=to)
            and any(found == category and writes for found, _depth, writes in reader.categories)
        ]
        for category in closed
    }
    return {"closed": [(category, keepers[category]) for category in closed]}


def _telling(to: Member) -> dict[str, Any]:
    """Whether the offices of others are named to this reader, and which is their own."""
    return {"tells_all": tells_all(to=to), "own_institution": to.institution_id}


FEW = 3
LATEST = 30
