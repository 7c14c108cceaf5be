"""Who may see a case and who may do what with it: the only road to a case.

A foreign case and a missing one look exactly alike.
"""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q
from django.http import Http404

from jiesu.cases.case_query import CaseQuerySet, OneOf
from jiesu.cases.models import Assignment, Case, Part
from jiesu.org.models import Member
from jiesu.org.rights import SEES_ALL, SEES_OWN_UNIT, Right, may
from jiesu.rules.labelled import Labelled
from jiesu.rules.workflow import ENDED, FACTS, OPEN, Action, Stage, following

A = Action
RIGHT_FOR: dict[Action, Right] = {
    A.ARRIVE: Right.IMPORT,
    A.ARRIVE_FINISHED: Right.IMPORT,
    A.ARRIVE_AGAIN: Right.IMPORT,
    A.CORRECT: Right.IMPORT,
    A.SIGN: Right.SIGN,
    A.TRIAGE: Right.DISPATCH,
    A.SEND_BACK: Right.SEND_BACK,
    A.GRANT_SEND_BACK: Right.SEND_BACK,
    A.REFUSE_SEND_BACK: Right.SEND_BACK,
    A.DISPATCH: Right.DISPATCH,
    A.TRANSFER: Right.DISPATCH,
    A.ADD_ASSISTING: Right.DISPATCH,
    A.PLACE: Right.DISPATCH,
    A.MARK: Right.NOTE,
    A.POINTS: Right.NOTE,
    A.DECLINE: Right.HANDLE,
    A.TAKE_BACK: Right.DISPATCH,
    A.ACCEPT: Right.HANDLE,
    A.CONTACT: Right.HANDLE,
    A.VISIT: Right.HANDLE,
    A.PROGRESS: Right.HANDLE,
    A.ASSIST_REPORT: Right.HANDLE,
    A.EXTEND: Right.HANDLE,
    A.SUBMIT: Right.HANDLE,
    A.GRANT_EXTENSION: Right.DECIDE,
    A.REFUSE_EXTENSION: Right.DECIDE,
    A.PASS: Right.REVIEW,
    A.REJECT: Right.REVIEW,
    A.CLOSE: Right.CLOSE,
    A.REOPEN: Right.REVIEW,
    A.ADD_EVIDENCE: Right.NOTE,
    A.NOTE: Right.NOTE,
    A.REVEAL: Right.REVEAL,
    A.TAKE: Right.NOTE,
    A.RELEASE: Right.NOTE,
    A.REMIND: Right.SUPERVISE,
    A.ANSWER_REMINDER: Right.ANSWER,
    A.LIFT_ALARM: Right.SUPERVISE,
    A.PHONE: Right.SUPERVISE,
    A.REPORT_UP: Right.SUPERVISE,
    A.PAUSE_CLOCK: Right.PAUSE,
    A.RESUME_CLOCK: Right.PAUSE,
    A.UPPER_RESULT: Right.ASSESS,
    A.SET_STANDING: Right.ASSESS,
    A.CALL_BACK: Right.FOLLOW_UP,
    A.CALL_BACK_FAIL: Right.FOLLOW_UP,
    A.MATTER: Right.FOLLOW_UP,
    A.GROUP: Right.SUPERVISE,
    A.LEAVE_GROUP: Right.SUPERVISE,
    A.PLAN: Right.NOTE,
    A.COME_BACK: Right.SUPERVISE,
    A.TELL_PROGRESS: Right.SUPERVISE,
    A.ASK_ABLE: Right.DISPATCH,
    A.BLOW_WHISTLE: Right.DISPATCH,
    A.REPORT_IN: Right.NOTE,
    A.COORDINATE: Right.DISPATCH,
    A.STATE: Right.SUPERVISE,
    A.SETTLE: Right.DECIDE,
}
CALLED_BACK = frozenset(
    {Stage.STREET_CALL_BACK, Stage.FINAL_REVIEW, Stage.SUBMITTED, Stage.UPPER_CALL_BACK, Stage.CLOSED}
)  # fmt: skip
# what a fact needs of the stage; a fact not named here may be recorded at any time
FACT_STAGES: dict[Action, frozenset[Stage]] = {
    A.ACCEPT: frozenset({Stage.HANDLING, Stage.JOINT, Stage.EXTENSION_PENDING}),
    A.CONTACT: frozenset({Stage.HANDLING, Stage.JOINT, Stage.EXTENSION_PENDING, Stage.REVIEWING}),
    A.VISIT: frozenset({Stage.HANDLING, Stage.JOINT, Stage.EXTENSION_PENDING}),
    A.PROGRESS: frozenset({Stage.HANDLING, Stage.JOINT, Stage.EXTENSION_PENDING}),
    A.ASSIST_REPORT: frozenset(
        {Stage.HANDLING, Stage.JOINT, Stage.EXTENSION_PENDING, Stage.REVIEWING}
    ),
    A.ADD_ASSISTING: frozenset({Stage.HANDLING, Stage.JOINT, Stage.EXTENSION_PENDING}),
    A.TAKE: frozenset(OPEN),
    A.RELEASE: frozenset(OPEN),
    A.NOTE: frozenset(OPEN),
    A.ADD_EVIDENCE: frozenset(OPEN),
    A.MARK: frozenset(OPEN),
    A.POINTS: frozenset(OPEN),
    A.REMIND: frozenset(OPEN),
    A.ANSWER_REMINDER: frozenset(OPEN),
    A.LIFT_ALARM: frozenset(OPEN),
    A.PHONE: frozenset(OPEN),
    A.REPORT_UP: frozenset(OPEN),
    A.PAUSE_CLOCK: frozenset(OPEN),
    A.RESUME_CLOCK: frozenset(OPEN),
    A.CALL_BACK: CALLED_BACK,
    A.TELL_PROGRESS: frozenset(OPEN),
    A.ASK_ABLE: frozenset({Stage.SIGNED, Stage.TO_DISPATCH}),
    A.COORDINATE: frozenset({Stage.SIGNED, Stage.TO_DISPATCH}),
    A.STATE: frozenset({Stage.TO_DISPATCH}),
    A.SETTLE: frozenset({Stage.TO_DISPATCH}),
    A.BLOW_WHISTLE: frozenset({Stage.HANDLING}),
    A.REPORT_IN: frozenset({Stage.HANDLING, Stage.JOINT, Stage.EXTENSION_PENDING, Stage.REVIEWING}),
    A.PLACE: frozenset({Stage.TO_SIGN, Stage.SIGNED, Stage.TO_DISPATCH, Stage.HANDLING}),
}
EVERY_STAGE = frozenset(Stage)
LOOKS = frozenset({A.REVEAL})  # facts that change nothing of the case
LEAD_ONLY = frozenset({A.DECLINE, A.EXTEND, A.SUBMIT})
ASSISTING_ONLY = frozenset({A.ASSIST_REPORT})


