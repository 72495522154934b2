"""What the pages of a case ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from homeward.casework.cases import queries
from homeward.casework.cases.models import Case, CaseNote
from homeward.casework.cases.models.retention import retention
from homeward.casework.cases.models.team import Part
from homeward.casework.cases.queries import Opening, sight_of
from homeward.casework.cases.rules.care import Setting, State
from homeward.casework.cases.rules.checks import Result
from homeward.casework.cases.rules.closing import ClosingReason
from homeward.casework.cases.rules.documents import ENDINGS, MAX_BYTES
from homeward.casework.cases.rules.notes import MAX_LENGTH, NOTABLE, Label
from homeward.casework.people import queries as people
from homeward.casework.people.queries import Found
from homeward.casework.people.rules.persons import Sex
from homeward.foundation.access.permissions import exclude as whom_to_exclude
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.alphabet import NamedChoiceField
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDateFormField

REASON_LENGTH = 2000
# What there is to choose depends on who asks, and is filled in for each of them.
NOTHING: Any = None


def _long_text(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class RegisterForm(forms.Form):
    """Who is to be registered. Once the name is there, everybody like that is shown, to be looked at first."""

    given = forms.CharField(label=_("Given name"), max_length=120)
    family = forms.CharField(label=_("Family name"), max_length=120)
    father = forms.CharField(label=_("Father's name"), max_length=120, required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, widget=forms.RadioSelect)
    born = PartialDateFormField(
        label=_("Date of birth"), help_text=_("As much of it as is known."), required=False
    )
    municipality = NamedChoiceField(label=_("Municipality"), queryset=NOTHING, required=False)
    state = forms.ChoiceField(
        label=_("Where does the person stand?"),
        choices=[(State.RECEPTION, _("Here: the first checks begin")), (State.EXPECTED, _("Still expected"))],
        widget=forms.RadioSelect,
        initial=State.RECEPTION,
    )
    others = forms.MultipleChoiceField(
        label=_("Is it one of these?"),
        help_text=_("Open the page of whoever it may be. Tick each who is certainly somebody else."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = institutions.municipalities(to=member)  # type: ignore[attr-defined]
        found = self._alike(member) if self.is_bound else []
        if not found:
            del self.fields["others"]
            return
        self.fields["others"].is_asked_for = True  # type: ignore[attr-defined]
        self.fields["others"].choices = [(one.person.ref, _described(one)) for one in found]  # type: ignore[attr-defined]

    def _alike(self, member: Member) -> list[Found]:
        typed = " ".join(str(self.data.get(name, "")) for name in ("given", "family")).strip()
        born = self.fields["born"].widget.value_from_datadict(self.data, self.files, "born")
        try:
            read = self.fields["born"].clean(born)
        except forms.ValidationError:
            read = None
        return people.alike(typed, born=read, sex=str(self.data.get("sex", "")), to=member) if typed else []


def _described(found: Found) -> SafeString:
    person = found.person
    about = [
        person.ref,
        str(person.born or ""),
        person.municipality.label if person.municipality else "",
        found.why,
    ]
    return format_html(
        '<a class="govuk-link" href="{}" target="_blank" rel="noopener">{}</a>: {}',
        person.get_absolute_url(),
        person.full_name,
        ", ".join(filter(None, about)),
    )


class OpeningFilters(forms.Form):
    """Narrows the institutions that can be let into a case: there is a school and a town hall for every place."""

    name = forms.CharField(label=_("Name"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind of institution"), required=False)
    municipality = NamedChoiceField(label=_("Municipality"), queryset=NOTHING, required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted(institutions.kinds(to=member).items(), key=lambda kind: kind[1])
        self.fields["kind"].choices = [("", _("Any")), *kinds]  # type: ignore[attr-defined]
        self.fields["municipality"].queryset = institutions.municipalities(to=member)  # type: ignore[attr-defined]


class CaseFilters(forms.Form):
    """Narrows the list of cases. What a member may not know is no filter for them."""

    state = forms.ChoiceField(label=_("State"), required=False)
    municipality = NamedChoiceField(label=_("Municipality"), queryset=NOTHING, required=False)
    wave: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Wave"), queryset=NOTHING, required=False
    )
    household = forms.CharField(label=_("Reference of the family"), required=False, max_length=20)
    overdue = forms.BooleanField(label=_("Only what is overdue"), required=False)
    mine = forms.BooleanField(label=_("Only those I work on"), required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = queries.known_categories(to=member)
        self.fields["state"].choices = [("", _("Any")), *State.choices]  # type: ignore[attr-defined]
        self.fields["municipality"].queryset = institutions.municipalities(to=member)  # type: ignore[attr-defined]
        self.fields["wave"].queryset = queries.waves(to=member)  # type: ignore[attr-defined]
        if Category.CASE not in known:
            for name in ("state", "overdue", "mine"):
                del self.fields[name]
        if Category.RETURN not in known:
            del self.fields["wave"]
        if Category.HOUSEHOLD not in known:
            del self.fields["household"]
        if Category.IDENTITY not in known:
            del self.fields["municipality"]


class VersionForm(forms.Form):
    """A change of where a case stands, and what stood there when the page was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReceiveForm(VersionForm):
    """When the person arrived."""

    arrived_on = forms.DateField(
        label=_("Day of arrival"), required=False, help_text=_("Leave empty for today.")
    )


