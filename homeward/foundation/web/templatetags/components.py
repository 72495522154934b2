"""The components every page is made of: `{% load components %}`.

Each writes GOV.UK or MoJ markup with our classes; the gallery page shows every one in every state. None takes
HTML from a caller except as the block between its tags, so nothing typed by a person is ever markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.forms import BaseForm
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeward.foundation.kernel.clock import ZONE, today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.web import panels as case_panels
from homeward.foundation.web.components import mistakes
from homeward.foundation.web.languages import MARKS

register = template.Library()

# What a colour says. Colour is never alone: the word stands in the tag.
TONES = {
    "neutral": "grey",
    "info": "blue",
    "good": "green",
    "waiting": "yellow",
    "urgent": "red",
    "special": "purple",
    "away": "teal",
}

ALERTS = ("information", "success", "warning", "error")

NOTHING = SafeString("")


def _draw(name: str, **context: Any) -> SafeString:
    return render_to_string(f"web/components/{name}.html", context)


def _given(**attrs: Any) -> SafeString:
    """HTML attributes for those that are set."""
    pairs = [
        (name.rstrip("_").replace("_", "-"), value)
        for name, value in attrs.items()
        if value not in (None, "", False)
    ]
    return format_html_join("", ' {}="{}"', pairs)


# ---- words and numbers -------------------------------------------------------------------------------------


@register.simple_tag
def tag(text: Any, tone: str = "neutral") -> SafeString:
    """A state in one or two words: `{% tag case.get_care_state_display "good" %}`.

    Tones: neutral, info, good, waiting, urgent, special, away.
    """
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', TONES[tone], text)


@register.simple_tag
def day(value: Any, empty: str = "—") -> SafeString:
    """A date as the reader writes it, known to machines as well; also partial dates and nothing at all."""
    if not value:
        return _nothing(empty)
    if isinstance(value, PartialDate):
        if value.precision == "day" and not value.approximate:
            return day(value.earliest)
        return format_html('<time datetime="{}">{}</time>', value.iso.removesuffix("~"), value.display())
    if isinstance(value, datetime):
        value = timezone.localtime(value, ZONE).date() if timezone.is_aware(value) else value.date()
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), date_format(value, "DATE_FORMAT"))


@register.simple_tag
def instant(value: datetime | None, empty: str = "—") -> SafeString:
    """A moment: day and time of the office clock."""
    if not value:
        return _nothing(empty)
    local = timezone.localtime(value, ZONE) if timezone.is_aware(value) else value
    return format_html(
        '<time datetime="{}">{}</time>',
        local.isoformat(timespec="minutes"),
        date_format(local, "DATETIME_FORMAT"),
    )


@register.simple_tag
def due(value: date | None, done: bool = False) -> SafeString:
    """A deadline as one reads it: red when it is past, yellow within a week, plain when there is time."""
    if not value:
        return _nothing("—")
    left = (value - today()).days
    if done or left > 7:
        return day(value)
    if left < 0:
        return tag(ngettext("%(days)s day late", "%(days)s days late", -left) % {"days": -left}, "urgent")
    if left == 0:
        return tag(_("Today"), "waiting")
    return tag(ngettext("In %(days)s day", "In %(days)s days", left) % {"days": left}, "waiting")


@register.simple_tag
def progress(value: int, maximum: int, label: str = "") -> SafeString:
    """How far something has come: a bar and the numbers it stands for."""
    return _draw("progress", value=min(value, maximum), maximum=maximum, label=label or _("Progress"))


def _nothing(empty: str) -> SafeString:
    if empty != "—":
        return format_html("{}", empty)
    return format_html(
        '<span aria-hidden="true">—</span><span class="govuk-visually-hidden">{}</span>', _("not known")
    )


# ---- things and lists --------------------------------------------------------------------------------------


@register.simple_block_tag
def summary_card(
    content: SafeString, title: Any, action: Any = "", url: str = "", level: int = 2, anchor: str = ""
) -> SafeString:
    """A card of facts: `{% summary_card title=_("Person") %}{% summary_row … %}…{% endsummary_card %}`."""
    return _draw("summary_card", content=content, title=title, action=action, url=url, level=level, id=anchor)


@register.simple_block_tag
def summary_list(content: SafeString) -> SafeString:
    """Facts without a card around them."""
    return format_html('<dl class="govuk-summary-list hw-summary">{}</dl>', content)


@register.simple_block_tag
def summary_row(content: SafeString, key: Any, action: Any = "", url: str = "") -> SafeString:
    """One fact: its name, what is known, and perhaps the link to change it."""
    act = NOTHING
    if url:
        act = format_html(
            '<dd class="govuk-summary-list__actions"><a class="govuk-link" href="{}">{}'
            '<span class="govuk-visually-hidden"> {}</span></a></dd>',
            url,
            action or _("Change"),
            key,
        )
    value = content if str(content).strip() else _nothing("—")
    bare = "" if act else " govuk-summary-list__row--no-actions"
    return format_html(
        '<div class="govuk-summary-list__row{}"><dt class="govuk-summary-list__key">{}</dt>'
        '<dd class="govuk-summary-list__value">{}</dd>{}</div>',
        bare,
        key,
        value,
        act,
    )


@register.simple_block_tag
def table(
    content: SafeString, caption: Any, hide_caption: bool = False, anchor: str = "", matrix: bool = False
) -> SafeString:
    """A table that says what it holds. On a narrow screen each row becomes a card; without JavaScript it scrolls.

    Plain `<tr>` and `<td>` go in, after `{% columns … %}`; `class="numeric"` sets numbers under one another. A `matrix`
    has many narrow columns under upright headings, stays a table on every screen and scrolls by keyboard.
    """
    return _draw(
        "table",
        content=content,
        caption=caption,
        hide_caption=hide_caption,
        matrix=matrix,
        id=anchor or f"table-{slugify(caption, allow_unicode=True)}",
    )


@register.simple_tag
def columns(*names: Any, numeric: str = "") -> SafeString:
    """The head of a table; `numeric="2 4"` names the columns of numbers, counted from one."""
    numbers = {int(number) for number in str(numeric).split()}
    cells = format_html_join(
        "",
        '<th scope="col"{}>{}</th>',
        (
            (SafeString(' class="numeric"') if n in numbers else NOTHING, _head(name))
            for n, name in enumerate(names, 1)
        ),
    )
    return format_html("<thead><tr>{}</tr></thead>", cells)


def _head(name: Any) -> SafeString:
    if str(name):
        return format_html("{}", name)
    return format_html('<span class="govuk-visually-hidden">{}</span>', _("Actions"))


@register.simple_block_tag
def timeline(content: SafeString) -> SafeString:
    """What happened, the latest first."""
    return format_html('<div class="moj-timeline hw-timeline">{}</div>', content)


@register.simple_block_tag
def moment(
    content: SafeString, title: Any, at: datetime | date | None = None, by: Any = "", level: int = 3
) -> SafeString:
    """One thing that happened: what, who, when; the block says more."""
    when = instant(at) if isinstance(at, datetime) else day(at) if at else NOTHING
    return _draw(
        "moment", content=str(content).strip() and content, title=title, by=by, when=when, level=level
    )


@register.simple_block_tag
def task_list(content: SafeString) -> SafeString:
    """What is to be done, with how far each is."""
    return format_html('<ul class="govuk-task-list">{}</ul>', content)


@register.simple_block_tag
def task(
    content: SafeString, title: Any, url: str = "", status: Any = "", tone: str = "", anchor: str = ""
) -> SafeString:
    """One task; a tone puts its state into a tag, no tone leaves it calm (“Done”)."""
    return _draw(
        "task", content=str(content).strip() and content, title=title, url=url, status=status, tone=tone,
        id=anchor or f"task-{slugify(title, allow_unicode=True)}",
    )  # fmt: skip


@register.simple_block_tag
def steps(content: SafeString, label: Any) -> SafeString:
    """The stations of a longer piece of work."""
    return format_html('<nav aria-label="{}"><ol class="hw-steps">{}</ol></nav>', label, content)


@register.simple_tag
def step(title: Any, state: str = "ahead", url: str = "") -> SafeString:
    """One station: done, current or ahead."""
    words = {"done": _("done"), "current": _("you are here"), "ahead": ""}[state]
    name = (
        format_html('<a class="govuk-link" href="{}">{}</a>', url, title) if url else format_html("{}", title)
    )
    note = format_html('<span class="govuk-visually-hidden"> ({})</span>', words) if words else NOTHING
    here = SafeString(' aria-current="step"') if state == "current" else NOTHING
    return format_html('<li class="hw-steps__item hw-steps__item--{}"{}>{}{}</li>', state, here, name, note)


@register.simple_tag
def who_can_see(entries: Iterable[Any]) -> SafeString:
    """Who can see this, and why: institution, what of it, on which ground, until when.

    Each entry has `institution`, `sees`, `why` and `until`, as attributes or keys. `sees` and `why` are a list of
    sentences or one; of `sees`, what stands between semicolons is a sentence of its own.
    """
    rows = [
        {name: _part(entry, name) for name in ("institution", "until")}
        | {"sees": _sentences(_part(entry, "sees"), ";"), "why": _sentences(_part(entry, "why"))}
        for entry in entries
    ]
    return _draw("who_can_see", rows=rows)


def _part(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else getattr(entry, name, None)


def _sentences(said: Any, parted: str = "") -> list[Any]:
    if isinstance(said, (list, tuple)):
        return list(said)
    words = str(said or "")
    return [part.strip() for part in (words.split(parted) if parted else [words]) if part.strip()]


# ---- messages ----------------------------------------------------------------------------------------------


@register.simple_block_tag
def alert(content: SafeString, kind: str = "information", title: Any = "", level: int = 2) -> SafeString:
    """Something the reader should know before going on: information, success, warning or error."""
    if kind not in ALERTS:
        raise template.TemplateSyntaxError(f"An alert is one of {', '.join(ALERTS)}, not {kind!r}.")
    labels = {
        "information": _("Information"),
        "success": _("Done"),
        "warning": _("Warning"),
        "error": _("Error"),
    }
    return _draw("alert", content=content, kind=kind, title=title, label=labels[kind], level=level)


@register.simple_block_tag
def inset(content: SafeString) -> SafeString:
    """A quotation or an aside within a text."""
    return format_html('<div class="govuk-inset-text">{}</div>', content)


@register.simple_block_tag
def notification(content: SafeString, title: Any, level: int = 2) -> SafeString:
    """News for everybody on this page, such as a planned interruption."""
    return _draw(
        "notification",
        content=content,
        title=title,
        level=level,
        id=f"notification-{slugify(title, allow_unicode=True)}",
    )


@register.simple_block_tag
def empty(content: SafeString, title: Any) -> SafeString:
    """Nothing here yet: says so, and says what to do.

    Inside `{% for %}` Django reads `empty` as its own word: put an `{% if %}` around the list instead.
    """
    return format_html(
        '<div class="hw-empty"><p class="hw-empty__title">{}</p><div class="hw-empty__what">{}</div></div>',
        title,
        content,
    )


@register.simple_block_tag
def details(content: SafeString, summary: Any) -> SafeString:
    """Something only some readers need, behind one line that names it."""
    return format_html(
        '<details class="govuk-details"><summary class="govuk-details__summary">'
        '<span class="govuk-details__summary-text">{}</span></summary><div class="govuk-details__text">{}</div></details>',
        summary,
        content,
    )


@register.simple_tag
def error_summary(*forms: BaseForm | None) -> SafeString:
    """Everything wrong with the forms of a page, each line leading to the place where it is mended."""
    found = [mistake for form in forms if form is not None and form.is_bound for mistake in mistakes(form)]
    return _draw("error_summary", mistakes=found) if found else NOTHING


# ---- doing and going ---------------------------------------------------------------------------------------

_VARIANTS = {"": "", "secondary": " govuk-button--secondary", "warning": " govuk-button--warning"}


@register.simple_tag
def button(
    text: Any,
    href: str = "",
    variant: str = "",
    name: str = "",
    value: str = "",
    form: str = "",
    hint: Any = "",
) -> SafeString:
    """A button that sends the form around it, or with `href` a link that looks like one.

    `hint` is read out after the text where several buttons of one name stand on a page.
    """
    words = (
        format_html('{}<span class="govuk-visually-hidden"> {}</span>', text, hint)
        if hint
        else format_html("{}", text)
    )
    if href:
        return format_html(
            '<a href="{}" role="button" draggable="false" class="govuk-button{}" data-module="govuk-button">{}</a>',
            href,
            _VARIANTS[variant],
            words,
        )
    return format_html(
        '<button type="submit" class="govuk-button{}" data-module="govuk-button" data-prevent-double-click="true"{}>{}</button>',
        _VARIANTS[variant],
        _given(name=name, value=value, form=form),
        words,
    )


@register.simple_tag
def field(bound: BoundField, optional: bool = True, label: Any = "", hint: Any = "") -> SafeString:
    """A field of a form with its label, hint and error; `optional=False` leaves out the word “optional”.

    `label` and `hint` say it in our own words where the form comes from somebody else; `hint=None` says nothing.
    """
    bound.label = label or bound.label
    bound.help_text = "" if hint is None else hint or bound.help_text
    return bound.render(context={"field": bound, "optional": optional})


@register.simple_block_tag
def tabs(content: SafeString, label: Any) -> SafeString:
    """The parts of one thing, each on a page of its own."""
    return format_html(
        '<nav class="moj-sub-navigation" aria-label="{}"><ul class="moj-sub-navigation__list">{}</ul></nav>',
        label,
        content,
    )


@register.simple_tag
def tab(title: Any, url: str, current: bool = False, count: int | None = None) -> SafeString:
    """One part; the count says how much waits there."""
    return format_html(
        '<li class="moj-sub-navigation__item"><a class="moj-sub-navigation__link"{} href="{}">{}{}</a></li>',
        SafeString(' aria-current="page"') if current else NOTHING,
        url,
        title,
        format_html(' <span class="hw-count">{}</span>', count) if count is not None else NOTHING,
    )


@register.simple_block_tag
def breadcrumbs(content: SafeString) -> SafeString:
    """The way back to the start."""
    return format_html(
        '<nav class="govuk-breadcrumbs govuk-breadcrumbs--collapse-on-mobile" aria-label="{}">'
        '<ol class="govuk-breadcrumbs__list">{}</ol></nav>',
        _("Way back"),
        content,
    )


@register.simple_tag
def crumb(title: Any, url: str = "") -> SafeString:
    """One station on the way back; the page itself has no link."""
    if not url:
        return format_html('<li class="govuk-breadcrumbs__list-item" aria-current="page">{}</li>', title)
    return format_html(
        '<li class="govuk-breadcrumbs__list-item"><a class="govuk-breadcrumbs__link" href="{}">{}</a></li>',
        url,
        title,
    )


@register.simple_tag
def pagination(page: Any, label: Any = "") -> SafeString:
    """To the rows before and after."""
    if not page.previous_url and not page.next_url:
        return NOTHING
    return _draw("pagination", page=page, label=label or _("Pages"))


@register.simple_tag(takes_context=True)
def filter_panel(context: Context, form: BaseForm | None, title: Any = "") -> SafeString:
    """The filters of a list, which also work without JavaScript."""
    if form is None:
        return NOTHING
    request = context.get("request")
    return _draw(
        "filter_panel",
        form=form,
        title=title or _("Filter"),
        path=request.path if request else "",
        is_open=form.is_bound,  # an open panel shows why the list is as short as it is
    )


@register.simple_tag(takes_context=True)
def case_panels_of(context: Context, case: Any, aside: bool = False) -> SafeString:
    """The panels other rooms bring to a case page, each with what this member may see of it."""
    return _panels(context, case, page="case", aside=aside)


@register.simple_tag(takes_context=True)
def family_panels_of(context: Context, household: Any) -> SafeString:
    """The same of the page of a family."""
    return _panels(context, household, page="family", aside=None)


def _panels(context: Context, thing: Any, *, page: str, aside: bool | None) -> SafeString:
    member = context.get("member") or getattr(context.get("request"), "member", None)
    around: dict[str, Any] = {str(name): value for name, value in context.flatten().items()}
    found = case_panels.drawn(thing, to=member, page=page, aside=aside)
    return format_html_join(
        "",
        '<section class="hw-panel" id="panel-{}" aria-labelledby="panel-{}-title">'
        '<h2 class="govuk-heading-m" id="panel-{}-title">{}</h2>{}</section>',
        (
            (
                *[drawn.panel.name] * 3,
                drawn.panel.title,
                render_to_string(
                    drawn.panel.template, {**around, **drawn.shown, page: thing, "panel": drawn.panel}
                ),
            )
            for drawn in found
        ),
    )


# ---- small things the templates above need -----------------------------------------------------------------


@register.filter
def has(attrs: Mapping[str, Any], name: str) -> bool:
    """Whether an attribute is set; for names with a hyphen, which a template cannot spell."""
    return bool(attrs.get(name))


@register.filter
def language_mark(code: str) -> str:
    """The `lang` of a page: for Serbian it names the script, which chooses the right letter forms."""
    return MARKS.get(code, code)


@register.filter
def starts_with(path: str, start: str) -> bool:
    """Whether an address lies under another one."""
    return bool(start) and path.startswith(start)
