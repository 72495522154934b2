"""Pairs of records that may be one person, who looks at them, and how they become one and apart again (ADR 0030)."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import homeward.foundation.kernel.clock
import homeward.foundation.kernel.refs
from homeward.foundation.access.operations import ProtectWith
from homeward.foundation.access.rules import Category

SQL = Path(__file__).resolve().parent.parent / "sql"
IDENTITY = 1 << Category.IDENTITY


def reads(column: str) -> str:
    """The member reads in full who this is. Of a pair that was merged there is only one to be read."""
    return f"exists (select 1 from app.case_access a where a.person_id = {column} and (a.cat_mask & {IDENTITY}) <> 0)"  # noqa: S608 — columns of our own


def which(column: str) -> str:
    """One of a pair; once they were merged, the one that is left."""
    return f"case person_twin.state when 'same' then person_twin.kept_id else person_twin.{column} end"


# Those who work with people in an institution that reads both and leads one of the two cases. Whoever only helps a person, a
# school or a clinic, is not told that there was a second record, nor why: the reason may say where somebody came home from.
SEEN = (
    "(select sec.holds('coordinator', 'caseworker', 'supervisor')) "
    f"and ((select sec.mask()) & {IDENTITY}) <> 0 "
    + "".join(f"and {reads(which(one))} " for one in ("one_id", "other_id"))
    + f"and sec.leads_one({which('one_id')}, {which('other_id')})"
)
# That two are different people is said by whoever registers one of them, in their own name; everything else the functions do.
TOLD = (
    "(select sec.opens()) and state = 'different' and source = 'desk' and decided_by_id = (select sec.member()) "
    "and kept_id is null and proposed_by_id is null and asked_at is null and moved = '[]'::jsonb "
    f"and ((select sec.mask()) & {IDENTITY}) <> 0 and {reads('person_twin.one_id')} and {reads('person_twin.other_id')} "
    "and sec.leads_one(person_twin.one_id, person_twin.other_id)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0002_policies"),
        ("people", "0003_forgetting"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonTwin",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=homeward.foundation.kernel.refs.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "To be looked at"),
                            ("different", "Two people"),
                            ("same", "One person: merged"),
                            ("apart", "Merged once, and taken apart again"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("register", "The nightly comparison of the register"),
                            ("desk", "Somebody who registered one of the two"),
                        ],
                        max_length=10,
                    ),
                ),
                ("probability", models.FloatField(default=0)),
                ("evidence", models.JSONField(blank=True, default=list)),
                ("found_at", models.DateTimeField(default=homeward.foundation.kernel.clock.now)),
                ("proposed_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("moved", models.JSONField(blank=True, default=list, editable=False)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.member",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.member",
                    ),
                ),
                (
                    "kept",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.member",
                    ),
                ),
            ],
            options={
                "db_table": "person_twin",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "same")), fields=["kept"], name="person_twin_merged"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("one", "other"), name="person_twin_once"),
                    models.CheckConstraint(
                        condition=models.Q(("one__lt", models.F("other"))), name="person_twin_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "different", "same", "apart"])),
                        name="person_twin_known_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["register", "desk"])),
                        name="person_twin_known_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kept", None),
                            ("kept", models.F("one")),
                            ("kept", models.F("other")),
                            _connector="OR",
                        ),
                        name="person_twin_keeps_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kept", None), ("proposed_at", None), ("proposed_by", None)),
                            models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="person_twin_proposal_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "same"), _negated=True),
                            models.Q(("decided_by__isnull", False), ("kept__isnull", False)),
                            _connector="OR",
                        ),
                        name="person_twin_merged_by_two",
                    ),
                ],
            },
        ),
        migrations.RunSQL((SQL / "twins.sql").read_text(), migrations.RunSQL.noop),
        ProtectWith("person_twin", seen=SEEN, added=TOLD, erased_by="forget_twins", stays=True),
    ]
