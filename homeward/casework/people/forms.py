"""What the pages about people ask for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from homeward.casework.people import queries
from homeward.casework.people.models import Household, Person, PersonTwin, PublishedFigure, ReturnWave
from homeward.casework.people.rules.households import GuardianKind, Relation
from homeward.casework.people.rules.persons import DOCUMENTS, LANGUAGES, NameKind, Sex
from homeward.casework.people.rules.returns import Channel, ReturnState
from homeward.casework.people.rules.twins import State, Verdict
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.alphabet import NamedChoiceField
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDateFormField
from homeward.foundation.kernel.errors import Missing

NO_PAPERS = "none"
_ANY = ("", _("Any"))


class SearchForm(forms.Form):
    """Whom one is looking for. Sent without a trace in the address: addresses end up in logs."""

    text = forms.CharField(
        label=_("Name or reference"),
        help_text=_(
            "In any script and spelling: Gjorgje also finds Đorđe and Ђорђе. The first three letters of each name will do."
        ),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    birth_year = forms.IntegerField(
        label=_("Year of birth"),
        help_text=_("Also finds those born a year earlier or later."),
        required=False,
        min_value=1900,
        max_value=2100,
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=[_ANY, *Sex.choices[:2]], required=False)


class ReturnFilters(forms.Form):
    """Narrows the list of returns."""

    wave: forms.ModelChoiceField[ReturnWave] = forms.ModelChoiceField(
        label=_("Wave"), queryset=None, required=False
    )
    state = forms.ChoiceField(label=_("State"), choices=[_ANY, *ReturnState.choices], required=False)
    municipality = NamedChoiceField(label=_("Municipality"), queryset=None, required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "wave", queries.waves(to=member))
        _choose(self, "municipality", institutions.municipalities(to=member))


class TwinFilter(forms.Form):
    """Narrows the list of pairs; those that wait stand there first."""

    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("Those that wait")), *(one for one in State.choices if one[0] != State.OPEN)],
        required=False,
    )


class JudgeForm(forms.Form):
    """One person or two, and if one, which record is kept."""

    verdict = forms.ChoiceField(label=_("What do you say?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("What shows it?"),
        help_text=_("A document, a conversation, what the family says. Others read this."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, member: Member, subject: PersonTwin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = _("They are one person. Keep {name} ({ref}).")
        self.fields["verdict"].choices = [  # type: ignore[attr-defined]
            (Verdict.DIFFERENT.value, Verdict.DIFFERENT.label),
            *(
                (str(side.person.pk), keep.format(name=side.person.full_name, ref=side.person.ref))
                for side in queries.sides(subject, to=member)
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """The verdict, and the key of the record that is kept."""
        given = super().clean() or {}
        said = given.get("verdict")
        if said and said != Verdict.DIFFERENT:
            given |= {"verdict": Verdict.PROPOSE.value, "kept": UUID(said)}
        return given


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("What shows it?"), max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeskForm(forms.Form):
    """What the linkage desk decides."""

    verdict = forms.ChoiceField(
        label=_("What do you say?"),
        choices=[
            (Verdict.DIFFERENT.value, Verdict.DIFFERENT.label),
            ("contact", _("They may be one person: put the two institutions in contact.")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Remark for the desk"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class HouseholdFilters(forms.Form):
    """Narrows the list of households."""

    municipality = NamedChoiceField(label=_("Municipality"), queryset=None, required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "municipality", institutions.municipalities(to=member))


class CorrectForm(forms.Form):
    """Everything that is written about a person, to be corrected, and which version of it one looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    given = forms.CharField(label=_("Given name"), max_length=120, required=False)
    family = forms.CharField(label=_("Family name"), max_length=120, required=False)
    father = forms.CharField(label=_("Father's name"), max_length=120, required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, widget=forms.RadioSelect)
    born = PartialDateFormField(
        label=_("Date of birth"), help_text=_("As much of it as is known."), required=False
    )
    birth_place = forms.CharField(label=_("Place of birth"), max_length=120, required=False)
    documents = forms.MultipleChoiceField(
        label=_("Papers held"),
        help_text=_("Leave empty as long as nobody has asked."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken"),
        choices=list(LANGUAGES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    municipality = NamedChoiceField(label=_("Municipality"), queryset=None, required=False)

    def __init__(self, *args: Any, member: Member, subject: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "municipality", institutions.municipalities(to=member))
        papers = {**DOCUMENTS, **{code: code for code in subject.documents if code not in DOCUMENTS}}
        self.fields["documents"].choices = [*papers.items(), (NO_PAPERS, _("No papers at all"))]  # type: ignore[attr-defined]

    def clean_documents(self) -> list[str] | None:
        """The papers held; empty for none at all, and None as long as nobody has asked."""
        chosen: list[str] = self.cleaned_data["documents"]
        if NO_PAPERS in chosen and len(chosen) > 1:
            raise ValidationError(_("Either no papers at all, or those that are ticked."))
        return [code for code in chosen if code != NO_PAPERS] if chosen else None


class NameForm(forms.Form):
    """Another name under which an office knows somebody."""

    given = forms.CharField(label=_("Given name"), max_length=120, required=False)
    family = forms.CharField(label=_("Family name"), max_length=120, required=False)
    father = forms.CharField(label=_("Father's name"), max_length=120, required=False)
    kind = forms.ChoiceField(
        label=_("What kind of name is it?"),
        choices=[choice for choice in NameKind.choices if choice[0] != NameKind.PRIMARY],
    )
    source = forms.CharField(label=_("Where does it stand?"), max_length=120, required=False)


class MoveForm(forms.Form):
    """Where somebody lives from now on."""

    household = forms.CharField(
        label=_("Reference of the household"),
        help_text=_("Leave empty for a new household."),
        max_length=24,
        required=False,
    )
    relation = forms.ChoiceField(label=_("Relation within the household"), choices=Relation.choices)
    on = forms.DateField(label=_("From which day on?"), initial=today)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member

    def clean_household(self) -> Household | None:
        """The household of that reference, if the member may know it."""
        reference = self.cleaned_data["household"]
        if not reference:
            return None
        try:
            return queries.find_household(reference, to=self.member)
        except Missing as missing:
            raise ValidationError(_("There is no household with this reference.")) from missing


class GuardianForm(forms.Form):
    """Who answers for a child: a person or an institution."""

    kind = forms.ChoiceField(label=_("In which way?"), choices=GuardianKind.choices, widget=forms.RadioSelect)
    guardian = forms.CharField(
        label=_("Reference of the person"),
        help_text=_("Leave empty when an institution answers for the child."),
        max_length=24,
        required=False,
    )
    institution_name = forms.CharField(label=_("Name of the institution"), max_length=160, required=False)
    basis = forms.CharField(
        label=_("On which basis?"),
        help_text=_("For example a decision and its number."),
        max_length=200,
        required=False,
    )
    starts_on = forms.DateField(label=_("Since when?"), required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member

    def clean_guardian(self) -> Person | None:
        """The person of that reference, if the member may know them."""
        reference = self.cleaned_data["guardian"]
        if not reference:
            return None
        try:
            return queries.find_person(reference, to=self.member)
        except Missing as missing:
            raise ValidationError(_("There is no person with this reference.")) from missing


class EndForm(forms.Form):
    """The last day of something."""

    ends_on = forms.DateField(label=_("Last day"), initial=today)


class ExpectForm(forms.Form):
    """Who is expected, from where and about when."""

    origin = forms.CharField(label=_("From where?"), max_length=120, required=False)
    channel = forms.ChoiceField(label=_("By which way?"), choices=Channel.choices)
    expected_on = forms.DateField(label=_("Expected on"), required=False)


class ArrivalForm(forms.Form):
    """When somebody arrived, and with which group."""

    arrived_on = forms.DateField(label=_("Day of arrival"), initial=today)
    wave: forms.ModelChoiceField[ReturnWave] = forms.ModelChoiceField(
        label=_("Wave"),
        help_text=_("Leave empty for somebody who came on their own."),
        queryset=None,
        required=False,
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "wave", queries.waves(to=member))


class WaveForm(forms.Form):
    """A group of people who came home together."""

    code = forms.SlugField(
        label=_("Short name"), help_text=_("For example the day: 2019-04-20"), max_length=60
    )
    on = forms.DateField(label=_("Day of arrival"))
    channel = forms.ChoiceField(label=_("By which way?"), choices=Channel.choices)
    organiser = forms.CharField(label=_("Who organised it?"), max_length=160, required=False)


class FigureForm(forms.Form):
    """A figure that somebody has published."""

    key = forms.SlugField(
        label=_("Short name"),
        help_text=_("The same for the same matter, for example travelled-total"),
        max_length=80,
    )
    value = forms.DecimalField(label=_("Value"), min_value=0, max_digits=14, decimal_places=2)
    unit = forms.CharField(label=_("Counted in"), max_length=40)
    population = forms.CharField(label=_("Of whom?"), max_length=200, required=False)
    as_of = PartialDateFormField(label=_("As of"), required=False)
    source = forms.CharField(label=_("Source"), max_length=200)
    part_of: forms.ModelChoiceField[PublishedFigure] = forms.ModelChoiceField(
        label=_("A part of"), queryset=None, required=False
    )
    explanation = forms.CharField(
        label=_("What is known about it"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "part_of", queries.wholes(to=member))


def _choose(form: forms.Form, name: str, found: Any) -> None:
    """What may be chosen in a field: only what a query gave for this member."""
    form.fields[name].queryset = found  # type: ignore[attr-defined]
