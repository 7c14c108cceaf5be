"""Call-back files into results: typed answers, or refusals with a reason in Chinese.

Words differ from platform to platform; what a cell says that nobody here knows is never guessed but
refused with its row, so that the duty desk can put it right.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from jiesu.platforms import cells
from jiesu.platforms.drafts import NUMBER_FORM
from jiesu.platforms.sheets import Line, Sheet
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.moments import NoSuchDay, UnreadableTime, moment

Said = TypeVar("Said")
LONGEST_NUMBER = 40
SEPARATORS = re.compile(r"[\s，,、;；。./()（）【】\[\]“”\"'‘’:：]+")
_SUM = re.compile(r"(?:合|总|小|共|累)\s*计.*|汇总.*|平均.*|制表.*|填表.*|注[:：].*|说明[:：].*")
_ASIDE = re.compile(r"[（(【\[].*")
_NUMBER_LIKE = re.compile(r"\d{6,}")

YES = "是 有 y yes true 1 对 √ ✓ ✔ v"
NO = "否 无 没有 没 n no false 0 不是 × ✗ ✘ x 未"


def _table(*meanings: tuple[Said, str]) -> dict[str, Said]:
    return {word: meaning for meaning, words in meanings for word in words.split()}


# what was heard when nobody answered, in whatever column it stands
UNHEARD = frozenset(
    [
        "未接听",
        "未接通",
        "无人接听",
        "拒绝接听",
        "拒接",
        "拒访",
        "拒绝回访",
        "拒绝评价",
        "拒绝",
        "不需要回复",
        "无需回复",
        "不需要回访",
        "无需回访",
        "空号",
        "停机",
        "关机",
        "占线",
        "忙线",
        "无法接通",
        "错号",
        "号码错误",
        "挂断",
        "中途挂断",
        "未回访",
        "保密",
        "电话保密",
        "来电人保密",
        "无法联系",
        "联系不上",
        "未评价",
        "未作评价",
        "不评价",
        "未答",
        "未回答",
        "不清楚",
        "不知道",
        "不详",
        "无效",
        "无效回访",
        "其他",
        "待回访",
        "暂未回访",
        "未拨通",
        "打不通",
        "未打通",
    ]
)
VALID = _table(
    (True, f"{YES} 有效 有效回访 成功 回访成功 已回访 接通 已接通 接听 已接听 有效工单 有效评价"),
    (
        False,
        f"{NO} 无效 无效回访 失败 回访失败 未成功 不成功 未回访 无效工单 不是有效回访 非有效回访 非有效 无效评价",
    ),
)
CONTACTED = _table(
    (
        Contacted.YES,
        f"{YES} 已联系 联系 联系了 已响应 响应 联系过 及时联系 已及时联系 与诉求人联系 已与诉求人联系 联系上 已联系诉求人",
    ),
    (Contacted.NO, f"{NO} 未联系 没联系 没有联系 未响应 不联系 未与诉求人联系 无联系 没联系过"),
)
SOLVED = _table(
    (
        Solved.SOLVED,
        f"{YES} 解决 已解决 全部解决 完全解决 解决了 已经解决 基本解决 彻底解决 已办结并解决",
    ),
    (Solved.PARTLY, "部分解决 部分 解决部分 部分已解决"),
    (Solved.UNSOLVED, f"{NO} 未解决 没解决 没有解决 不解决 尚未解决 仍未解决 完全未解决"),
)
SATISFIED = _table(
    (Satisfied.SATISFIED, f"{YES} 满意 非常满意 很满意 十分满意 较满意 比较满意 已满意"),
    (Satisfied.BASIC, "基本满意 基本 基本满意的"),
    (Satisfied.NEUTRAL, "一般 一般满意 中立 尚可"),
    (
        Satisfied.UNSATISFIED,
        f"{NO} 不满意 非常不满意 很不满意 不太满意 较不满意 未满意 没满意 不 十分不满意 比较不满意",
    ),
    (Satisfied.UNRATED, "未评价 未表态 未作评价"),
)
# the words of 是否剔除, and of columns that ask the other way round
EXCLUDED = _table(
    (Standing.EXEMPT, f"{YES} 剔除 已剔除 不计入 不计入三率 不计入评价 不计入考核 不计入诉求办理评价 不纳入 不纳入考核 不参与 不参与考核 予以剔除 同意剔除 采纳 通过 申报通过"),
    (Standing.COUNTED, f"{NO} 保留 计入 计入考核 计入三率 计入评价 纳入 纳入考核 参与 参与考核 未剔除 不剔除 正常 正常考核 普通 全评 不采纳 不通过 未申报"),
    (Standing.RESPONSE_ONLY, "只评价响应率 仅评价响应率 只评响应率 仅评响应率 只评价诉求办理响应率 只响应 响应率 只计响应率 仅计响应率 部分采纳"),
    (Standing.OUTSIDE, "不计入总量 不计入诉求总量 不计总量"),
    (Standing.SET_ASIDE, "挂账 已挂账"),
)  # fmt: skip
KEEPS = re.compile("是否保留|是否计入|是否纳入|是否参与|计入情况")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be used, and why."""

    row: int
    reason: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class CallBack:
    """One order's call-back as one row tells it. ``standing`` None: the file says nothing of it."""

    row: int
    number: str
    unit: str
    person: str
    called_at: datetime | None
    dispatched_at: datetime | None
    valid: bool
    contacted: Contacted
    solved: Solved
    satisfied: Satisfied
    outcome: str
    standing: Standing | None
    cause: str


