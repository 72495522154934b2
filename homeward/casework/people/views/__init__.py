"""The pages about people: finding them, one person, families, coming home, published figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from homeward.casework.people import actions, forms, permissions, queries
from homeward.casework.people.models import Guardianship, Person, Return
from homeward.foundation.access.permissions import may as may_do
from homeward.foundation.access.queries import knows_the_label
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import NotPermitted
from homeward.foundation.web.navigation import may, place_of
from homeward.foundation.web.pages import ActionPage, DetailPage, ListPage, signed_in

MOST_FOUND = 20


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """Finds people by name in any script, by year of birth and sex, or by reference. The reference of anything else, a
    household or a gift, leads to its page.

    What was typed is posted and never stands in the address: addresses are kept in logs and browsers.
    """
    member: Member = request.member  # type: ignore[attr-defined]
    form = forms.SearchForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "title": _("People"), "asked": False}
    if form.is_bound and form.is_valid():
        if place := place_of(form.cleaned_data["text"], to=member):
            # While somebody types, only the results would be replaced: the browser is told to go there for real.
            is_typing = request.headers.get("HX-Request")
            return HttpResponse(headers={"HX-Redirect": place}) if is_typing else redirect(place)
        found = queries.search(
            form.cleaned_data["text"],
            to=member,
            birth_year=form.cleaned_data["birth_year"],
            sex=form.cleaned_data["sex"],
            limit=MOST_FOUND + 1,
        )
        context |= {
            "may_register": may_do(member, permissions.register, member.institution),
            "register_url": reverse("cases:register"),
        }
        context |= {"asked": True, "found": found[:MOST_FOUND], "more": len(found) > MOST_FOUND}
    return render(request, "people/search.html", context, status=422 if form.errors else 200)


def _about(request: HttpRequest, person: Person) -> Mapping[str, Any]:
    """What stands on the page of a person besides the person."""
    member: Member = request.member  # type: ignore[attr-defined]
    sees_returns = may(member, permissions.see_returns)
    return {
        "membership": queries.household_of(person, to=member),
        "kin": queries.kin_of(person, to=member),
        "guardianships": queries.guardianships_of(person, to=member),
        "returns": queries.returns_of(person, to=member) if sees_returns else [],
        "merged": queries.merged(person, to=member),
        "sees_returns": sees_returns,
        "knows_the_label": knows_the_label(to=member),
        "is_child": person.is_child_on(today()),
        "may_correct": may_do(member, permissions.correct_person, person),
        "may_move": may_do(member, permissions.move_household, person),
        "may_expect": sees_returns and may_do(member, permissions.expect_return, person),
    }


person = DetailPage(
    find=queries.find_person,
    template="people/person.html",
    title=lambda found: found.full_name,
    recorded="person.viewed",
    extra=_about,
)


def _person_of(case: Any, *, to: Member) -> Person | None:
    """Whom a case is about, if the member may know; not asked again where whoever found the case has asked."""
    if "known_person" not in case.__dict__:
        case.known_person = queries.known_person(case.person_id, to=to)
    found: Person | None = case.known_person
    return found


def person_panel(case: Any, *, to: Member) -> Mapping[str, Any] | None:
    """Who a case is about, for its page; nothing for a reader who may not know."""
    found = _person_of(case, to=to)
    return None if found is None else {"person": found, "knows_the_label": knows_the_label(to=to)}


def family_panel(case: Any, *, to: Member) -> Mapping[str, Any] | None:
    """Where the person a case is about lives, and who answers for them; with whom they live is shown with the cases."""
    found = _person_of(case, to=to)
    if found is None:
        return None
    membership = queries.household_of(found, to=to)
    may_move = may_do(to, permissions.move_household, found)
    if membership is None and not may_move:
        return None
    return {
        "person": found,
        "membership": membership,
        "kin": queries.guarding(found, to=to),
        "guardianships": queries.guardianships_of(found, to=to),
        "is_child": found.is_child_on(today()),
        "may_move": may_move,
    }


def return_panel(case: Any, *, to: Member) -> Mapping[str, Any] | None:
    """How the person a case is about came home, for its page; nothing where the word must not be met."""
    found = _person_of(case, to=to) if may(to, permissions.see_returns) else None
    returns_ = queries.returns_of(found, to=to) if found else []
    may_expect = found is not None and may_do(to, permissions.expect_return, found)
    if not returns_ and not may_expect:
        return None
    return {"person": found, "returns": returns_, "may_expect": may_expect}


def _written(found: Person) -> dict[str, Any]:
    """What stands there now, for the form that corrects it."""
    stands = found.theirs()
    nobody_has = stands["documents"] == [] and found.documents_status == "none"
    return stands | {
        "documents": [forms.NO_PAPERS] if nobody_has else stands["documents"],
        "municipality": found.municipality_id,
    }


correct_person = ActionPage(
    find=queries.find_person,
    recorded="person.viewed",
    permission=permissions.correct_person,
    form=forms.CorrectForm,
    action=actions.correct_person,
    initial=_written,
    title=_("Correct what is written"),
    done=_("The correction has been saved. The former name stays on record."),
)

add_name = ActionPage(
    find=queries.find_person,
    permission=permissions.add_name,
    form=forms.NameForm,
    action=actions.add_name,
    title=_("Add another name"),
    submit=_("Add the name"),
    then=lambda name: name.person.get_absolute_url(),
    done=_("The name has been added."),
)

move_household = ActionPage(
    find=queries.find_person,
    permission=permissions.move_household,
    form=forms.MoveForm,
    action=actions.move_household,
    title=_("Move to another household"),
    submit=_("Save the move"),
    then=lambda membership: membership.person.get_absolute_url(),
    done=_("The move has been saved."),
)

link_guardian = ActionPage(
    find=queries.find_person,
    permission=permissions.link_guardian,
    form=forms.GuardianForm,
    action=actions.link_guardian,
    title=_("Who answers for the child?"),
    then=lambda guardianship: guardianship.child.get_absolute_url(),
    done=_("Saved."),
)


def _of_child(guardianship: Guardianship) -> str:
    return str(guardianship.child.get_absolute_url())


end_guardianship = ActionPage(
    find=queries.find_guardianship,
    permission=permissions.end_guardianship,
    form=forms.EndForm,
    action=actions.end_guardianship,
    title=_("End the guardianship"),
    then=_of_child,
    done=_("Saved."),
)

expect_return = ActionPage(
    find=queries.find_person,
    permission=permissions.expect_return,
    form=forms.ExpectForm,
    action=actions.expect_return,
    title=_("Expect this person"),
    then=lambda expected: expected.person.get_absolute_url(),
    done=_("The person is on the list of those who are expected."),
)


def _of_person(return_: Return) -> str:
    return str(return_.person.get_absolute_url())


record_arrival = ActionPage(
    find=queries.find_return,
    permission=permissions.change_return,
    form=forms.ArrivalForm,
    action=actions.record_arrival,
    title=_("Record the arrival"),
    then=_of_person,
    done=_("The arrival has been recorded."),
)

expect_again = ActionPage(
    find=queries.find_return,
    permission=permissions.change_return,
    action=actions.expect_again,
    title=_("Expect this person again"),
    submit=_("Expect again"),
    then=_of_person,
    done=_("The person is on the list of those who are expected."),
)

cancel_return = ActionPage(
    find=queries.find_return,
    permission=permissions.change_return,
    action=actions.cancel_return,
    title=_("This was entered by mistake"),
    submit=_("Strike it out"),
    then=_of_person,
    done=_("The entry has been struck out."),
)

households = ListPage(
    find=queries.households,
    order=("ref",),
    title=_("Households"),
    template="people/households.html",
    filters=forms.HouseholdFilters,
    recorded="households.listed",
    extra=lambda request: {"sees_returns": may(request.member, permissions.see_returns)},  # type: ignore[attr-defined]
)

returns = ListPage(
    find=queries.returns,
    order=("-arrived_on", "-pk"),
    title=_("Returns"),
    template="people/returns.html",
    filters=forms.ReturnFilters,
    recorded="returns.listed",
    permission=permissions.see_returns,
)


@require_safe
@signed_in
def waves(request: HttpRequest) -> HttpResponse:
    """Who has come home and who is awaited, counted by wave and by municipality."""
    member: Member = request.member  # type: ignore[attr-defined]
    if not may(member, permissions.see_returns):
        raise NotPermitted
    context = {
        "title": _("Coming home"),
        "overview": queries.overview(to=member),
        "may_open": may(member, permissions.open_wave),
    }
    return render(request, "people/waves.html", context)


open_wave = ActionPage(
    permission=permissions.open_wave,
    form=forms.WaveForm,
    action=actions.open_wave,
    title=_("Enter a wave"),
    then="people:waves",
    done=_("The wave has been entered."),
)


@require_safe
@signed_in
def figures(request: HttpRequest) -> HttpResponse:
    """What others have published, with its sources, and where it does not add up."""
    member: Member = request.member  # type: ignore[attr-defined]
    if not may(member, permissions.see_figures):
        raise NotPermitted
    context = {
        "title": _("Published figures"),
        "lines": queries.figures(to=member),
        "may_publish": may(member, permissions.publish_figure),
    }
    return render(request, "people/figures.html", context)


publish_figure = ActionPage(
    permission=permissions.publish_figure,
    form=forms.FigureForm,
    action=actions.publish_figure,
    title=_("Enter a published figure"),
    then="people:figures",
    done=_("The figure stands in the ledger."),
)
