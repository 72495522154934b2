"""Keeping what others have published, and marking where it does not add up."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Q

from homeward.casework.people import permissions
from homeward.casework.people.models import PublishedFigure
from homeward.casework.people.rules.figures import (
    check_can_be_part,
    check_can_publish,
    differs,
    sum_conflict,
)
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import Operator, action, operation, record, record_operation
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.dates import PartialDate, as_partial_date
from homeward.foundation.kernel.packs import Pack


@action
def publish_figure(
    *,
    by: Member,
    key: str,
    value: Decimal,
    unit: str,
    source: str,
    population: str = "",
    as_of: PartialDate | None = None,
    part_of: PublishedFigure | None = None,
    explanation: str = "",
) -> PublishedFigure:
    """Adds a published figure to the ledger, or corrects the one of the same key, population, date and source.

    Every figure that it contradicts, or that contradicts it, is marked.
    """
    require(by, permissions.publish_figure, by.institution)
    check_can_publish(key, value, unit, source)
    if part_of is not None:
        check_can_be_part(part_of.key, key, part_of.unit, unit)

    figure = PublishedFigure.objects.filter(
        key=key, population=population, as_of=as_of, source=source
    ).first()
    known = figure is not None
    figure = figure or PublishedFigure(key=key, population=population, source=source, published_by=by)
    figure.as_of = as_of
    figure.value, figure.unit, figure.part_of, figure.explanation = value, unit, part_of, explanation.strip()
    figure.save(force_insert=not known)
    _mark_conflicts([figure], "default")
    figure.refresh_from_db()

    record(
        "figure.corrected" if known else "figure.published",
        figure,
        by=by,
        key=key,
        value=value,
        is_conflicting=figure.is_conflicting,
    )
    return figure


@operation
def load_figures(pack: Pack, *, by: Operator) -> int:
    """Loads the figures a country pack brings (`figures.yaml`, if it has one); running it again changes only what changed.

    Each entry has key, value, unit, population, as_of, source, and perhaps the key it is `part_of` in the same source.
    """
    if "figures" not in pack.others:
        record_operation("figures.loaded", "publishedfigure", by=by, pack=pack.name, figures=0)
        return 0
    found: dict[tuple[str, str], PublishedFigure] = {}
    for entry in pack.section("figures"):
        whole = found.get((entry["part_of"], entry["source"])) if "part_of" in entry else None
        check_can_publish(entry["key"], Decimal(str(entry["value"])), entry["unit"], entry["source"])
        if whole is not None:
            check_can_be_part(whole.key, entry["key"], whole.unit, entry["unit"])
        figure, _created = PublishedFigure.objects.using("migrate").update_or_create(
            key=entry["key"],
            source=entry["source"],
            population=entry.get("population", ""),
            as_of=as_partial_date(entry.get("as_of")),
            defaults={
                "value": Decimal(str(entry["value"])),
                "unit": entry["unit"],
                "part_of": whole,
                "explanation": entry.get("explanation", ""),
            },
        )
        found[entry["key"], entry["source"]] = figure
    _mark_conflicts(found.values(), "migrate")
    record_operation("figures.loaded", "publishedfigure", by=by, pack=pack.name, figures=len(found))
    return len(found)


def _mark_conflicts(figures: Iterable[PublishedFigure], using: str) -> None:
    """Looks once more at these figures and at every figure they can contradict."""
    keys = [figure.key for figure in figures]
    wholes = [figure.part_of_id for figure in figures if figure.part_of_id]
    ledger = PublishedFigure.objects.using(using)
    near = ledger.filter(
        Q(key__in=keys) | Q(pk__in=wholes) | Q(part_of__in=wholes) | Q(part_of__key__in=keys)
    )
    for figure in near.select_related("part_of"):
        against = {
            other.pk
            for other in ledger.filter(key=figure.key).exclude(pk=figure.pk)
            if differs(figure.as_figure(), other.as_figure())
        }
        for whole in filter(None, (figure, figure.part_of)):
            parts = list(ledger.filter(part_of=whole).order_by("key"))
            if sum_conflict(Decimal(whole.value), [Decimal(part.value) for part in parts]):
                against |= {one.pk for one in (whole, *parts)} - {figure.pk}
        if set(figure.conflicts_with) != against or figure.is_conflicting != bool(against):
            figure.conflicts_with, figure.is_conflicting = sorted(against), bool(against)
            figure.save(using=using, update_fields=["conflicts_with", "is_conflicting"])
