"""The page shapes themselves.

Every read names the member it is for, every write the member it is by; the shapes pass them on and add nothing
of their own to what may be seen or done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.forms import BooleanField, Field, Form, NullBooleanField
from django.forms.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from homeward.foundation.access.permissions import Permission, require
from homeward.foundation.audit.actions import record_view
from homeward.foundation.kernel.errors import (
    Missing,
    NoContext,
    NotPermitted,
    Refusal,
    Stale,
    Text,
    Throttled,
    Unaudited,
)
from homeward.foundation.web.navigation import may
from homeward.foundation.web.pages.doorway import admit, member_of
from homeward.foundation.web.pages.keyset import AFTER, BEFORE, Page, turn

SAVE = _("Save")

Title = Text | Callable[[Any], Text]


class Confirmation(Form):
    """A form that asks nothing: the button is the answer."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ListPage:
    """A list a member can leaf through and narrow.

    `find(to=member, **of the address)` gives the rows in sight; the filled fields of `filters` are passed on to
    it by their names, and a filter that was filled in wrongly shows no rows rather than all of them.
    `order` ends with a unique field; the reader may ask for one of the other `orders`, by its name in the filter `order`.
    `permission` closes the page to members for whom it is never true.
    `recorded` is the verb under which the look is written into the log, with the number of people shown: once for
    a page of the list, and not at all when it is empty. The template extends `web/list.html` and finds `page`
    (rows, next_url, previous_url, is_filtered), `filters`, `title` and whatever `extra(request)`,
    `extra_of_page(request, page)` and `totals(request, all rows)` add.
    """

    find: Callable[..., Any]
    order: Sequence[str]
    title: Text
    template: str = "web/list.html"
    filters: type[BaseForm] | None = None
    permission: Permission | None = None
    per_page: int = 50
    recorded: str | None = None
    extra: Callable[[HttpRequest], Mapping[str, Any] | None] | None = None
    extra_of_page: Callable[[HttpRequest, Page], Mapping[str, Any] | None] | None = None
    orders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    totals: Callable[[HttpRequest, Any], Mapping[str, Any] | None] | None = None

    def __call__(self, request: HttpRequest, **address: Any) -> HttpResponse:
        """Answer a request."""
        return admit(request, lambda: self._draw(request, address))

    def _draw(self, request: HttpRequest, address: dict[str, Any]) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        member = member_of(request)
        totals: Mapping[str, Any] = {}
        if not may(member, self.permission):
            raise NotPermitted
        form = self._filter(request, member)
        is_filtered = form is not None and form.is_bound
        if form is not None and is_filtered and not form.is_valid():
            if request.headers.get("HX-Request"):
                # Only the rows would be replaced: go there for real, where the mistake is pointed out.
                return HttpResponse(headers={"HX-Redirect": request.get_full_path()})
            page = Page([], is_filtered=True)
        else:
            wanted = _filled(form) if form is not None and is_filtered else {}
            order = self.orders.get(wanted.pop("order", ""), self.order)
            rows = self.find(to=member, **address, **wanted)
            page = turn(rows, order, request, self.per_page, is_filtered=is_filtered)
            totals = _more(self.totals, request, rows) if page.rows else {}
        if self.recorded and page.rows:
            # Under the reader: one line says who leafed through how many, and the log stays readable.
            record_view(self.recorded, member, to=member, rows=len(page.rows))
        context = {"page": page, "filters": form, "title": self.title, **address, **totals}
        context |= {**_more(self.extra, request), **_more(self.extra_of_page, request, page)}
        return render(request, self.template, context)

    def _filter(self, request: HttpRequest, member: Any) -> BaseForm | None:
        if self.filters is None:
            return None
        # Unbound while nothing is asked, so that a list opened for the first time shows no complaints.
        asked = any(value for name, value in request.GET.items() if name not in (AFTER, BEFORE))
        given = request.GET if asked else None
        return self.filters(given, **_wanted(self.filters, member=member))


