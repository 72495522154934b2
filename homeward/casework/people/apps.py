"""The register of people as Django sees it, and what it adds to the menu and to the page of a case."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PeopleConfig(AppConfig):
    """Persons, names, households, returns and published figures."""

    name = "homeward.casework.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Everything that needs the models waits until they are there."""
        from homeward.casework.people import permissions, queries, views
        from homeward.casework.people.rules.words import WORDS
        from homeward.casework.people.views import twins
        from homeward.foundation.audit.rules import words
        from homeward.foundation.web import navigation, panels
        from homeward.foundation.web.worklist import Source
        from homeward.foundation.web.worklist import register as register_source

        words.add(WORDS)

        navigation.register(navigation.Item(_("People"), "people:search", permissions.search, order=30))
        navigation.register_place(
            "HH", lambda ref, *, to: queries.find_household(ref, to=to).get_absolute_url()
        )
        navigation.register_search(
            navigation.Search("people:search", "text", _("Name or reference"), permissions.search)
        )
        navigation.register(
            navigation.Item(_("Coming home"), "people:waves", permissions.see_returns, order=40)
        )
        navigation.register(
            navigation.Item(_("Published figures"), "people:figures", permissions.see_figures, order=90)
        )
        navigation.register(
            navigation.Item(_("One person or two?"), "people:twins", permissions.review_twins, order=45)
        )
        navigation.register(
            navigation.Item(_("Linkage desk"), "people:desk", permissions.work_at_desk, order=46)
        )
        for source in (
            Source(
                "people.to_confirm",
                _("Merges that wait for a second person"),
                twins.to_confirm,
                order=26,
                empty=_("No merge waits for you."),
            ),
            Source("people.contacts", _("Institutions that ask for contact"), twins.contacts, order=27),
            Source(
                "people.to_review",
                _("Records that may be one person"),
                twins.to_review,
                order=55,
                empty=_("No two records wait to be compared."),
                url_name="people:twins",
            ),
            Source(
                "people.desk",
                _("Linkage desk"),
                twins.at_desk,
                order=28,
                empty=_("Nothing waits for the desk."),
                url_name="people:desk",
            ),
        ):
            register_source(source)
        panels.register(
            panels.Panel(
                "person", _("Who this is"), "people/panels/person.html", views.person_panel, order=10
            )
        )
        panels.register(
            panels.Panel(
                "family",
                _("Family and household"),
                "people/panels/family.html",
                views.family_panel,
                order=20,
                aside=True,
            )
        )
        panels.register(
            panels.Panel(
                "return",
                pgettext_lazy("panel of a case", "Coming home"),
                "people/panels/return.html",
                views.return_panel,
                order=30,
                aside=True,
            )
        )
