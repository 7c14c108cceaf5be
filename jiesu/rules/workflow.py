"""What may follow what in the life of a case: one table (domain 2.2, 条例第11至15条).

``Stage`` is where a case stands, ``Action`` is what somebody does. An action that is in ``FLOW``
moves the case; one in ``FACTS`` is recorded and moves nothing. Side roads (不计入申报, 挂账, 考核申诉)
run beside the main stage and are not in this table.
"""

from collections.abc import Iterator

from jiesu.rules.labelled import Labelled


class Stage(Labelled):
    TO_SIGN = "to_sign", "待签收"
    SIGNED = "signed", "已签收"
    TO_DISPATCH = "to_dispatch", "待派转"
    SEND_BACK_PENDING = "send_back_pending", "退回待裁"
    SENT_BACK = "sent_back", "已退回"
    HANDLING = "handling", "办理中"
    JOINT = "joint", "联办中"
    EXTENSION_PENDING = "extension_pending", "延期待批"
    REVIEWING = "reviewing", "待审核"
    STREET_CALL_BACK = "street_call_back", "街道回访"
    FINAL_REVIEW = "final_review", "最终审核"
    SUBMITTED = "submitted", "上报平台"
    UPPER_CALL_BACK = "upper_call_back", "上级回访"
    EVALUATED = "evaluated", "评价入库"
    CLOSED = "closed", "已办结"
    ARCHIVED = "archived", "已归档"


class Action(Labelled):
    ARRIVE = "arrive", "到达"
    ARRIVE_FINISHED = "arrive_finished", "导入已办结"
    ARRIVE_AGAIN = "arrive_again", "再次到达"
    SIGN = "sign", "签收"
    TRIAGE = "triage", "初核"
    SEND_BACK = "send_back", "退回"
    GRANT_SEND_BACK = "grant_send_back", "平台同意退回"
    REFUSE_SEND_BACK = "refuse_send_back", "平台驳回退回"
    DISPATCH = "dispatch", "派转"
    TRANSFER = "transfer", "转派"
    DECLINE = "decline", "退派"
    TAKE_BACK = "take_back", "撤回自动派转"
    WHISTLE = "whistle", "吹哨"
    END_JOINT = "end_joint", "联办结束"
    EXTEND = "extend", "申请延期"
    GRANT_EXTENSION = "grant_extension", "同意延期"
    REFUSE_EXTENSION = "refuse_extension", "不同意延期"
    SUBMIT = "submit", "提交结果"
    REJECT = "reject", "审核驳回"
    PASS = "pass", "审核通过"
    CALL_BACK_PASS = "call_back_pass", "回访通过"
    CALL_BACK_FAIL = "call_back_fail", "回访不过"
    SEND_UP = "send_up", "上报平台"
    UPPER_CALL = "upper_call", "上级回访"
    EVALUATE = "evaluate", "评价入库"
    CLOSE = "close", "办结"
    REOPEN = "reopen", "重新办理"
    ARCHIVE = "archive", "归档"
    # facts that move nothing
    CORRECT = "correct", "来单更正"
    ACCEPT = "accept", "接单"
    CONTACT = "contact", "联系诉求人"
    VISIT = "visit", "上门（现场）"
    PROGRESS = "progress", "办理进展"
    ASSIST_REPORT = "assist_report", "协办反馈"
    ADD_EVIDENCE = "add_evidence", "上传佐证"
    ADD_ASSISTING = "add_assisting", "增加协办"
    PLACE = "place", "选定社区"
    MARK = "mark", "研判标记"
    POINTS = "points", "确定诉求点"
    NOTE = "note", "备注"
    REVEAL = "reveal", "查看个人信息"
    TAKE = "take", "认领"
    RELEASE = "release", "放下"
    REMIND = "remind", "催办"
    ANSWER_REMINDER = "answer_reminder", "催办答复"
    ALARM = "alarm", "告警"
    LIFT_ALARM = "lift_alarm", "解除告警"
    PHONE = "phone", "电话通知"
    REPORT_UP = "report_up", "请示报告"
    PAUSE_CLOCK = "pause_clock", "暂停计时"
    RESUME_CLOCK = "resume_clock", "恢复计时"
    UPPER_RESULT = "upper_result", "上级回访结果"
    SET_STANDING = "set_standing", "评价口径"
    CALL_BACK = "call_back", "街道回访"
    MATTER = "matter", "关联事项"
    GROUP = "group", "并案"
    LEAVE_GROUP = "leave_group", "移出并案"
    PLAN = "plan", "办理方案"
    COME_BACK = "come_back", "复诉"
    TELL_PROGRESS = "tell_progress", "催办告知"
    ASK_ABLE = "ask_able", "四个能否"
    BLOW_WHISTLE = "blow_whistle", "吹哨记录"
    REPORT_IN = "report_in", "报到"
    COORDINATE = "coordinate", "提交协调"
    STATE = "state", "登记陈述"
    SETTLE = "settle", "协调决定"


S, A = Stage, Action