@dataclass(frozen=True, eq=False, kw_only=True)
class DetailPage:
    """One thing a member looks at.

    `find(to=member, **of the address)` gives it or raises Missing. `recorded` is the verb under which the look is
    written into the log, and `recorded_of` says what was looked at where that is not the thing itself. `title` is
    text or made from the thing. The template extends `web/detail.html` and finds `object`, `title` and whatever
    `extra(request, object)` adds.
    """

    find: Callable[..., Any]
    template: str
    title: Title
    recorded: str | None = None
    recorded_of: Callable[[Any], Model] | None = None
    extra: Callable[[HttpRequest, Any], Mapping[str, Any] | None] | None = None

    def __call__(self, request: HttpRequest, **address: Any) -> HttpResponse:
        """Answer a request."""
        return admit(request, lambda: self._draw(request, address))

    def _draw(self, request: HttpRequest, address: dict[str, Any]) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        member = member_of(request)
        found = _found(self.find, member, address)
        if self.recorded:
            record_view(self.recorded, _looked_at(self.recorded_of, found), to=member)
        context = {"object": found, "title": _title(self.title, found)}
        return render(request, self.template, {**context, **_more(self.extra, request, found)})


@dataclass(frozen=True, eq=False, kw_only=True)
class ActionPage:
    """Doing one thing: the form that asks what it takes, and the action that does it.

    `find(to=member, **of the address)` gives what it is done to (nothing when something new is begun);
    `action(thing, by=member, **fields)` does it. A refusal stands at its field or at the top of the page and
    everything typed stays; after a change by somebody else both values are shown. A form whose `__init__` names
    `member` or `subject` is given them. `then` is an address, the name of one, or made from the result; without
    it the thing's own page follows. `done` is the sentence that says it worked. `recorded` is the verb under which
    a look at the form is written into the log, where the form shows something of a person, and `recorded_of` what
    was looked at where that is not the thing itself. `impossible(request, thing)` says in words why it cannot be done
    now: the page then says so and asks nothing, and the action refuses all the same.
    """

    action: Callable[..., Any]
    title: Title
    find: Callable[..., Any] | None = None
    permission: Permission | None = None
    form: type[BaseForm] = Confirmation
    template: str = "web/action.html"
    submit: Text = SAVE
    then: str | Callable[[Any], Any] | None = None
    initial: Callable[[Any], Mapping[str, Any]] | None = None
    done: Text | None = None
    recorded: str | None = None
    recorded_of: Callable[[Any], Model] | None = None
    impossible: Callable[[HttpRequest, Any], Text] | None = None
    extra: Callable[[HttpRequest, Any], Mapping[str, Any] | None] | None = None

    def __call__(self, request: HttpRequest, **address: Any) -> HttpResponse:
        """Answer a request."""
        return admit(request, lambda: self._answer(request, address))

    def _answer(self, request: HttpRequest, address: dict[str, Any]) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        member = member_of(request)
        found = None if self.find is None else _found(self.find, member, address)
        self._check(member, found)
        form = self._form(request, member, found)
        if request.method != "POST":
            return self._draw(request, found, form)
        if not form.is_valid():
            return self._draw(request, found, form, status=422)
        return self._do(request, member, found, form)

    def _check(self, member: Any, found: Any) -> None:
        if not may(member, self.permission):
            raise NotPermitted
        if found is not None and self.permission is not None:
            require(member, self.permission, found)

    def _form(self, request: HttpRequest, member: Any, found: Any) -> BaseForm:
        given = _wanted(self.form, member=member, subject=found)
        if request.method == "POST":
            given |= {"data": request.POST, "files": request.FILES}
        if self.initial is not None:
            given["initial"] = dict(self.initial(found))
        return self.form(**given)

    def _do(self, request: HttpRequest, member: Any, found: Any, form: BaseForm) -> HttpResponse:
        subject = () if self.find is None else (found,)
        try:
            result = self.action(*subject, by=member, **form.cleaned_data)
        except (NoContext, Unaudited, Missing, NotPermitted):
            raise
        except Stale as stale:
            return self._draw(request, found, _renewed(form, stale), status=409, stale=_both(form, stale))
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
            return self._draw(request, found, form, status=429 if isinstance(refusal, Throttled) else 422)
        if self.done is not None:
            messages.success(request, self.done)
        return HttpResponseRedirect(self._next(result, found))

    def _next(self, result: Any, found: Any) -> str:
        if callable(self.then):
            return resolve_url(self.then(result))
        if self.then is not None:
            return resolve_url(self.then)
        return resolve_url(result if hasattr(result, "get_absolute_url") else found)

    def _draw(
        self, request: HttpRequest, found: Any, form: BaseForm, *, status: int = 200, stale: Any = ()
    ) -> HttpResponse:
        if self.recorded:
            # A form that comes back with a mistake shows as much as one that is opened.
            record_view(self.recorded, _looked_at(self.recorded_of, found), to=member_of(request))
        back = found.get_absolute_url() if hasattr(found, "get_absolute_url") else ""
        context = {
            "object": found,
            "form": form,
            "title": _title(self.title, found),
            "submit": self.submit,
            "stale": stale,
            "back_url": back,
            # A form that comes back keeps what was typed, whatever has become of the thing in between.
            "impossible": self.impossible(request, found) if self.impossible and not form.is_bound else "",
        }
        return render(request, self.template, {**context, **_more(self.extra, request, found)}, status=status)


