"""Which column of a call-back file (回访明细) is what: the city's, the district's, the street's own."""

import re
from collections.abc import Sequence

from jiesu.platforms.columns import ALIASES as OF_ORDERS
from jiesu.platforms.columns import LONGEST_HEADER, key

MISSING = (
    "要有“工单编号”，还要有“是否有效回访”“是否联系”“是否解决”“是否满意”中的至少一列；"
    "请核对列名后再上传"
)
ALIASES: dict[str, str] = {
    "number": OF_ORDERS["number"] + " " + OF_ORDERS["case_no"],
    "unit": "承办单位 考核单位 被考核单位 责任单位 主办单位 主责单位 被评价单位 计分单位 失分单位 "
    + OF_ORDERS["unit"],
    "person": "具体承办人 承办人 承办人姓名 责任人 经办人 办理人 处理人 主办人 具体承办人姓名 办理人员 承办人员",
    "called_at": "回访时间 上级回访时间 市级回访时间 市回访时间 区回访时间 回访日期 考评时间 评价时间 回访完成时间 "
    "末次回访时间 最后回访时间 回访结束时间 测评时间 评价日期 调查时间 拨打时间 外呼时间",
    "dispatched_at": "派单时间 市派单时间 派单日期 派发时间 市派发时间 下派时间",
    "valid": "是否有效回访 三率有效 三率是否有效 有效回访 是否有效 是否为有效回访 是否有效工单 有效性 回访是否有效 有效无效 回访有效性 "
    "是否纳入有效回访 是否有效评价 有效评价 是否回访成功 回访是否成功 是否成功回访 回访成功",
    "contacted": "是否联系 联系率 响应率 是否联系诉求人 联系情况 是否已联系 是否联系市民 是否响应 响应情况 是否与您联系 "
    "是否与诉求人联系 是否与市民联系 联系 响应 上级回访是否联系 市级回访是否联系 承办单位是否联系 是否联系您 "
    "联系结果 响应结果 是否及时联系 上级是否联系 是否联系来电人",
    "solved": "是否解决 解决率 是否已解决 解决情况 问题是否解决 诉求是否解决 解决结果 解决 上级回访是否解决 "
    "市级回访是否解决 上级是否解决 反映问题是否解决 解决程度 诉求解决情况 问题解决情况",
    "satisfied": "是否满意 满意率 满意情况 满意度 满意程度 满意结果 诉求人是否满意 市民是否满意 满意 对办理结果是否满意 "
    "上级回访是否满意 市级回访是否满意 满意度评价 评价结果 上级是否满意 来电人是否满意 满意度情况 市民评价",
    "outcome": "回访结果 回访状态 接通情况 回访情况 通话结果 接听情况 外呼结果 是否接通 接通状态 接听状态 "
    "回访接通情况 上级回访结果",
    "excluded": "是否剔除 剔除 是否已剔除 剔除情况 是否保留 保留剔除 剔挂标签 剔除挂账 考核口径 口径 考核类型 "
    "是否不计入 是否计入 是否计入考核 计入情况 是否纳入考核 是否参与考核 剔除标识 剔除标记 剔除状态 "
    "是否不计入考核 申报结果 是否计入三率 是否计入评价",
    "cause": "未解决原因 未解决情况 未解决说明 不满意原因 失分原因 未解决或不满意原因 未解决不满意原因 扣分原因 原因 "
    "原因说明 未解决具体原因 不解决原因 未解决缘由",
    "remark": "不满意原因 备注 回访备注 说明 回访内容 回访记录 市民意见 诉求人意见 不满意说明 回访说明",
}
# what a longer name is about: “市级回访是否解决”, “考核结果-是否满意”
CORES = (
    ("有效回访", "valid"), ("是否有效", "valid"), ("回访有效", "valid"), ("是否联系", "contacted"), ("是否响应", "contacted"),
    ("是否解决", "solved"), ("是否满意", "satisfied"), ("满意度", "satisfied"), ("剔除", "excluded"), ("工单编号", "number"),
    ("承办单位", "unit"), ("回访时间", "called_at"), ("未解决原因", "cause"), ("不满意原因", "remark"),
)  # fmt: skip
LOOSE, OURS = (
    100,
    200,
)  # behind every alias; and what the street itself heard behind what the city did
_OF_THE_STREET = re.compile("街道|自查|承办|我方|街乡|镇")
ANSWERS = frozenset({"valid", "contacted", "solved", "satisfied"})
_KNOWN: dict[str, list[tuple[int, str]]] = {}
for _name, _words in ALIASES.items():
    for _rank, _word in enumerate(dict.fromkeys(map(key, _words.split()))):
        _KNOWN.setdefault(_word, []).append((_rank, _name))


def assign(headers: Sequence[object]) -> tuple[str | None, ...]:
    """Return each column's inner name, every name once: of two candidates the earlier alias wins."""
    wanted: list[tuple[int, int, str]] = []
    for place, header in enumerate(headers):
        if isinstance(header, str) and header and len(header) <= LONGEST_HEADER * 3:
            wanted += [(rank, place, name) for rank, name in _KNOWN.get(key(header), ())]
            wanted += _by_core(key(header), place)
    found: dict[int, str] = {}
    for _, place, name in sorted(wanted):
        if place not in found and name not in found.values():
            found[place] = name
    return tuple(found.get(place) for place in range(len(headers)))


def _by_core(header: str, place: int) -> list[tuple[int, int, str]]:
    rank = OURS if _OF_THE_STREET.search(header.replace("承办单位", "")) else LOOSE
    return [(rank, place, name) for core, name in CORES if core in header]


def header_score(row: Sequence[object]) -> int:
    """Return how many fields a row names, or 0 when it is no header of a call-back file."""
    found = {name for name in assign(row) if name}
    return len(found) if "number" in found and found & ANSWERS else 0


def find_header(rows: Sequence[Sequence[object]]) -> int | None:
    """Return the index of the row that names most columns, the first of equals; None without one."""
    scores = [header_score(row) for row in rows]
    best = max(scores, default=0)
    return scores.index(best) if best else None
