"""Lines into drafts: typed, clean, and ready to be compared with the record; or refused, and why.

A line that cannot be used comes out with its row number and a sentence the duty desk can act on.
What the file says is kept twice: cleaned in the fields, and word for word in `raw`. Whether a row
is new, changed or repeated is not known here.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from jiesu.platforms import cells, columns
from jiesu.platforms.plans import Plan, plan_of
from jiesu.platforms.sheets import LIMITS, Limits, Line, Sheet
from jiesu.rules.moments import Moment, moment

NUMBER_FORM = r"^[\u4e00-\u9fa5A-Za-z]+-\d{6}-\d{4,8}$"  # 领域说明 5.1；可配置
TITLE_FROM_CONTENT = 30  # characters

_SEPARATOR = "\x1f"
_BLANK = _SEPARATOR + " \t\r\n\xa0\u3000\u200b\ufeff"
_SUMMARY = re.compile(r"(?:合|总|小|共|累)\s*计[:：]?|本页(?:小|合)计[:：]?|本月合计[:：]?")
_DURATION = re.compile(
    r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十]+)\s*个?(?:自然日|工作日|天|日|小时|h|H)(?:内|以内)?.{0,6}"
)
_FINISHED = re.compile(
    r"(?:工单|案件|诉求|街道|已经|已|正常|按期|按时|逾期|超期|提前|自动|直接|回复|反馈|处理|办理|全部)*"
    r"(?:办结|结案|归档|完成|完毕|关闭|完结|终结|结束|已回复|已反馈)(?!申请|审核|审批|待审|待批|中|率|时限)"
)


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be used: where it stands, the reason in Chinese, and the line as it came."""

    row: int
    where: str
    reason: str
    headers: tuple[str, ...]
    texts: tuple[str, ...]

    @property
    def raw(self) -> list[list[str]]:
        return [list(pair) for pair in zip(self.headers, self.texts, strict=True)]


@dataclass(frozen=True, slots=True)
class Known:
    """A line whose digest the caller already has on record, so that no draft was made of it."""

    row: int
    where: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """One order as one line tells it. An empty field is one the file says nothing about."""

    row: int
    where: str
    digest: bytes  # 16 bytes over headers and values
    headers: tuple[str, ...]
    texts: tuple[str, ...]
    number: str
    title: str
    title_given: bool  # False: made from the content, must not replace a title on record
    finished: bool  # the export calls it closed
    warnings: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    case_no: str = ""
    order_type: str = ""
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    content: str = ""
    location: str = ""
    district: str = ""
    street: str = ""
    community: str = ""
    requester_name: str = ""
    requester_phone: str = ""
    requester_address: str = ""
    company: str = ""
    called_at: Moment | None = None
    created_at: Moment | None = None
    dispatched_at: Moment | None = None
    due_at: Moment | None = None
    closed_at: Moment | None = None
    replied_at: Moment | None = None
    unit: str = ""
    path: str = ""
    nature: str = ""
    status: str = ""
    result: str = ""
    answer_contacted: str = ""
    answer_solved: str = ""
    answer_satisfied: str = ""
    month_seq: int | None = None
    year_seq: int | None = None
    instructions: str = ""

    @property
    def arrived_at(self) -> Moment | None:
        """When it came to the street: dispatched, or for want of that called or entered."""
        return self.dispatched_at or self.called_at or self.created_at

    @property
    def raw(self) -> list[list[str]]:
        """The line word for word, as pairs of header and text."""
        return [list(pair) for pair in zip(self.headers, self.texts, strict=True)]