@dataclass(frozen=True)
class Conflict:
    """One field that two people changed: what stands now and what was typed here."""

    label: Text
    theirs: Any
    yours: Any


def _both(form: BaseForm, stale: Stale) -> list[Conflict]:
    """What stands now beside what was typed, for the fields that differ."""
    rows = []
    for name, theirs in stale.theirs.items():
        if name in form.fields and not form[name].is_hidden:
            shown, typed = _in_words(form, name, theirs), _in_words(form, name, form.cleaned_data.get(name))
            if shown != typed:
                rows.append(Conflict(form[name].label, shown, typed))
    return rows


def _in_words(form: BaseForm, name: str, value: Any) -> Any:
    """A choice by its label, everything else as it is."""
    if isinstance(value, (list, tuple, set)):
        return ", ".join(str(_in_words(form, name, part)) for part in value)
    for code, label in getattr(form.fields[name], "choices", ()):
        if str(code) == str(getattr(value, "pk", value)):
            return label
    return value


def _renewed(form: BaseForm, stale: Stale) -> BaseForm:
    """The same form with everything typed, on top of what stands now: saving again is then a decision."""
    if not form.data or not hasattr(form.data, "copy"):
        return form
    data = form.data.copy()
    for name, theirs in stale.theirs.items():
        if name in form.fields and form[name].is_hidden:
            data[form.add_prefix(name)] = theirs
    form.data = data
    return form


def _found(find: Callable[..., Any], member: Any, address: Mapping[str, Any]) -> Any:
    found = find(to=member, **address)
    if found is None:
        raise Missing
    return found


def _looked_at(about: Callable[[Any], Model] | None, found: Any) -> Any:
    return found if about is None else about(found)


def _more(ask: Callable[..., Mapping[str, Any] | None] | None, *about: Any) -> Mapping[str, Any]:
    return {} if ask is None else ask(*about) or {}


def _title(title: Title, found: Any) -> Text:
    if isinstance(title, (str, Promise)):
        return title
    return title(found)


def _filled(form: BaseForm) -> dict[str, Any]:
    """The filters that were really set. A box that is not ticked asks nothing; a zero does."""
    return {
        name: value for name, value in form.cleaned_data.items() if not _is_blank(form.fields[name], value)
    }


def _is_blank(field: Field, value: Any) -> bool:
    if isinstance(field, BooleanField) and not isinstance(field, NullBooleanField):
        return not value
    if isinstance(value, QuerySet):
        return not value.exists()
    return value in (None, "", [], ())


def _wanted(form: type[BaseForm], **offered: Any) -> dict[str, Any]:
    """Of what the page can offer a form, the part its `__init__` asks for by name."""
    asked = signature(form.__init__).parameters
    return {name: value for name, value in offered.items() if name in asked}
