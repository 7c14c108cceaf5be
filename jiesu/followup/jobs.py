"""What happens to recordings later: one that came in is looked at; the watched folder is emptied of news."""

import logging

from django.utils import timezone

from jiesu.cases.models import Event
from jiesu.core import environment
from jiesu.evidence.models import Evidence
from jiesu.followup import recordings
from jiesu.followup.models import Recording
from jiesu.org.models import Office
from jiesu.rules.workflow import Action

log = logging.getLogger("jiesu.followup")


def prepare(recording: int) -> None:
    """Look at one recording that came in."""
    found = Recording.objects.select_related("case", "evidence").filter(pk=recording).first()
    if found is not None:
        recordings.prepare(found, at=timezone.now())


def noted(case: int, event: int) -> None:
    """A recording among the evidence of a case can be listened to here as well."""
    told = Event.objects.filter(pk=event, action=Action.ADD_EVIDENCE).first()
    if told is None or not str(told.facts.get("kind", "")).startswith("audio/"):
        return
    evidence = Evidence.objects.filter(pk=told.facts.get("evidence")).first()
    if evidence is not None:
        recordings.adopt(evidence)


def watch() -> int:
    """Take what is new in the watched folder, if one is set."""
    folder, office = environment.recordings(), Office.objects.order_by("pk").first()
    if folder is None or office is None or not folder.is_dir():
        return 0
    came = recordings.watch(office, folder, at=timezone.now())
    if came:
        log.info("%s recordings came from the watched folder", came)
    return came