def clean(
    sheet: Sheet,
    *,
    number_form: str = NUMBER_FORM,
    known: Container[bytes] = frozenset(),
    limits: Limits = LIMITS,
) -> Iterator[Draft | Refused | Known]:
    """Turn the lines of a sheet into drafts; blank lines, sums and repeated headers are passed over.

    :param number_form: what an order number looks like, as a regular expression
    :param known: digests on record; their lines come back as Known, without the work of a draft
    :raises Unreadable: the file turns out damaged further down
    """
    plan = plan_of(sheet)
    form = re.compile(number_form, re.ASCII)
    start = blake2b("\x1e".join([*plan.headers, ""]).encode("utf-8", "replace"), digest_size=16)
    width = len(plan.headers)
    for line in sheet.lines:
        values = line.values
        if line.fault:
            yield _refused(line, plan.headers, [cells.as_text(v) for v in values], line.fault)
            continue
        texts = [value if type(value) is str else cells.as_text(value) for value in values]
        if len(texts) < width:
            texts += [""] * (width - len(texts))
        joined = _SEPARATOR.join(texts)
        if not joined.strip(_BLANK):
            continue
        if "\0" in joined or not _encodable(joined):
            texts = [cells.storable(text) for text in texts]
            joined = _SEPARATOR.join(texts)
        digest = start.copy()
        digest.update(joined.encode())
        if (seal := digest.digest()) in known:
            yield Known(line.row, line.where, seal)
            continue
        if len(joined) > limits.cell_chars and (fault := _too_long(plan, texts, limits)):
            yield _refused(line, plan.headers, texts, fault)
            continue
        if (made := _draft(line, values, texts, seal, plan, form)) is not None:
            yield made


def _draft(
    line: Line, values: list, texts: list[str], digest: bytes, plan: Plan, form: re.Pattern[str]
) -> Draft | Refused | None:
    tidy, one_line, nothing = cells.tidy, cells.one_line, cells.NOTHING
    reasons: list[str] = []
    warnings: list[str] = []
    extra: dict[str, str] = {}
    facts: dict = {}

    number = texts[plan.number] if plan.number is not None else ""
    if not form.match(number):
        if _passed_over(number, texts, plan):
            return None
        number = cells.order_number(number)
        if number in nothing:
            reasons.append("没有工单编号，请补填后再导入")
        elif not form.match(number):
            reasons.append(f"工单编号“{_brief(number)}”不像编号，应形如 热线-261019-020001，请核对")

    for name, index in plan.short:
        if (text := texts[index]) and (text := one_line(text)) not in nothing:
            facts[name] = text
    for name, index in plan.long:
        if (text := texts[index]) and (text := tidy(text)) not in nothing:
            facts[name] = text
    reasons += _times(facts, extra, warnings, values, texts, plan)
    for name, index in plan.counts:
        if (text := tidy(texts[index])) and text not in nothing:
            if (times := cells.count(text)) is not None:
                facts[name] = times
            else:
                extra[cells.one_line(plan.headers[index])] = text
    if plan.phone is not None and (text := cells.phone(texts[plan.phone])) not in nothing:
        facts["requester_phone"] = text
    if plan.tags:
        facts["tags"] = cells.tags(",".join([texts[index] for index in plan.tags]))
    facts["category"] = _category(texts, plan)
    for label, index in plan.unknown:
        if (text := texts[index]) and (text := tidy(text)):
            extra[label] = text
    if len(texts) > len(plan.headers):
        for index in range(len(plan.headers), len(texts)):
            if text := tidy(texts[index]):
                extra[f"第{index + 1}列"] = text

    title, given = facts.pop("title", ""), True
    if not title:
        content, given = facts.get("content", ""), False
        if not content:
            reasons.append("标题和主要内容都是空的，请至少补填一项后再导入")
        title = one_line(content)
        if len(title) > TITLE_FROM_CONTENT:
            title = title[:TITLE_FROM_CONTENT] + "…"
    if reasons:
        return _refused(line, plan.headers, texts, "；".join(reasons))

    _mind_the_times(facts, plan, warnings)
    return Draft(
        row=line.row,
        where=line.where,
        digest=digest,
        headers=_headers(plan.headers, texts),
        texts=tuple(texts),
        number=number,
        title=title,
        title_given=given,
        finished=_finished(facts),
        warnings=tuple(warnings),
        extra=extra,
        **facts,
    )


