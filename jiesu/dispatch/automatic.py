"""自动派转: where the office wishes, what the model is sure enough of is dispatched by the product itself.

Off until an administrator sets it. Only cases somebody has signed, that nobody has in hand, that carry no
alarm, and that were never dispatched before; each is the product's own step on the record, with how sure it
was and by which model, stands on a list to look back at, and is taken back by one press.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from jiesu.cases import access, transitions
from jiesu.cases.models import Case
from jiesu.dispatch import actions, queries
from jiesu.dispatch.models import AutoDispatch, AutoPolicy
from jiesu.org.models import Member, Office
from jiesu.rules import workflow
from jiesu.rules.workflow import Stage
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind
from jiesu.triage import faults, panel
from jiesu.triage.advice import Adviser

AT_ONCE = 50
SHOWN = 200


def policy(office: Office) -> AutoPolicy | None:
    """Return what the office has set last; None: nothing was ever set, it is off."""
    return AutoPolicy.objects.filter(office=office).select_related("set_by").first()


@transaction.atomic
def set_policy(
    office: Office, *, on: bool, threshold: float, actor: Member, at: datetime
) -> AutoPolicy:
    """Let it be on or off, from a probability on. What was set before stays on record."""
    before = policy(office)
    made = AutoPolicy.objects.create(
        office=office, on=on, threshold=threshold, set_by=actor, set_at=at
    )
    leave(
        Kind.CHANGE, actor=actor, subject="dispatch:automatic",
        before={"on": before.on, "threshold": before.threshold} if before else None,
        after={"on": on, "threshold": threshold},
    )  # fmt: skip
    return made


def run(office: Office, at: datetime) -> int:
    """Dispatch what may be; returns how many. One that somebody takes meanwhile is left to them."""
    wished = policy(office)
    if wished is None or not wished.on:
        return 0
    adviser = Adviser(office, at)
    return sum(_one(case, adviser, wished.threshold, at) for case in waiting(office, at)[:AT_ONCE])


def waiting(office: Office, at: datetime) -> QuerySet[Case]:
    """Return the cases that may be dispatched automatically, those with least time left first."""
    found = Case.objects.filter(
        Q(taken_until=None) | Q(taken_until__lte=at), office=office, alarm="",
        stage__in=(Stage.SIGNED, Stage.TO_DISPATCH), auto_dispatches=None, assignments=None,
    )  # fmt: skip
    return found.select_related("community", "office").defer("tokens", "tsv").by_due()


def look_back(member: Member) -> QuerySet[AutoDispatch]:
    """Return what was dispatched automatically of the cases the member may see, newest first."""
    mine = AutoDispatch.objects.filter(access.visible_through(member, "case"))
    return mine.select_related("case__unit", "unit", "undone_by")[:SHOWN]


def _one(case: Case, adviser: Adviser, threshold: float, at: datetime) -> bool:
    said = adviser.unit(case)
    faults.report(at)
    if said is None or not said.sure or said.units[0].probability < threshold:
        return False
    first = said.units[0]
    due = queries.due_for(case, case.office, at).at or at
    try:
        with transaction.atomic():
            actions.dispatch(
                case, unit=first.unit, due_at=due, actor=None, at=at, auto=True,
                probability=round(first.probability, 4), model=said.said.model,
                threshold=threshold, suggested=panel.shown(said),
            )  # fmt: skip
            AutoDispatch.objects.create(
                case=case, unit=first.unit, probability=first.probability, threshold=threshold,
                model=said.said.model, at=at,
            )  # fmt: skip
    except (transitions.Moved, workflow.NotAllowed, actions.OutsideDutyList):
        return False
    return True