class Look(Labelled):
    """How somebody gets to see a personal field of a case."""

    NOTHING = "nothing", "不显示"
    MASKED = "masked", "遮盖"
    REVEAL = "reveal", "写明理由可看"


class NotYours(Exception):
    """The action is not for this member."""

    def __init__(self, action: Action) -> None:
        super().__init__(f"您不能对此案件“{action.label}”：它归其他角色或单位办理。")


def sees_all(member: Member) -> bool:
    """True when every case of the office is the member's to see."""
    return member.unit_id is not None and may(member, Right.SEE_CASES) and member.role in SEES_ALL


def is_narrow(member: Member) -> bool:
    """True when of the office's cases only the unit's own and those it assists are the member's to see."""
    return member.role in SEES_OWN_UNIT


def reaches(role: str, *, centre: bool, unit: bool) -> bool:
    """True when news reaches a role: news for the ``centre`` who sees all, a ``unit``'s whose own it is.

    The rule of ``visible_to`` for who has to decide in memory.
    """
    return centre if role in SEES_ALL else unit and role in SEES_OWN_UNIT


def visible_to(member: Member) -> CaseQuerySet:
    """Return the cases the member may see: the centre all of its office, a unit its own and assisted."""
    cases: CaseQuerySet = Case.objects.all()
    if member.unit_id is None or not may(member, Right.SEE_CASES):
        return cases.none()
    cases = cases.filter(office=member.office_id)
    if member.role in SEES_ALL:
        return cases
    if member.role in SEES_OWN_UNIT:
        assisted = Assignment.objects.filter(
            unit=member.unit_id, ended_at=None, part=Part.ASSISTING
        )
        ids = ArraySubquery(assisted.values("case_id"))
        return cases.filter(Q(unit=member.unit_id) | Q(OneOf(F("pk"), ids)))
    return cases.none()