FLOW: dict[tuple[Stage | None, Action], Stage] = {
    (None, A.ARRIVE): S.TO_SIGN,
    (None, A.ARRIVE_FINISHED): S.CLOSED,
    (S.TO_SIGN, A.SIGN): S.SIGNED,
    (S.TO_SIGN, A.SEND_BACK): S.SEND_BACK_PENDING,
    (S.SIGNED, A.TRIAGE): S.TO_DISPATCH,
    (S.SIGNED, A.SEND_BACK): S.SEND_BACK_PENDING,
    (S.TO_DISPATCH, A.SEND_BACK): S.SEND_BACK_PENDING,
    (S.SEND_BACK_PENDING, A.GRANT_SEND_BACK): S.SENT_BACK,
    (S.SEND_BACK_PENDING, A.REFUSE_SEND_BACK): S.TO_DISPATCH,
    (S.TO_DISPATCH, A.DISPATCH): S.HANDLING,
    (S.HANDLING, A.TRANSFER): S.TO_DISPATCH,  # another unit: dispatched anew in the same breath
    (S.HANDLING, A.DECLINE): S.TO_DISPATCH,  # not theirs: back to the duty desk
    (S.HANDLING, A.TAKE_BACK): S.TO_DISPATCH,  # what the product dispatched by itself
    (S.HANDLING, A.WHISTLE): S.JOINT,
    (S.JOINT, A.END_JOINT): S.HANDLING,
    (S.HANDLING, A.EXTEND): S.EXTENSION_PENDING,
    (S.EXTENSION_PENDING, A.GRANT_EXTENSION): S.HANDLING,
    (S.EXTENSION_PENDING, A.REFUSE_EXTENSION): S.HANDLING,
    (S.HANDLING, A.SUBMIT): S.REVIEWING,
    (S.REVIEWING, A.REJECT): S.HANDLING,
    (S.REVIEWING, A.PASS): S.STREET_CALL_BACK,
    (S.STREET_CALL_BACK, A.CALL_BACK_PASS): S.FINAL_REVIEW,
    (S.STREET_CALL_BACK, A.CALL_BACK_FAIL): S.HANDLING,
    (S.STREET_CALL_BACK, A.CLOSE): S.CLOSED,
    (S.FINAL_REVIEW, A.REJECT): S.HANDLING,
    (S.FINAL_REVIEW, A.SEND_UP): S.SUBMITTED,
    (S.SUBMITTED, A.CLOSE): S.CLOSED,
    (S.SUBMITTED, A.UPPER_CALL): S.UPPER_CALL_BACK,
    (S.CLOSED, A.UPPER_CALL): S.UPPER_CALL_BACK,
    (S.CLOSED, A.REOPEN): S.HANDLING,
    (S.CLOSED, A.CALL_BACK_FAIL): S.HANDLING,
    (S.UPPER_CALL_BACK, A.EVALUATE): S.EVALUATED,
    (S.CLOSED, A.ARCHIVE): S.ARCHIVED,
    (S.EVALUATED, A.ARCHIVE): S.ARCHIVED,
}

FACTS = frozenset(
    {
        A.CORRECT, A.ACCEPT, A.CONTACT, A.VISIT, A.PROGRESS, A.ASSIST_REPORT,
        A.ADD_EVIDENCE, A.ADD_ASSISTING, A.PLACE, A.MARK, A.POINTS, A.NOTE, A.REVEAL, A.TAKE, A.RELEASE,
        A.REMIND, A.ANSWER_REMINDER, A.ALARM, A.LIFT_ALARM, A.PHONE, A.REPORT_UP, A.PAUSE_CLOCK, A.RESUME_CLOCK,
        A.UPPER_RESULT, A.SET_STANDING,
        A.CALL_BACK, A.MATTER,
        A.GROUP, A.LEAVE_GROUP, A.PLAN, A.COME_BACK, A.TELL_PROGRESS,
        A.ASK_ABLE, A.BLOW_WHISTLE, A.REPORT_IN, A.COORDINATE, A.STATE, A.SETTLE,
    }
)  # fmt: skip

ENDED = frozenset({S.SENT_BACK, S.CLOSED, S.EVALUATED, S.ARCHIVED})
OPEN = tuple(stage for stage in Stage if stage not in ENDED)

# 再次到达 (G7, 回退再派): the same number dispatched once more is a new arrival with a life of its
# own; whatever was still open of the earlier one ends here. A send-back the platform had not
# answered was answered by the new dispatch.
FLOW.update({(stage, A.ARRIVE_AGAIN): S.CLOSED for stage in OPEN})
FLOW[S.SEND_BACK_PENDING, A.ARRIVE_AGAIN] = S.SENT_BACK

STEPS = (  # the road as people see it: (label, the stages that belong to it)
    ("签收", (S.TO_SIGN, S.SEND_BACK_PENDING, S.SENT_BACK)),
    ("派转", (S.SIGNED, S.TO_DISPATCH)),
    ("办理", (S.HANDLING, S.JOINT, S.EXTENSION_PENDING)),
    ("审核", (S.REVIEWING,)),
    ("回访", (S.STREET_CALL_BACK, S.FINAL_REVIEW, S.SUBMITTED, S.UPPER_CALL_BACK)),
    ("办结", (S.CLOSED, S.EVALUATED, S.ARCHIVED)),
)


class NotAllowed(Exception):
    """The action does not follow from where the case stands."""

    def __init__(self, stage: Stage | None, action: Action) -> None:
        self.where, self.action = stage, action
        where = stage.label if stage else "未到达"
        super().__init__(f"案件现为“{where}”，不能“{action.label}”。请按现在的环节办理。")


def step(stage: Stage | None, action: Action) -> Stage:
    """Return the stage the action leads to from ``stage`` (None: the case does not exist yet).

    :raises NotAllowed: the action does not follow
    """
    try:
        return FLOW[stage, action]
    except KeyError:
        raise NotAllowed(stage, action) from None


def following(stage: Stage) -> Iterator[Action]:
    """Yield the actions that may follow from ``stage``, in the order of the table."""
    return (action for (here, action) in FLOW if here is stage)
