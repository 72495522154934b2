"""What kinds of help a country knows, which of them are compared, and what a household is given when it arrives.

All of it is data of the country pack (`assistance.yaml`); nothing of it stands in the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Unit(TextChoices):
    """Whose help it is."""

    HOUSEHOLD = "household", _("The household")
    PERSON = "person", _("One person")


class Gives(TextChoices):
    """Whether it covers days, or is handed over on one and used up later."""

    PERIOD = "period", _("A period")
    OCCASION = "occasion", _("An occasion")


class Measure(TextChoices):
    """What is counted."""

    MONEY = "money", _("Money")
    GOODS = "goods", _("Things")
    AWARD = "award", _("Money awarded for a plan")


@dataclass(frozen=True)
class KindOf:
    """One kind of help as the pack describes it, with its class."""

    code: str
    label: Mapping[str, str]
    class_code: str
    class_label: Mapping[str, str]
    number: int
    unit: Unit
    gives: Gives
    measure: Measure
    second_above: Decimal | None = None
    emergency_up_to: Decimal | None = None


@dataclass(frozen=True)
class Share:
    """So many of a kind, for the household or for each person in it."""

    kind: str
    per: Unit
    quantity: int

    def wanted(self, people: int) -> int:
        """How many a household of so many people is given."""
        return self.quantity if self.per == Unit.HOUSEHOLD else self.quantity * people


@dataclass(frozen=True)
class Catalogue:
    """Everything the pack says about help."""

    currency: str
    kinds: tuple[KindOf, ...]
    reception: tuple[Share, ...]


def catalogue_of(section: Mapping[str, Any]) -> Catalogue:
    """Reads the section of a pack. Raises ValueError with the place of the first mistake: such a pack must not start."""
    currency = section.get("currency")
    if not isinstance(currency, str) or len(currency) != 3 or not currency.isupper():
        raise ValueError(f"assistance: currency must be three capital letters, not {currency!r}")
    classes = _classes(section.get("classes") or ())
    kinds = tuple(_kind(item, classes) for item in section.get("kinds") or ())
    codes = [kind.code for kind in kinds]
    if len(set(codes)) < len(codes):
        raise ValueError("assistance: a kind stands there twice")
    reception = tuple(_share(item, codes) for item in section.get("reception_package") or ())
    return Catalogue(currency, kinds, reception)


def _classes(items: Any) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    numbers = set()
    for item in items:
        code, number = item["code"], item["number"]
        if code in found or number in numbers:
            raise ValueError(f"assistance: class {code}: its code and its number are its own")
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 1000:
            raise ValueError(f"assistance: class {code}: number must be a whole number from 1 to 999")
        found[code] = {
            "number": number,
            "label": item["label"],
            "unit": _one_of(Unit, item["for"], f"class {code}: for"),
            "gives": _one_of(Gives, item["gives"], f"class {code}: gives"),
        }
        numbers.add(number)
    return found


def _kind(item: Mapping[str, Any], classes: Mapping[str, Mapping[str, Any]]) -> KindOf:
    code = item["code"]
    if item["class"] not in classes:
        raise ValueError(f"assistance: kind {code}: there is no class {item['class']!r}")
    group = classes[item["class"]]
    return KindOf(
        code=code,
        label=item["label"],
        class_code=item["class"],
        class_label=group["label"],
        number=group["number"],
        unit=group["unit"],
        gives=group["gives"],
        measure=_one_of(Measure, item["measured"], f"kind {code}: measured"),
        second_above=_money(item.get("second_above"), f"kind {code}: second_above"),
        emergency_up_to=_money(item.get("emergency_up_to"), f"kind {code}: emergency_up_to"),
    )


def _share(item: Mapping[str, Any], codes: list[str]) -> Share:
    if item["kind"] not in codes:
        raise ValueError(f"assistance: reception_package: there is no kind {item['kind']!r}")
    quantity = item["quantity"]
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise ValueError("assistance: reception_package: quantity must be a whole number from 1")
    return Share(item["kind"], _one_of(Unit, item["per"], "reception_package: per"), quantity)


def _one_of(choices: Any, value: Any, where: str) -> Any:
    if value not in choices.values:
        raise ValueError(f"assistance: {where} must be one of {', '.join(choices.values)}, not {value!r}")
    return choices(value)


def _money(value: Any, where: str) -> Decimal | None:
    """Amounts stand in quotes: a number without them has been a float already."""
    if value is None:
        return None
    try:
        if not isinstance(value, str):
            raise InvalidOperation
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError(
            f'assistance: {where} must be an amount in quotes such as "500.00", not {value!r}'
        ) from None
    if amount <= 0 or amount != round(amount, 2):
        raise ValueError(
            f"assistance: {where} must be above zero and have at most two decimals, not {value!r}"
        )
    return amount
