"""Persons with all their names, the households they live in, their returns, and the figures others publish."""

from homeward.casework.people.models.figures import PublishedFigure
from homeward.casework.people.models.households import (
    Guardianship,
    Household,
    HouseholdMembership,
    PeriodQuerySet,
)
from homeward.casework.people.models.persons import (
    BirthPlace,
    Person,
    PersonName,
    PersonQuerySet,
    name_secret,
)
from homeward.casework.people.models.returns import Return, ReturnQuerySet, ReturnWave
from homeward.casework.people.models.twins import PersonTwin, TwinQuerySet

__all__ = [
    "BirthPlace",
    "Guardianship",
    "Household",
    "HouseholdMembership",
    "PeriodQuerySet",
    "Person",
    "PersonName",
    "PersonQuerySet",
    "PersonTwin",
    "PublishedFigure",
    "Return",
    "ReturnQuerySet",
    "ReturnWave",
    "TwinQuerySet",
    "name_secret",
]
