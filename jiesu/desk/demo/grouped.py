"""The demo street's groups: the burst of the month, and what the newest orders are proposed with."""

from datetime import datetime, timedelta

from django.db.models import Count

from jiesu.groups import actions, proposing, vocabulary
from jiesu.groups.models import Group
from jiesu.org.models import Member, Office
from jiesu.org.rights import Role
from jiesu.rules.grouping import GroupKind, burst

LATEST = 10  # of the newest open orders are judged as if they had just arrived
BURST_PLAN = (
    "原因：几栋楼同一处设备故障，责任单位已查明。措施：连夜抢修，楼门张贴告示，社区逐户登记。"
    "分工：牵头单位盯现场，社区回告居民。完成：次日 18 时前恢复，逐件回访。"
)
PLAN = (
    "到现场核实一次，问题在同一处：由牵头单位约谈责任方限期整改，社区配合复查；"
    "后天 18 时前复查合格。每件仍由各自的承办人联系、答复。"
)
PROGRESS = "已到现场核实，责任方承诺今晚整改；明早复查后再分别回告诉求人。"


def write(office: Office, *, at: datetime) -> None:
    """Count the words, group the burst, judge the newest open orders, and let people answer one proposal."""
    vocabulary.count(office, at)
    seat = Member.objects.filter(office=office, role=Role.SEAT).order_by("pk").first()
    if seat is None:
        return
    _burst(office, seat, at)
    newest = office.cases.open().select_related("office", "community").defer("tokens", "tsv")
    for case in reversed(newest.order_by("-dispatched_at", "-id")[:LATEST]):
        proposing.judge(case, at)
    for group in Group.objects.filter(office=office, state="proposed").order_by("-id")[:1]:
        _answer(group, seat, at)


def _burst(office: Office, seat: Member, at: datetime) -> None:
    """The most orders of one community and one kind within a window, as they were grouped then."""
    late = office.cases.filter(
        dispatched_at__gte=at - timedelta(days=12), community__isnull=False, next=None
    )
    most = (
        late.values("community", "category").annotate(cases=Count("pk")).order_by("-cases").first()
    )
    if most is None:
        return
    cases = list(
        late.filter(community=most["community"], category=most["category"]).select_related("office")
        .defer("tokens", "tsv").order_by("dispatched_at", "id")
    )  # fmt: skip
    together = burst([one.dispatched_at for one in cases], proposing.rules_of(office, at).windows)
    if len(together) < 2:
        return
    group = actions.found(
        [cases[place] for place in together], kind=GroupKind.PLACE, why=f"同类 {len(together)} 件", actor=None,
        at=at,
    )  # fmt: skip
    actions.confirm(group, actor=seat, at=at)
    _plan(group, BURST_PLAN, at)


def _answer(group: Group, seat: Member, at: datetime) -> None:
    actions.confirm(group, actor=seat, at=at)
    if handler := _plan(group, PLAN, at):
        try:
            actions.progress(group, note=PROGRESS, actor=handler, at=at)
        except actions.Ungrouped:  # all that the unit leads are past handling
            return


def _plan(group: Group, words: str, at: datetime) -> Member | None:
    """Whoever handles the first of the cases makes the plan."""
    units = [case.unit_id for case in actions.members(group) if case.unit_id is not None]
    handlers = Member.objects.filter(unit__in=units, role=Role.HANDLER).select_related("unit")
    handler = handlers.order_by("pk").first()
    if handler is not None:
        actions.plan(group, plan=words, owner=handler.unit, actor=handler, at=at)
    return handler
