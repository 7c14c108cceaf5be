"""A 催办 by hand that nobody answers climbs, one rung at a time, up to the street leader."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from jiesu.catalogue.queries import rules_at
from jiesu.org.models import Office
from jiesu.rules.clocks import spell
from jiesu.rules.ladder import CLIMB, Rung, climb
from jiesu.rules.workflow import OPEN
from jiesu.supervision import recipients
from jiesu.supervision.models import Notice, Reminder
from jiesu.supervision.recipients import To
from jiesu.supervision.reminding import notify

ANSWER_H = 2  # 推定: hours for an answer, where the rule set does not say
OLDEST = timedelta(days=30)


def climb_unanswered(office: Office, at: datetime) -> int:
    """Tell the next rung of every 催办 left without an answer for the rule set's time. Returns how many.

    May be called as often as one likes: a rung is told once.
    """
    told = rules_at(office, at).whole.get("reminders", {})
    patience = timedelta(hours=float(told.get("answer_h", ANSWER_H)))
    ids = list(_unanswered(office, at, patience))
    return sum(_climb(pk, office, patience, at) for pk in ids)


def _unanswered(office: Office, at: datetime, patience: timedelta) -> list[int]:
    """Return what was sent by hand, not answered, not yet with a leader, and last told long ago."""
    notices = Notice.objects.filter(reminder=OuterRef("pk"))
    waiting = Reminder.objects.filter(
        ~Exists(notices.filter(answered_at__isnull=False)),
        ~Exists(notices.filter(rung=Rung.LEADER)),
        office=office, asked_by__isnull=False, at__lte=at - patience, at__gt=at - OLDEST,
        case__stage__in=[stage.value for stage in OPEN],
    )  # fmt: skip
    waiting = waiting.annotate(told_at=Max("notices__made_at")).filter(told_at__lte=at - patience)
    return list(waiting.order_by("id").values_list("pk", flat=True))


@transaction.atomic
def _climb(pk: int, office: Office, patience: timedelta, at: datetime) -> bool:
    reminder = Reminder.objects.select_for_update().get(pk=pk)
    notices = list(reminder.notices.select_related("member"))
    if any(n.answered_at or n.made_at > at - patience for n in notices):
        return False  # answered, or told by another worker meanwhile
    known = {notice.member_id for notice in notices}
    there = recipients.roster(office, at)
    rung = max((Rung(n.rung) for n in notices), key=CLIMB.index, default=Rung(reminder.rung))
    while (higher := climb(rung)) is not None:
        rung = higher
        found = recipients.find(there, rung, reminder.unit_id)
        fresh = [to for to in found if to.member.pk not in known]
        if fresh:
            why = f"催办 {spell(patience)}未答复，上提至"
            up = [To(to.member, to.rung, f"{why}{to.rung.label}", climbed=True) for to in fresh]
            notify([(reminder.pk, to) for to in up], at)
            return True
    return False