def read(sheet: Sheet, *, number_form: str = NUMBER_FORM) -> Iterator[CallBack | Refused]:
    """Turn the lines of a sheet into call-backs; blank lines, sums and repeated headers are passed over."""
    at = {name: place for place, name in enumerate(sheet.fields) if name}
    form = re.compile(number_form, re.ASCII)
    asks_kept = "excluded" in at and bool(KEEPS.search(sheet.headers[at["excluded"]]))
    for line in sheet.lines:
        if line.fault:
            yield Refused(line.row, line.fault)
            continue
        texts = [cells.one_line(cells.storable(cells.as_text(value))) for value in line.values]
        texts += [""] * (len(sheet.headers) - len(texts))
        if not any(text for text in texts) or _passed_over(texts, sheet, at["number"]):
            continue
        yield _result(line, texts, at, form, asks_kept=asks_kept)


def _passed_over(texts: list[str], sheet: Sheet, number: int) -> bool:
    """Sums and notes below a table, and its header repeated on the next page."""
    if texts[number] and texts[number] == cells.one_line(sheet.headers[number]):
        return True
    return not _NUMBER_LIKE.search(texts[number]) and any(_SUM.fullmatch(text) for text in texts)


class _Unknown(ValueError):
    """A cell says what nobody here knows."""


def _result(
    line: Line, texts: list[str], at: dict[str, int], form: re.Pattern[str], *, asks_kept: bool
) -> CallBack | Refused:
    def said(name: str) -> str:
        text = texts[at[name]] if name in at else ""
        return "" if text in cells.NOTHING and text != "无" else text

    number = cells.order_number(said("number"))
    if not number:
        return Refused(line.row, "没有工单编号，请补填后再导入")
    if not form.match(number) or len(number) > LONGEST_NUMBER:
        return Refused(
            line.row, f"工单编号“{number[:24]}”不像编号，应形如 热线-261019-020001，请核对"
        )
    try:
        contacted = _meaning(said("contacted"), CONTACTED, Contacted.UNKNOWN, "是否联系")
        solved = _meaning(said("solved"), SOLVED, Solved.UNKNOWN, "是否解决")
        satisfied = _meaning(said("satisfied"), SATISFIED, Satisfied.UNRATED, "是否满意")
        valid = _valid(said("valid"), said("outcome"), contacted, solved, satisfied)
        standing = _standing(said("excluded"), asks_kept=asks_kept)
        called_at = _moment(line, said("called_at"), at.get("called_at"), "回访时间")
        dispatched_at = _moment(line, said("dispatched_at"), at.get("dispatched_at"), "派单时间")
    except (_Unknown, UnreadableTime, NoSuchDay) as wrong:
        return Refused(line.row, str(wrong), number)
    heard = said("outcome") or next(
        (text for text in map(said, ("valid", "satisfied", "contacted", "solved")) if plain(text) in UNHEARD),
        "",
    )  # fmt: skip
    causes = dict.fromkeys(
        text for text in (said("cause"), said("remark")) if text and text != "无"
    )
    return CallBack(
        line.row, number, said("unit"), said("person"), called_at, dispatched_at, valid, contacted, solved, satisfied,
        heard[:40], standing, "；".join(causes),
    )  # fmt: skip


def plain(text: str) -> str:
    """Return what two spellings of one answer have in common."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).lower()


def _meaning(text: str, table: dict[str, Said], unsaid: Said, what: str) -> Said:
    if not plain(text):
        return unsaid
    for word in (plain(text), plain(_ASIDE.sub("", text))):  # “不满意（态度差）” is 不满意
        if word in table:
            return table[word]
        if word in UNHEARD:
            return unsaid
    raise _Unknown(f"{what}“{text[:20]}”看不懂，请改成 是、否 等常用写法后再导入")


def answers(contacted: str, solved: str, satisfied: str) -> tuple[Contacted, Solved, Satisfied]:
    """Return what three cells answer; what is not understood was not said."""
    return (
        CONTACTED.get(plain(contacted), Contacted.UNKNOWN),
        SOLVED.get(plain(solved), Solved.UNKNOWN),
        SATISFIED.get(plain(satisfied), Satisfied.UNRATED),
    )


def _valid(
    text: str, outcome: str, contacted: Contacted, solved: Solved, satisfied: Satisfied
) -> bool:
    """Whether it is a valid call-back: as the file says, else by what was answered (领域说明 3.2，推定)."""
    word = plain(text)
    if word in VALID:
        return VALID[word]
    if word in UNHEARD:
        return False
    if word:
        raise _Unknown(f"是否有效回访“{text[:20]}”看不懂，请改成 是 或 否 后再导入")
    if plain(outcome) in UNHEARD or VALID.get(plain(outcome)) is False:
        return False
    return all_answered(contacted, solved, satisfied)


def all_answered(contacted: Contacted, solved: Solved, satisfied: Satisfied) -> bool:
    """True when all three questions were answered: what makes a call-back valid where nobody says (推定)."""
    answered = contacted is not Contacted.UNKNOWN and solved is not Solved.UNKNOWN
    return answered and satisfied is not Satisfied.UNRATED


def _standing(text: str, *, asks_kept: bool) -> Standing | None:
    word = plain(text)
    if not word:
        return None
    if asks_kept and word in YES.split():
        return Standing.COUNTED
    if asks_kept and word in NO.split():
        return Standing.EXEMPT
    if word in EXCLUDED:
        return EXCLUDED[word]
    raise _Unknown(f"是否剔除“{text[:20]}”看不懂，请改成 是、否、剔除、保留、只评价响应率 或 挂账")


def _moment(line: Line, text: str, place: int | None, what: str) -> datetime | None:
    if not text or text == "无" or place is None:
        return None
    return moment(line.values[place], what).at
