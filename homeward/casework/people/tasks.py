"""Every night nobody is expected any longer whose time on that list is over."""

from procrastinate.contrib.django import app

from homeward.casework.people.actions import expire_expected
from homeward.foundation.audit.actions import Operator


@app.periodic(cron="10 1 * * *")
@app.task(name="people.expire_expected", queueing_lock="people.expire_expected", pass_context=False)
def expire(timestamp: int) -> None:
    """A name does not stay on the list of the expected for ever."""
    expire_expected(by=Operator("clock"))