def _times(
    facts: dict,
    extra: dict[str, str],
    warnings: list[str],
    values: list,
    texts: list[str],
    plan: Plan,
) -> list[str]:
    """Read the times into `facts`; return what is wrong with those that cannot be read.

    A limit given as a length (7天) is no moment: it is kept as it came, and the rules count.
    """
    reasons = []
    for name, index, label in plan.times:
        if not (text := texts[index]):
            continue
        value = values[index]
        if type(value) is str and (value := cells.tidy(text)) in cells.NOTHING:
            continue
        try:
            facts[name] = moment(value, label)
        except ValueError as unreadable:
            length = cells.tidy(text)
            if name == "due_at" and len(length) < 30 and _DURATION.fullmatch(length):
                extra[label] = length
                warnings.append(f"{label}“{length}”不是时刻，按规则另算截止时间")
            else:
                reasons.append(str(unreadable))
    return reasons


def _mind_the_times(facts: dict, plan: Plan, warnings: list[str]) -> None:
    """A deadline given as a day ends with it (民法典第203条); 创建时间 alone is the call's time."""
    if plan.called_is_created and "created_at" in facts:
        facts["called_at"] = facts["created_at"]
    due, sent = facts.get("due_at"), facts.get("dispatched_at")
    if due is not None and due.precision == "day":
        due = facts["due_at"] = Moment(due.at.replace(hour=23, minute=59, second=59), "day")
    if sent is None:
        if "called_at" in facts or "created_at" in facts:
            warnings.append("没有派单时间，按来电（创建）时间计")
        else:
            warnings.append("没有派单时间，也没有来电时间，请在案件页补填")
    elif due is not None and due.at < sent.at:
        warnings.append("截止时间早于派单时间，请核对")


def _category(texts: list[str], plan: Plan) -> tuple[str, ...]:
    """Return the longer of the path column and the level columns."""
    path: tuple[str, ...] = ()
    if plan.category is not None and (text := texts[plan.category]):
        path = _known_levels(text) if len(text) < 200 else cells.levels(text)
    if plan.levels:
        split = []
        for index in plan.levels:
            if (text := cells.one_line(texts[index])) in cells.NOTHING:
                break
            split.append(text)
        if len(split) > len(path):
            return tuple(split)
    return path


_known_levels = lru_cache(maxsize=4096)(cells.levels)  # a few hundred paths make up every export


def _finished(facts: dict) -> bool:
    """Return whether the export calls the order closed: by its status, else by a time of closing."""
    if status := facts.get("status"):
        return _FINISHED.match(status) is not None
    return "closed_at" in facts


def _passed_over(number: str, texts: list[str], plan: Plan) -> bool:
    """Return whether a line without an order's number is no order at all."""
    number = cells.order_number(number)
    if number and (_SUMMARY.fullmatch(number) or columns.field_of(number) == "number"):
        return True
    if number:
        return False
    filled = [(i, text) for i, text in enumerate(map(cells.tidy, texts)) if text]
    if any(_SUMMARY.fullmatch(text) for _, text in filled):
        return True
    return all(index == plan.serial for index, _ in filled)


def _too_long(plan: Plan, texts: list[str], limits: Limits) -> str:
    for index, text in enumerate(texts):
        if len(text) > limits.cell_chars:
            label = plan.headers[index] if index < len(plan.headers) else f"第{index + 1}列"
            return f"“{_brief(label)}”一格超过 {limits.cell_chars} 字，请缩短后再导入"
    return ""


def _refused(line: Line, headers: tuple[str, ...], texts: list[str], reason: str) -> Refused:
    texts = [cells.storable(text) for text in texts]
    texts += [""] * (len(headers) - len(texts))
    return Refused(line.row, line.where, reason, _headers(headers, texts), tuple(texts))


def _headers(headers: tuple[str, ...], texts: list[str]) -> tuple[str, ...]:
    if len(texts) == len(headers):
        return headers
    return (*headers, *(f"第{index + 1}列" for index in range(len(headers), len(texts))))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _brief(text: str) -> str:
    text = cells.one_line(text)
    return text if len(text) <= 30 else text[:30] + "…"