def visible_through(member: Member, case: str) -> Q:
    """Return the condition on rows that belong to a case, ``case`` being the way to it, that it is visible.

    ``Notice.objects.filter(visible_through(member, "reminder__case"))``; costs whoever sees all one join.
    """
    if not may(member, Right.SEE_CASES) or member.unit_id is None:
        return Q(pk__in=())
    if member.role in SEES_ALL:
        return Q(**{f"{case}__office": member.office_id})
    return Q(**{f"{case}__in": visible_to(member).order_by().values("pk")})


def get_case(member: Member, number: str, arrival: int | None = None) -> Case:
    """Return the case of that number, its newest arrival unless one is named.

    :raises Http404: there is none, or the member may not see it
    """
    found = visible_to(member).filter(number=number.replace("\x00", ""))
    if arrival is not None:
        found = found.filter(arrival=arrival)
    found = found.select_related("unit", "community", "taken_by").defer(
        "tokens", "tsv"
    )  # long, and only to search
    case = found.order_by("-arrival").first()
    if case is None:
        raise Http404("没有这个案件，或者它不归您看。")
    return case


def _part(member: Member, case: Case) -> Part | None:
    if case.unit_id == member.unit_id:
        return Part.LEAD
    mine = case.assignments.filter(unit=member.unit_id, ended_at=None, part=Part.ASSISTING)
    return Part.ASSISTING if mine.exists() else None


def may_do(member: Member, action: Action, case: Case) -> bool:
    """True when role, office, unit and (for a fact) stage allow the action. The flow is checked apart.

    An earlier arrival of a number dispatched anew is history: it can be read, and nothing else.
    """
    needed = RIGHT_FOR.get(action)
    if needed is None or member.office_id != case.office_id or not may(member, needed):
        return False
    if case.stage not in FACT_STAGES.get(action, EVERY_STAGE):
        return False
    if action is Action.REVEAL and is_confidential(case):
        return False
    if (
        case.stage in ENDED
        and action not in LOOKS
        and Case.objects.filter(previous=case.pk).exists()
    ):
        return False
    if member.role in SEES_ALL:
        return True
    part = _part(member, case)
    if action in LEAD_ONLY:
        return part is Part.LEAD
    if action in ASSISTING_ONLY:
        return part is Part.ASSISTING
    return part is not None


def require(member: Member | None, action: Action, case: Case) -> None:
    """Refuse what is not the member's to do. ``member`` None is the product itself (import, jobs).

    :raises NotYours: it is not
    """
    if member is not None and not may_do(member, action, case):
        raise NotYours(action)


def look(member: Member, case: Case) -> Look:
    """Return how the member, who sees the case, gets to see its personal fields.

    Masked by default; revealed one case at a time to those who talk with the requester or answer for
    it (the centre, the case's units, the leaders), never to an analyst or an inspector, and no more
    once it was erased. A requester who asked for 保密 is shown to nobody (GB/T 33358).
    """
    if is_confidential(case):
        return Look.NOTHING
    if case.erased_at is None and may_do(member, Action.REVEAL, case):
        return Look.REVEAL
    return Look.MASKED


def is_confidential(case: Case) -> bool:
    """True when the requester asked for 保密."""
    return case.confidential


def possible(member: Member, case: Case) -> list[Action]:
    """Return what the member may do with the case now: steps that follow first, then facts."""
    steps = [action for action in following(Stage(case.stage)) if may_do(member, action, case)]
    facts = [action for action in Action if action in FACTS and may_do(member, action, case)]
    return steps + facts