class ReasonForm(VersionForm):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=_long_text(),
        help_text=_(
            "Everybody who coordinates this case reads it. Write what happened, not what you think of somebody."
        ),
    )


class ActivateForm(VersionForm):
    """Where the person is while the plan is carried out."""

    setting = forms.ChoiceField(
        label=_("Where is the person?"), choices=Setting.choices, widget=forms.RadioSelect
    )


class TransferForm(ReasonForm):
    """To whom the lead goes."""

    institution: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("New leading institution"),
        queryset=NOTHING,
        help_text=_("Institutions that take part in this case. The new one needs a mandate to lead."),
    )
    field_order = ("institution", "reason")

    def __init__(self, *args: Any, member: Member, subject: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institution"].queryset = queries.partners(subject, to=member)  # type: ignore[attr-defined]


class ProposeClosureForm(VersionForm):
    """Why the case can end."""

    reason = forms.ChoiceField(
        label=_("Why can the case end?"), choices=ClosingReason.choices, widget=forms.RadioSelect
    )
    remark = forms.CharField(
        label=_("What the second person should know"),
        max_length=REASON_LENGTH,
        widget=_long_text(),
        required=False,
    )


class KeepLongerForm(ReasonForm):
    """Until when an archived case is kept, and why."""

    until = forms.DateField(label=_("Keep until"))
    field_order = ("until", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = retention().longer_years
        self.fields["until"].help_text = ngettext(
            "The last day. At most {n} year from today.", "The last day. At most {n} years from today.", years
        ).format(n=years)


class ProposeErasureForm(VersionForm):
    """What the second person should know before everything is destroyed."""

    remark = forms.CharField(
        label=_("What the second person should know"),
        max_length=REASON_LENGTH,
        widget=_long_text(),
        required=False,
        help_text=_("It is destroyed with the case."),
    )


class ContactForm(VersionForm):
    """Whom the family can call."""

    member: forms.ModelChoiceField[Any] = forms.ModelChoiceField(label=_("Named contact"), queryset=NOTHING)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = _colleagues(member)  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """Who works on the case, with which part."""

    member: forms.ModelChoiceField[Any] = forms.ModelChoiceField(label=_("Colleague"), queryset=NOTHING)
    part = forms.ChoiceField(label=_("Part"), choices=Part.choices)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = _colleagues(member)  # type: ignore[attr-defined]


class ExcludeForm(forms.Form):
    """Who must not see the case, and why. Only a coordinator or supervisor names somebody else."""

    member: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Who must not see this case?"), queryset=NOTHING
    )
    reason = forms.CharField(
        label=_("Why?"),
        max_length=REASON_LENGTH,
        widget=_long_text(3),
        help_text=_(
            "A relative, a neighbour, somebody they know from elsewhere. Your coordinators and supervisors read it, "
            "and those who watch over the use of data; nobody else."
        ),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = queries.colleagues(to=member).filter(whom_to_exclude(member))
        if found.count() > 1:
            self.fields["member"].queryset = found  # type: ignore[attr-defined]
        else:
            del self.fields["member"]


class NoteForm(forms.Form):
    """What happened, and what kind of statement that is."""

    category = forms.TypedChoiceField(
        label=_("Belongs to"),
        coerce=int,
        help_text=_("Decides who can read it. Choose the narrowest that fits."),
    )
    label = forms.ChoiceField(
        label=_("What is it?"),
        choices=Label.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "A fact was seen or is proved; an allegation was said by somebody; an opinion is your own."
        ),
    )
    happened_on = forms.DateField(label=_("When did it happen?"))
    text = forms.CharField(label=_("Note"), max_length=MAX_LENGTH, widget=_long_text(10))

    def __init__(self, *args: Any, member: Member, subject: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = _writable(subject, member)  # type: ignore[attr-defined]
        self.fields["happened_on"].initial = today()


class CorrectNoteForm(forms.Form):
    """What the note should have said."""

    label = forms.ChoiceField(label=_("What is it?"), choices=Label.choices, widget=forms.RadioSelect)
    happened_on = forms.DateField(label=_("When did it happen?"))
    text = forms.CharField(label=_("Note"), max_length=MAX_LENGTH, widget=_long_text(10))

    def __init__(self, *args: Any, subject: CaseNote, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {
            "label": subject.label,
            "happened_on": subject.happened_on,
            "text": subject.words.body,
        }


class DocumentForm(forms.Form):
    """A file, what it is, and to which category its content belongs."""

    file = forms.FileField(label=_("File"))
    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("Say what it is without saying what stands in it.")
    )
    category = forms.TypedChoiceField(
        label=_("Belongs to"),
        coerce=int,
        help_text=_("Decides who can read it. Choose the narrowest that fits."),
    )

    def __init__(self, *args: Any, member: Member, subject: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = _writable(subject, member, tuple(Category))  # type: ignore[attr-defined]
        self.fields["file"].help_text = _("Up to %(megabytes)s MB. Accepted: %(endings)s.") % {
            "megabytes": MAX_BYTES // (1024 * 1024),
            "endings": ", ".join(ENDINGS),
        }

    def clean(self) -> dict[str, Any]:
        """The bytes and the name, as the action wants them; a file that is too large is not even read."""
        given = super().clean() or {}
        file = given.pop("file", None)
        if file is not None:
            given |= {"file_name": file.name, "content": file.read(MAX_BYTES + 1)}
        return given


class TickForm(forms.Form):
    """How a check ended."""

    result = forms.ChoiceField(label=_("Result"), choices=Result.choices, widget=forms.RadioSelect)
    why = forms.CharField(
        label=_("Remark"),
        max_length=REASON_LENGTH,
        widget=_long_text(3),
        required=False,
        help_text=_("If it is not needed, say why."),
    )


class InvolveForm(forms.Form):
    """Under which protocols, why, and until when."""

    protocols: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        label=_("Under which protocols?"),
        queryset=NOTHING,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Why is it needed?"),
        max_length=REASON_LENGTH,
        widget=_long_text(3),
        help_text=_("The institution and everybody who coordinates the case reads it."),
    )
    until = forms.DateField(
        label=_("Last day"), required=False, help_text=_("Leave empty for as long as the protocols hold.")
    )

    def __init__(self, *args: Any, subject: Opening, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [protocol.pk for protocol in subject.protocols]
        self.fields["protocols"].queryset = queries.these_protocols(allowed, to=subject.reader)  # type: ignore[attr-defined]
        self.fields["protocols"].initial = allowed


class EndInvolvementForm(forms.Form):
    """Why the institution is no longer needed."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH, widget=_long_text(3))


def _colleagues(member: Member) -> Any:
    return queries.colleagues(to=member)


def _writable(case: Case, member: Member, among: Sequence[Category] = NOTABLE) -> list[tuple[Any, Any]]:
    """The categories this member may write in; one that is the only one needs no choosing."""
    sight = sight_of(case, to=member)
    found: list[tuple[Any, Any]] = [(c.value, c.label) for c in among if sight.writes(c)]
    return found if len(found) == 1 else [("", "—"), *found]
