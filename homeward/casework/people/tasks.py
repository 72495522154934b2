"""What the clock does here: it ends expectations, files names anew after the rules have changed, and looks for twins."""

from django.db import connections, transaction
from procrastinate.contrib.django import app

from homeward.casework.people.actions import expire_expected, find_twins, refold_names
from homeward.casework.people.models import PersonName
from homeward.casework.people.rules import FOLD_VERSION
from homeward.foundation.audit.actions import Operator


@app.periodic(cron="10 1 * * *")
@app.task(name="people.expire_expected", queueing_lock="people.expire_expected", pass_context=False)
def expire(timestamp: int) -> None:
    """A name does not stay on the list of the expected for ever."""
    expire_expected(by=Operator("clock"))


# As many in one transaction as take half a minute; the rest waits for the next time.
REFOLDED_AT_ONCE = 50_000


@app.periodic(cron="*/10 * * * *")
@app.task(name="people.refold_names", queueing_lock="people.refold_names", pass_context=False)
def refold(timestamp: int) -> None:
    """After an update that changed the rules of folding, every name is filed anew, some at a time and beside the work.

    Until its turn comes a name is found under the older rules. A worker that is not trusted with the operator's role
    leaves this to `manage.py refold_names`.
    """
    if _are_names_stale():
        refold_names(by=Operator("clock"), at_most=REFOLDED_AT_ONCE)


def _are_names_stale() -> bool:
    """Is any name still filed under older rules?"""
    with transaction.atomic(using="migrate"):
        with connections["migrate"].cursor() as cursor:
            # As an operation does: who owns the tables sees no row in them.
            cursor.execute("set local role none")
        return PersonName.objects.using("migrate").exclude(fold_version=FOLD_VERSION).exists()


@app.periodic(cron="40 1 * * *")
@app.task(name="people.find_twins", queueing_lock="people.find_twins", pass_context=False)
def look_for_twins(timestamp: int) -> None:
    """Every night the register is gone through for records that may be one person. People decide about them.

    A worker that is not trusted with the operator's role leaves this to `manage.py find_twins`.
    """
    find_twins(by=Operator("clock"))
