"""Sealing goes by the clock, every five minutes, so that what happened before cannot be made undone unnoticed."""

from procrastinate.contrib.django import app

from homeward.foundation.audit.actions import Operator, seal


@app.periodic(cron="*/5 * * * *")
@app.task(name="audit.seal", queueing_lock="audit.seal", pass_context=False)
def seal_the_log(timestamp: int) -> None:
    """Binds what happened since the last time by one hash."""
    seal(by=Operator("clock"))
