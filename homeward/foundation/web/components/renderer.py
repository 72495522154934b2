"""The form renderer: dresses Django's widgets in GOV.UK classes and puts field, hint and error together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.forms import BaseForm
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

from homeward.foundation.web.components.dates import DayInput

_WIDGETS = "django/forms/widgets/"

# Widgets whose markup differs from a single plain element.
_OWN = {
    f"{_WIDGETS}radio.html": "web/widgets/radios.html",
    f"{_WIDGETS}checkbox_select.html": "web/widgets/checkboxes.html",
    f"{_WIDGETS}clearable_file_input.html": "web/widgets/file.html",
    **{f"django/forms/{way}.html": "web/forms/form.html" for way in ("div", "p", "ul", "table")},
}

_INPUT = ("text", "email", "number", "password", "url", "tel", "search", "date", "datetime", "time")
_CLASSES = {
    **{f"{_WIDGETS}{kind}.html": "govuk-input" for kind in _INPUT},
    f"{_WIDGETS}textarea.html": "govuk-textarea",
    f"{_WIDGETS}select.html": "govuk-select",
    f"{_WIDGETS}file.html": "govuk-file-upload",
    f"{_WIDGETS}clearable_file_input.html": "govuk-file-upload",
    f"{_WIDGETS}checkbox.html": "govuk-checkboxes__input",
}
# A box is about as wide as what belongs into it.
_WIDTHS = {
    "number": "govuk-input--width-5",
    "time": "govuk-input--width-5",
    "datetime": "govuk-input--width-20",
}


class ShownField(forms.BoundField):
    """A field on a page: knows its kind, and asks for dates in three boxes."""

    def __init__(self, form: BaseForm, field: forms.Field, name: str) -> None:
        # The plain text box is only the default of Django; a form that chose another widget keeps it.
        if type(field) is forms.DateField and type(field.widget) is forms.DateInput:
            field.widget = DayInput(attrs=field.widget.attrs)
            field.widget.is_required = field.required
        if isinstance(field, forms.DecimalField | forms.FloatField):
            # 12,50 in Albanian and Serbian, 12.50 everywhere: both are read.
            field.localize = field.widget.is_localized = True
        super().__init__(form, field, name)

    @property
    def kind(self) -> str:
        """Which of the five layouts of the field template it takes."""
        widget = self.field.widget
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        return "group" if self.use_fieldset else "plain"

    @property
    def is_optional(self) -> bool:
        """Whether it says so: required is the rule, an unticked box is an answer, and some fields are only asked for once there
        is something to ask (`is_asked_for`)."""
        asked = getattr(self.field, "is_asked_for", False)
        return not (self.field.required or asked or self.kind == "checkbox" or self.field.disabled)

    @property
    def focus_id(self) -> str:
        """The element that the error summary leads to."""
        if isinstance(self.field.widget, forms.RadioSelect):  # and its child, the list of tick boxes
            return next((str(one.id_for_label) for one in self.subwidgets), self.auto_id)
        return self.id_for_label


class GovukRenderer(TemplatesSetting):
    """Renders every form, field and widget of the site."""

    form_template_name = "web/forms/form.html"
    field_template_name = "web/forms/field.html"
    bound_field_class = ShownField

    def render(self, template_name: str, context: Any, request: HttpRequest | None = None) -> str:
        """The markup of one form, field or widget."""
        if "widget" in context:
            context = {**context, "widget": _dressed(template_name, context["widget"])}
        return super().render(_OWN.get(template_name, template_name), context, request)


def mistakes(form: BaseForm) -> list[tuple[str, str]]:
    """Everything wrong with a form, top to bottom: where to mend it (or nowhere) and what to say."""
    found = [("", str(error)) for error in form.non_field_errors()]
    for name in form.fields:
        field = form[name]
        if field.is_hidden:
            found += [("", str(error)) for error in field.errors]
        else:
            place = getattr(field, "focus_id", field.id_for_label)
            # “This field is required” five times over helps nobody: each line names its field.
            found += [(place, f"{str(field.label).rstrip(':')}: {error}") for error in field.errors]
    return found


def _dressed(template_name: str, widget: dict[str, Any]) -> dict[str, Any]:
    block = _CLASSES.get(template_name)
    if block is None:
        return widget
    # A placeholder vanishes while one types; the label stays.
    attrs = {name: value for name, value in widget["attrs"].items() if name != "placeholder"}
    kind = template_name.removeprefix(_WIDGETS).removesuffix(".html")
    classes = [block]
    if "width" not in (own := str(attrs.get("class", ""))) and kind in _WIDTHS:
        classes.append(_WIDTHS[kind])
    if attrs.get("aria-invalid") and block != "govuk-checkboxes__input":
        classes.append(f"{block}--error")
    if own:
        classes.append(own)
    if widget.get("type") == "number":
        # A number box silently forgets what it cannot read; a text box gives it back to be mended.
        whole = str(attrs.get("step", "1")) == "1"
        attrs = {name: value for name, value in attrs.items() if name not in ("step", "min", "max")}
        attrs["inputmode"] = "numeric" if whole else "decimal"
        widget = {**widget, "type": "text"}
    return {**widget, "attrs": {**attrs, "class": " ".join(classes)}}
