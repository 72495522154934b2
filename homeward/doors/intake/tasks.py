"""Every night the uploaded lists whose days are over are destroyed."""

from procrastinate.contrib.django import app

from homeward.doors.intake.actions import destroy_lists
from homeward.foundation.audit.actions import Operator


@app.periodic(cron="20 1 * * *")
@app.task(name="intake.destroy_lists", queueing_lock="intake.destroy_lists", pass_context=False)
def destroy(timestamp: int) -> None:
    """The files, and what stood in their cells."""
    destroy_lists(by=Operator("clock"))
