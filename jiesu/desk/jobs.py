"""What happens later: who listens to which announcement, and what runs by the clock. Nothing else does.

Jobs run at least once: a listener must bear being called again.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jiesu.assessment import jobs as assessment
from jiesu.cases import jobs as case_jobs
from jiesu.coordination import jobs as coordination
from jiesu.core.announcements import TASK
from jiesu.desk import drafts
from jiesu.desk.demo import teaching
from jiesu.dispatch import jobs as dispatch
from jiesu.duty import jobs as duty
from jiesu.evidence import jobs as evidence
from jiesu.followup import jobs as followup
from jiesu.groups import jobs as groups
from jiesu.intake import jobs as intake
from jiesu.ledger import jobs as ledger
from jiesu.org import sittings, slowdown
from jiesu.org.models import Office
from jiesu.service import jobs as service
from jiesu.supervision import jobs as supervision
from jiesu.triage import jobs as triage

log = logging.getLogger("jiesu.jobs")

LISTENERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "assessment.upload_received": (assessment.try_upload,),
    "assessment.upload_queued": (assessment.run_upload,),
    "case.moved": (triage.told, coordination.moved),
    "case.noted": (supervision.noted, followup.noted, triage.told, groups.noted),
    "catalogue.holidays_adopted": (case_jobs.holidays_adopted,),
    "duty.gap_found": (supervision.gap_found,),
    "duty.handed_over": (),
    "intake.arrived": (supervision.arrived, triage.arrived, groups.arrived),
    "followup.recording_taken": (followup.prepare,),
    "intake.batch_received": (intake.try_batch,),
    "intake.batch_queued": (intake.run_batch,),
    "intake.batch_finished": (),
    "ledger.export_queued": (ledger.make,),
    "service.erasure_agreed": (service.erase,),
    "service.verification_asked": (service.verify,),
    "service.copy_asked": (service.make_copy,),
    "service.export_agreed": (service.make_export,),
    "supervision.daily_made": (supervision.send_daily,),
    "supervision.gap_told": (supervision.send_gap,),
    "supervision.model_fault_told": (supervision.send_model_fault,),
    "triage.fault_found": (supervision.model_fault,),
    "triage.training_asked": (triage.train,),
}

KEPT_HOURS = 72  # finished jobs stay this long for whoever looks into the queue
STALLED_SECONDS = 30


@app.task(
    name=TASK, queue="announcements",
    retry=RetryStrategy(max_attempts=5, exponential_wait=3),
)  # fmt: skip
def announcement(name: str, facts: dict[str, Any]) -> None:
    """One announcement, in the worker's thread."""
    close_old_connections()
    try:
        hand_on(name, facts)
    finally:
        close_old_connections()


def hand_on(name: str, facts: dict[str, Any]) -> None:
    """Hand one announcement to its listeners.

    :raises KeyError: an announcement nobody has listed, a slip in the house
    """
    for listener in LISTENERS[name]:
        listener(**facts)


@app.periodic(cron="* * * * *")
@app.task(name="jiesu.return_stalled", queue="housekeeping", queueing_lock="jiesu.return_stalled")
async def return_stalled(timestamp: int) -> None:
    """Give back the jobs of a worker that was killed."""
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
    for job in stalled:
        log.warning("job %s of a killed worker is given back", job.id)
        await app.job_manager.retry_job(job)


# the last field of these is the seconds; the sweep comes before anything else that waits
@app.periodic(cron="* * * * * */20")
@app.task(name="jiesu.sweep", queue="watch", queueing_lock="jiesu.sweep", priority=10)
def sweep(timestamp: int) -> None:
    """Remind of the clocks whose moment has come."""
    close_old_connections()
    supervision.sweep(timezone.now())


@app.periodic(cron="* * * * * 10,30,50")
@app.task(name="jiesu.push", queue="watch", queueing_lock="jiesu.push", priority=5)
def push(timestamp: int) -> None:
    """Send reminders out of the house."""
    close_old_connections()
    supervision.push(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="jiesu.supervise", queue="watch", queueing_lock="jiesu.supervise", priority=5)
