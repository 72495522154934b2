"""Every night all support is compared with all support once more."""

from procrastinate.contrib.django import app

from homeward.casework.assistance.actions import sweep
from homeward.foundation.audit.actions import Operator


@app.periodic(cron="40 1 * * *")
@app.task(name="assistance.sweep", queueing_lock="assistance.sweep", pass_context=False)
def compare_everything(timestamp: int) -> None:
    """Overlaps that nobody knew of are found, and announced to those who may know of both payers."""
    sweep(by=Operator("clock"))
