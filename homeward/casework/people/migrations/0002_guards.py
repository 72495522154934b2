"""Who may see and write what about a person (foundation.access), and the functions behind the search box."""

from pathlib import Path

from django.db import migrations

from homeward.foundation.access.operations import ProtectPerson, ProtectReference, ProtectWith
from homeward.foundation.access.rules import Category

SQL = Path(__file__).resolve().parent.parent / "sql"

# A household shows itself to whoever sees one of the people in it as a member of the household.
OF_A_MEMBER = "exists (select 1 from app.household_membership m where m.household_id = household.id)"
OF_A_MEMBER_ONE_MAY_WRITE = (
    "((select sec.mask()) & 2) <> 0 and exists (select 1 from app.household_membership m "
    "join app.case_access a on a.person_id = m.person_id where m.household_id = household.id and (a.write_mask & 2) <> 0)"
)

# A kunya, or a name in Arabic letters, says where somebody has been: PersonName.marks says the same to the pages.
TELLING_NAMES = "person_name.kind = 'kunya' or person_name.script = 'arab'"


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("access", "0002_rule")]
    operations = [
        ProtectPerson(
            "person",
            person="id",
            category=Category.IDENTITY,
            updates=(
                "sex",
                "born",
                "documents_status",
                "documents",
                "languages",
                "municipality_id",
                "version",
            ),
            stays=True,
        ),
        ProtectPerson("person_name", category=Category.IDENTITY, telling=TELLING_NAMES),
        ProtectPerson("person_birth_place", category=Category.IDENTITY, telling="true", updates=("place",)),
        ProtectPerson(
            "household_membership", category=Category.HOUSEHOLD, updates=("relation", "starts_on", "ends_on")
        ),
        ProtectPerson(
            "guardianship",
            person="child_id",
            category=Category.HOUSEHOLD,
            updates=("basis", "ends_on"),
            erased_by="forget_guardian",
            persons=("guardian_id",),
        ),
        ProtectPerson(
            "person_return",
            category=Category.RETURN,
            updates=(
                "wave_id",
                "channel",
                "origin",
                "state",
                "expected_on",
                "arrived_on",
                "expires_on",
                "version",
            ),
        ),
        ProtectWith(
            "household",
            seen=OF_A_MEMBER,
            added="(select sec.member()) is not null",
            changed=OF_A_MEMBER_ONE_MAY_WRITE,
            updates=("municipality_id",),
            erased_by="forget_household",
        ),
        ProtectReference("return_wave", writers=("coordinator", "caseworker", "supervisor")),
        ProtectReference("published_figure", writers=("coordinator", "analyst")),
        migrations.RunSQL((SQL / "guards.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "search.sql").read_text(), migrations.RunSQL.noop),
    ]