def supervise(timestamp: int) -> None:
    """Let the unanswered climb, and make the daily list when its hour has come."""
    close_old_connections()
    supervision.each_minute(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="jiesu.find_gaps", queue="watch", queueing_lock="jiesu.find_gaps", priority=5)
def find_gaps(timestamp: int) -> None:
    """Alarm for shifts that run with too few, and end the alarms that are over."""
    close_old_connections()
    duty.find_gaps(timezone.now())


@app.periodic(cron="* * * * * 15")
@app.task(name="jiesu.dispatch", queue="watch", queueing_lock="jiesu.dispatch")
def dispatch_automatically(timestamp: int) -> None:
    """Dispatch what an office wishes to be dispatched by itself."""
    close_old_connections()
    dispatch.each_minute(timezone.now())


@app.periodic(cron="* * * * * 40")
@app.task(name="jiesu.models", queue="watch", queueing_lock="jiesu.models")
def watch_models(timestamp: int) -> None:
    """Look whether every model answers, and have the administrators told of one that does not."""
    close_old_connections()
    triage.watch(timezone.now())


@app.periodic(cron="30 2 * * *")
@app.task(name="jiesu.teach", queue="housekeeping", queueing_lock="jiesu.teach")
def teach(timestamp: int) -> None:
    """Take in the day's lessons, and have a candidate of each model trained."""
    close_old_connections()
    triage.each_night(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="jiesu.second_opinions", queue="opinions", queueing_lock="jiesu.second_opinions")
def second_opinions(timestamp: int) -> None:
    """Ask the office's own language model about doubtful cases, where one is set."""
    close_old_connections()
    triage.each_minute(timezone.now())


@app.task(name="jiesu.teach_demo", queue="housekeeping")
def teach_demo(office: int) -> None:
    """Train the models of a demo street that was just filled."""
    close_old_connections()
    teaching.fill(Office.objects.get(pk=office), at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="jiesu.recordings", queue="housekeeping", queueing_lock="jiesu.recordings")
def watch_recordings(timestamp: int) -> None:
    """Take what is new in the watched folder of recordings."""
    close_old_connections()
    followup.watch()


@app.periodic(cron="37 2 * * *")
@app.task(name="jiesu.look_over", queue="housekeeping", queueing_lock="jiesu.look_over")
def look_over(timestamp: int) -> None:
    """Compare every file of evidence with its hash of arrival."""
    close_old_connections()
    evidence.look_over()


@app.periodic(cron="7 3 * * *")
@app.task(name="jiesu.prove", queue="housekeeping", queueing_lock="jiesu.prove")
def prove(timestamp: int) -> None:
    """Write the day's anchor outside, and have the chain of the trail walked."""
    close_old_connections()
    service.each_night(timezone.now())


@app.periodic(cron="52 2 * * *")
@app.task(name="jiesu.count_words", queue="housekeeping", queueing_lock="jiesu.count_words")
def count_words(timestamp: int) -> None:
    """Count the words of every office anew, by which likeness is weighed."""
    close_old_connections()
    groups.each_night(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="jiesu.clear_sessions", queue="housekeeping", queueing_lock="jiesu.clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Remove the sessions that are over, with a word in the trail."""
    close_old_connections()
    sittings.clear(timezone.now())
    slowdown.forget(timezone.now())


@app.periodic(cron="41 * * * *")
@app.task(name="jiesu.service_hour", queue="housekeeping", queueing_lock="jiesu.service_hour")
def service_hour(timestamp: int) -> None:
    """End approvals nobody gave, and remove copies that were kept a day."""
    close_old_connections()
    service.each_hour(timezone.now())


@app.periodic(cron="27 3 * * *")
@app.task(name="jiesu.forget_drafts", queue="housekeeping", queueing_lock="jiesu.forget_drafts")
def forget_drafts(timestamp: int) -> None:
    """Remove the drafts nobody has come back to."""
    close_old_connections()
    drafts.forget_old(timezone.now())


@app.periodic(cron="17 3 * * *")
@app.task(name="jiesu.forget_finished", queue="housekeeping", queueing_lock="jiesu.forget_finished")
async def forget_finished(timestamp: int) -> None:
    """Remove finished jobs that nobody will ask about any more."""
    await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)
