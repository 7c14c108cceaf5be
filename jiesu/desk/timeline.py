"""经过: the record of a case in sentences, one for each event, newest first."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist

from jiesu.cases.models import Case, Event
from jiesu.desk import words
from jiesu.handling.actions import Channel, Outcome
from jiesu.org.models import Unit
from jiesu.rules.alarms import AlarmKind
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.call_back import CallResult, Verdict
from jiesu.rules.clocks import ClockKind
from jiesu.rules.coordinating import Able, Stance
from jiesu.rules.coordinating import Outcome as Settled
from jiesu.rules.coordinating import Whistle as WhistleKind
from jiesu.rules.grouping import GroupKind
from jiesu.rules.ladder import Rung
from jiesu.rules.workflow import Action, Stage

A = Action
Said = Callable[[Case, Event, datetime], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One event in words. ``more`` are label and text of what else is on record."""

    at: str
    iso: str
    full: str
    who: str
    said: str
    moved: bool
    before: str
    after: str
    note: str
    more: list[tuple[str, str]] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)


def lines(case: Case, events: list[Event], now: datetime) -> list[Line]:
    """Return the events as lines, in the order given."""
    units = _units(events)
    return [_line(case, event, now, units) for event in events]


def _units(events: list[Event]) -> dict[int, str]:
    """The names of the units that corrections speak of by id."""
    changes = [event.facts.get("changes") for event in events if event.action == A.CORRECT]
    ids = {
        pk
        for change in changes
        if isinstance(change, dict)
        for name, pair in change.items()
        if name.endswith("_id") and isinstance(pair, list)
        for pk in pair
        if isinstance(pk, int)
    }
    return dict(Unit.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def _line(case: Case, event: Event, now: datetime, units: dict[int, str]) -> Line:
    moved = event.moved and event.before is not None and event.before != event.after
    say = SENTENCES.get(event.action)
    told_above = event.action == A.SUBMIT and bool(event.note) and event.note == case.result
    return Line(
        at=words.short(event.at, now), iso=event.at.isoformat(), full=words.full(event.at),
        who=event.actor.name if event.actor else "系统",
        said=say(case, event, now) if say else event.label, moved=moved,
        before=Stage.label_of(event.before) if moved and event.before else "",
        after=Stage.label_of(event.after) if moved else "",
        note="见“办理结果”" if told_above else event.note, more=_more(event, now), changes=_changes(event, now, units),
    )  # fmt: skip


def _fact(event: Event, name: str, default: str = "") -> str:
    value = event.facts.get(name)
    return default if value in (None, "") else str(value)


def _arrived(case: Case, event: Event, now: datetime) -> str:
    again = f"第 {case.arrival} 次" if case.arrival > 1 else ""
    placed = _fact(event, "placed")
    return (
        f"工单{again}到达"
        + (f"（{case.path}）" if case.path else "")
        + (f"，按点位里的“{placed}”定为{case.community}" if placed and case.community else "")
    )


def _sent_back(case: Case, event: Event, now: datetime) -> str:
    return f"退回：{_fact(event, 'reason_label', '未写理由')}"


def _dispatched(case: Case, event: Event, now: datetime) -> str:
    helping = "、".join(map(str, event.facts.get("assisting") or ()))
    dual = "（双派单）" if event.facts.get("dual") else ""
    if event.facts.get("auto"):
        sure = f"把握 {float(event.facts['probability']):.0%}，模型 {_fact(event, 'model')}"
        return f"自动派给 {_fact(event, 'unit')}（{sure}）"
    return f"派给 {_fact(event, 'unit')}{dual}" + (f"，协办 {helping}" if helping else "")


def _contacted(case: Case, event: Event, now: datetime) -> str:
    channel = Channel.label_of(_fact(event, "channel"))
    return f"联系诉求人：{channel}，{Outcome.label_of(_fact(event, 'outcome'))}"


def _placed(case: Case, event: Event, now: datetime) -> str:
    before = _fact(event, "before")
    return f"选定社区 {_fact(event, 'community')}" + (f"（原为 {before}）" if before else "")


def _marked(case: Case, event: Event, now: datetime) -> str:
    verb = "确认" if event.facts.get("kept") else "去掉"
    return f"{verb}标记“{_fact(event, 'mark')}”：{_fact(event, 'reason')}"


def _points(case: Case, event: Event, now: datetime) -> str:
    found = _fact(event, "points").split("\n")
    return f"确定 {len(found)} 个诉求点"


def _taken(case: Case, event: Event, now: datetime) -> str:
    before = _fact(event, "instead_of")
    until = words.from_iso(event.facts.get("until"), now)
    return (f"从 {before} 接手，" if before else "") + f"认领到 {until}"


def _extending(verb: str) -> Said:
    return lambda case, event, now: f"{verb}至 {words.from_iso(event.facts.get('until'), now)}"


def _by_unit(verb: str) -> Said:
    def say(case: Case, event: Event, now: datetime) -> str:
        unit = _fact(event, "unit")
        return f"{unit} {verb}" if unit else verb

    return say


def _reminded(case: Case, event: Event, now: datetime) -> str:
    to = "、".join(map(str, event.facts.get("to") or ()))
    rung = Rung.label_of(_fact(event, "rung"))
    return f"催办 {_fact(event, 'unit')}{rung}" + (f"：{to}" if to else "")


def _phoned(case: Case, event: Event, now: datetime) -> str:
    return f"电话通知 {_fact(event, 'whom')}：{_fact(event, 'outcome')}"


def _reported(case: Case, event: Event, now: datetime) -> str:
    return f"向 {_fact(event, 'to')} 请示报告（{_fact(event, 'channel')}）"


def _alarmed(case: Case, event: Event, now: datetime) -> str:
    return f"{AlarmKind.label_of(_fact(event, 'kind'))}告警"


def _lifted(case: Case, event: Event, now: datetime) -> str:
    left = _fact(event, "left")
    still = f"，{left}告警仍在" if left else ""
    return (
        f"解除{AlarmKind.label_of(_fact(event, 'kind'))}告警：不是（{_fact(event, 'was')}）{still}"
    )


def _clocked(verb: str) -> Said:
    def say(case: Case, event: Event, now: datetime) -> str:
        unit = _fact(event, "unit")
        name = ClockKind.label_of(_fact(event, "kind"))
        return f"{verb}：{name}" + (f"（{unit}）" if unit else "")

    return say


def _called_back(case: Case, event: Event, now: datetime) -> str:
    three = (("contacted", Contacted), ("solved", Solved), ("satisfied", Satisfied))
    told = [kind.label_of(_fact(event, name)) for name, kind in three if _fact(event, name)]
    result = CallResult.label_of(_fact(event, "result"))
    verdict = Verdict.label_of(_fact(event, "verdict"))
    said = f"（{'、'.join(told)}）" if told else ""
    return f"街道第 {_fact(event, 'attempt')} 次回访：{result}{said}，{verdict}"


def _matter(case: Case, event: Event, now: datetime) -> str:
    if _fact(event, "step") == "settled":
        order = _fact(event, "order")
        return "关联事项了结" + (f"，转成工单 {order}" if order else "")
    return "登记关联事项"


GROUPED = {"proposed": "提议并案", "added": "并案", "confirmed": "确认并案"}


def _grouped(case: Case, event: Event, now: datetime) -> str:
    kind = GroupKind.label_of(_fact(event, "kind"))
    why = _fact(event, "why")
    by = _fact(event, "by")
    said = f"{GROUPED.get(_fact(event, 'how'), '并案')}：{kind}" + (f"（{why}）" if why else "")
    return f"{by} {said}" if by else said


def _came_back(case: Case, event: Event, now: datetime) -> str:
    earlier = _fact(event, "earlier")
    if event.facts.get("denied"):
        return f"不是复诉：与 {earlier} 不是同一事项"
    return f"提示复诉：同一诉求人前次为 {earlier}（把握 {_fact(event, 'chance')}%）"


def _told_progress(case: Case, event: Event, now: datetime) -> str:
    reminded = "，已催办前单" if event.facts.get("reminded") else ""
    return f"催办告知：前单 {_fact(event, 'earlier')}{reminded}"


def _planned(case: Case, event: Event, now: datetime) -> str:
    by = "" if event.actor_id else f"（{_fact(event, 'by')}）"
    return f"整组的办理方案，{_fact(event, 'unit')} 牵头{by}"


def _asked_able(case: Case, event: Event, now: datetime) -> str:
    said = "能" if event.facts.get("able") else "不能"
    asked = "、".join(map(str, event.facts.get("asked") or ()))
    return f"四个能否：{Able.label_of(_fact(event, 'question'))}，{asked} {_fact(event, 'person')} 答{said}"


def _whistled(case: Case, event: Event, now: datetime) -> str:
    kind = WhistleKind.label_of(_fact(event, "whistle"))
    return f"{_fact(event, 'unit')} {kind}：{_fact(event, 'departments')}"


def _stated(case: Case, event: Event, now: datetime) -> str:
    stance = Stance.label_of(_fact(event, "stance"))
    return f"陈述：{_fact(event, 'unit')} {_fact(event, 'person')} {stance}"


def _settled(case: Case, event: Event, now: datetime) -> str:
    unit = _fact(event, "unit")
    return f"协调决定：{Settled.label_of(_fact(event, 'outcome'))}" + (
        f"，{unit} 主办" if unit else ""
    )


def _plain(sentence: str) -> Said:
    return lambda case, event, now: sentence


def _heard(case: Case, event: Event, now: datetime) -> str:
    again = "更正" if event.facts.get("corrects") else ""
    head = f"上级回访结果{again}（{_fact(event, 'cycle')} 考核期）："
    if not event.facts.get("valid"):
        return f"{head}无效回访" + (
            f"，{_fact(event, 'outcome')}" if event.facts.get("outcome") else ""
        )
    told = (Contacted.label_of(_fact(event, "contacted")), Solved.label_of(_fact(event, "solved")))
    return head + "、".join((*told, Satisfied.label_of(_fact(event, "satisfied"))))


def _stands(case: Case, event: Event, now: datetime) -> str:
    before, after = (Standing.label_of(_fact(event, name)) for name in ("before", "standing"))
    return f"评价口径（{_fact(event, 'cycle')} 考核期）由“{before}”改为“{after}”"


SENTENCES: dict[str, Said] = {
    A.ARRIVE: _arrived,
    A.ARRIVE_FINISHED: _plain("导入：来单时已办结"),
    A.ARRIVE_AGAIN: _plain("同一编号再次到达，这一次到此为止"),
    A.CORRECT: _plain("来单更正"),
    A.SIGN: _plain("签收"),
    A.TRIAGE: _plain("初核：由本街道办理"),
    A.SEND_BACK: _sent_back,
    A.GRANT_SEND_BACK: _plain("平台同意退回"),
    A.REFUSE_SEND_BACK: _plain("平台驳回退回，由本街道办理"),
    A.DISPATCH: _dispatched,
    A.TRANSFER: lambda case, event, now: f"改派，从 {_fact(event, 'unit')} 收回",
    A.DECLINE: _by_unit("退派"),
    A.EXTEND: _extending("申请延期"),
    A.GRANT_EXTENSION: _extending("同意延期"),
    A.REFUSE_EXTENSION: _extending("不同意延期"),
    A.SUBMIT: _by_unit("提交办理结果"),
    A.ACCEPT: _by_unit("接单"),
    A.CONTACT: _contacted,
    A.PROGRESS: _by_unit("办理进展"),
    A.ASSIST_REPORT: _by_unit("协办反馈"),
    A.ADD_ASSISTING: lambda case, event, now: f"增加协办 {_fact(event, 'unit')}",
    A.ADD_EVIDENCE: lambda case, event, now: f"上传佐证 {_fact(event, 'name')}",
    A.PLACE: _placed,
    A.MARK: _marked,
    A.POINTS: _points,
    A.TAKE: _taken,
    A.RELEASE: _plain("放下认领"),
    A.REMIND: _reminded,
    A.ANSWER_REMINDER: _plain("答复催办"),
    A.ALARM: _alarmed,
    A.LIFT_ALARM: _lifted,
    A.PHONE: _phoned,
    A.REPORT_UP: _reported,
    A.PAUSE_CLOCK: _clocked("暂停计时"),
    A.RESUME_CLOCK: _clocked("恢复计时"),
    A.UPPER_RESULT: _heard,
    A.SET_STANDING: _stands,
    A.CALL_BACK: _called_back,
    A.CALL_BACK_FAIL: lambda case, event, now: (
        f"回访不过，退回 {_fact(event, 'unit')} 重新办理，时限 {_fact(event, 'limit')}"
    ),
    A.MATTER: _matter,
    A.GROUP: _grouped,
    A.LEAVE_GROUP: _plain("移出并案"),
    A.PLAN: _planned,
    A.COME_BACK: _came_back,
    A.TELL_PROGRESS: _told_progress,
    A.ASK_ABLE: _asked_able,
    A.BLOW_WHISTLE: _whistled,
    A.COORDINATE: _plain("提交协调：无法确权"),
    A.STATE: _stated,
    A.SETTLE: _settled,
}
MOMENTS = {
    "due_at": "内部截止",
    "contacted_at": "联系时间",
    "visited_at": "到场时间",
    "due_before": "原时限",
    "promised_at": "约定再联系",
    "called_at": "通话时间",
    "reported_at": "报告时间",
    "said_at": "陈述时间",
    "called_back_at": "回访时间",
    "since": "自",
}
LISTED = {"points", "answers"}  # kept one to a line
TEXTS = {
    "decided_by": "决定人",
    "place": "地点", "proof": "佐证", "community_reason": "社区主办理由", "article": "依据",
    "result_before": "前次结果", "points": "诉求点", "answers": "逐点答复",
    "reference": "依据",
}  # fmt: skip


def _more(event: Event, now: datetime) -> list[tuple[str, str]]:
    found = [
        (label, words.from_iso(event.facts[name], now))
        for name, label in MOMENTS.items()
        if event.facts.get(name)
    ]
    found += [
        (label, text.replace("\n", "；") if name in LISTED else text)
        for name, label in TEXTS.items()
        if (text := _fact(event, name))
    ]
    if event.facts.get("told_requester"):
        found.append(("告知", "已向诉求人说明"))
    return found


def _changes(event: Event, now: datetime, units: dict[int, str]) -> list[tuple[str, str, str]]:
    """What a correction changed: (field, before, after), personal fields masked."""
    told: Any = event.facts.get("changes")
    if not isinstance(told, dict):
        return []
    found = []
    for name, pair in told.items():
        if name == "extra" or not isinstance(pair, list) or len(pair) != 2:
            found.append(("来单其他列", "", "有变化"))
            continue
        before, after = (_value(name, value, now, units) for value in pair)
        found.append((_field_name(name), before, after))
    return found


def _field_name(name: str) -> str:
    try:
        return str(Case._meta.get_field(name.removesuffix("_id")).verbose_name)
    except FieldDoesNotExist:
        return name


def _value(name: str, value: Any, now: datetime, units: dict[int, str]) -> str:
    if value in (None, "", []):
        return "空"
    if mask := Case.PERSONAL.get(name):
        return mask(str(value))
    if name.endswith("_at"):
        return words.from_iso(value, now)
    if name.endswith("_id"):
        return units.get(value, "另一单位")
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
