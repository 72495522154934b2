"""Three boxes for day, month and year: the way to ask for a date that people make fewest mistakes in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

PARTS = (("day", _("Day")), ("month", _("Month")), ("year", _("Year")))


class Typed(str):
    """What stood in the three boxes, so that a wrong date comes back exactly as it was typed."""

    parts: tuple[str, str, str]

    @classmethod
    def from_parts(cls, day: str, month: str, year: str) -> Typed:
        """A date in the one order that every form field can read."""
        made = cls(f"{year}-{month.zfill(2)}-{day.zfill(2)}")
        made.parts = (day, month, year)
        return made


class DayInput(forms.Widget):
    """A date in three boxes. Also takes the whole date under its own name, as programs send it."""

    template_name = "web/widgets/day.html"
    use_fieldset = True

    def format_value(self, value: Any) -> Any:
        """The three parts to show."""
        if isinstance(value, Typed):
            return value.parts
        if isinstance(value, date):
            return (str(value.day), str(value.month), str(value.year))
        pieces = str(value or "").split("-")
        if len(pieces) == 3:
            return (pieces[2].lstrip("0"), pieces[1].lstrip("0"), pieces[0])
        return (str(value or ""), "", "")

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """What the template needs."""
        context = super().get_context(name, value, attrs)
        shown = self.format_value(value)
        id_ = context["widget"]["attrs"].get("id", f"id_{name}")
        context["widget"]["parts"] = [
            {"name": f"{name}_{part}", "id": f"{id_}_{part}", "label": label, "value": typed, "part": part}
            for (part, label), typed in zip(PARTS, shown, strict=True)
        ]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The date as text, or None when all boxes are empty."""
        if data.get(name):
            return data[name]
        day, month, year = (str(data.get(f"{name}_{part}") or "").strip() for part, _label in PARTS)
        return Typed.from_parts(day, month, year) if day or month or year else None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the form did not ask at all."""
        return name not in data and all(f"{name}_{part}" not in data for part, _label in PARTS)

    def id_for_label(self, id_: str) -> str:
        """The first box."""
        return f"{id_}_day" if id_ else id_
