"""What the clock does by itself, every minute or every night. Found by the worker when it starts."""

from django.db import connection, transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(name="access.tick", queueing_lock="access.tick", pass_context=False)
def apply_beginnings_and_ends(timestamp: int) -> None:
    """Doors whose time has come open, doors whose time is over disappear (they were shut already)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select sec.tick()")


@app.periodic(cron="*/10 * * * *")
@app.task(name="jobs.rescue", queueing_lock="jobs.rescue", pass_context=True)
async def take_up_abandoned_work(context: JobContext, timestamp: int) -> None:
    """Work whose worker died is given to another one, so that no import stays half-done for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)
