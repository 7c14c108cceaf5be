"""Which column is what: the alias table, and the header row wherever it stands.

The names are those of the three real export families (领域说明 5.1) and their plausible kin. Earlier
aliases of a field win: where a sheet has both 市派单时间 and 派单时间, the first is the field and the
second stays as it came. 案件编号 serves as the order's number only where nothing better does.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

SERIAL = "serial"  # the row's place in the file: no fact of the case, kept only in the raw row
ESSENTIAL = ("工单编号", "标题或主要内容", "派单时间")
MISSING = (
    "要有“工单编号”，要有“标题”或“主要内容”，还要有“派单时间”“社区”等至少一列；请核对列名后再上传"
)

ALIASES: dict[str, str] = {
    SERIAL: "序号 行号 No 序",
    "number": "工单编号 工单号 工单编码 工单ID 热线编号 热线工单编号 市热线编号 市工单编号 12345工单编号 "
    "12345工单号 热线号 受理编号 受理单号 受理号 诉求编号 诉求单号 诉求工单编号 诉求号 派单编号 派单号 "
    "任务编号 事件编号 来电编号 工单流水号 流水号 市级工单编号 市级编号 市中心工单编号 原工单编号 单号 编号",
    "case_no": "案件编号 案件号 区工单编号 区级工单编号 区编号 区平台编号 街道编号 街道工单编号 内部编号",
    "order_type": "工单类型 工单分类 工单类别 诉求类型 诉求类别 诉求性质 来电类型 来电类别 受理类型 "
    "事项类型 反映类型 反映类别 案件类型 类型 类别",
    "category": "问题分类 问题类别 诉求分类 事项分类 问题类型 市问题分类 内容分类 分类 问题分类路径 "
    "分类路径 反映问题分类 事件分类",
    "category1": "一级问题分类 一级分类 问题分类一级 一级类别 问题一级分类 大类 问题大类 一级诉求分类",
    "category2": "二级问题分类 二级分类 问题分类二级 二级类别 问题二级分类 小类 问题小类 二级诉求分类",
    "category3": "三级问题分类 三级分类 问题分类三级 三级类别 问题三级分类 细类 三级诉求分类",
    "category4": "四级问题分类 四级分类 问题分类四级 四级类别 问题四级分类 四级诉求分类",
    "category5": "五级问题分类 五级分类 问题分类五级 五级类别 问题五级分类 五级诉求分类",
    "tags": "标签 案件标签 原始标签 工单标签 诉求标签 标识 工单标识 特殊标签 时限标签",
    "title": "标题 问题标题 工单标题 诉求标题 案件标题 事项标题 来电标题 主题 诉求主题 工单主题 事件标题 "
    "事项名称 问题名称",
    "content": "主要内容 工单内容 诉求内容 反映内容 来电内容 问题内容 诉求描述 问题描述 事项描述 "
    "事件描述 案件内容 具体内容 诉求详情 内容 详细内容 正文 反映问题 工单描述 案件描述 内容描述 诉求事项 "
    "反映主要内容 主要诉求 诉求主要内容 来电主要内容 来电反映内容 市民诉求",
    "location": "问题点位 小区点位 点位 发生地址 发生地点 事发地址 事发地点 问题地址 问题地点 诉求地址 "
    "诉求地点 反映地址 反映地点 具体地址 具体位置 详细地址 地址 地点 位置 事件地址 事件地点 案发地址 "
    "小区名称 小区 问题位置 诉求点位",
    "district": "被反映区 反映管区 被反映区县 反映区 所属区 所属区县 所在区 区县 行政区 区",
    "street": "被反映街道 被反映街乡镇 被反映街道乡镇 街道 街乡镇 街乡 街镇 所属街道 所属街乡镇 所属街镇 "
    "所在街道 所在街乡镇 街道乡镇 街道名称 属地街道 反映街道 属地街乡镇",
    "community": "村社区 社区村 社区 所在村社区 所属村社区 反映社区 所属社区 社区名称 所在社区 "
    "被反映社区 被反映村社区 属地社区 涉及社区 社区居委会 村居 所属村居 社区村居 归属社区 责任社区 "
    "诉求所属社区 问题所属社区",
    "requester_name": "来电人 来电人姓名 诉求人 诉求人姓名 反映人 反映人姓名 市民姓名 联系人 联系人姓名 "
    "投诉人 投诉人姓名 姓名 来电者 市民 当事人 群众姓名 求助人",
    "requester_phone": "联系方式 来电号码 联系电话 来电人电话 来电人电话账号 来电人联系方式 来电人联系电话 "
    "来电电话 诉求人电话 诉求人联系方式 诉求人联系电话 反映人电话 反映人联系方式 反映人联系电话 手机号 "
    "手机号码 手机 电话 电话号码 联系号码 联系人电话 热线号码 主叫号码 市民电话 投诉人电话 联系人联系方式 "
    "市民联系方式 回电号码 投诉人联系方式",
    "requester_address": "来电人地址 诉求人地址 联系地址 反映人地址 来电人住址 住址 诉求人住址 家庭住址",
    "company": "企业名称 企业 公司名称 单位名称 诉求企业 企业单位名称 被反映企业 涉及企业 被投诉企业 商户名称",
    "called_at": "来电时间 来电日期 诉求时间 反映时间 受理时间 受理日期 投诉时间 致电时间 呼入时间 "
    "来话时间 诉求日期 进线时间",
    "created_at": "创建时间 填单时间 创建日期 登记时间 建单时间 录入时间 工单创建时间 生成时间 登记日期 "
    "工单生成时间",
    "dispatched_at": "市派单时间 派单时间 派单日期 派发时间 派发日期 下派时间 下派日期 交办时间 交办日期 "
    "市级派单时间 市中心派单时间 区派单时间 工单派发时间 派件时间 分派时间 下单时间 派遣时间 转办时间 "
    "转办日期 市派单日期 下发时间 推送时间 推送日期 街道接单时间 接收时间 接单时间 收单时间",
    "due_at": "截止时间 到期时间 截止日期 到期日期 办理期限 办理时限 处理时限 处理期限 回复时限 反馈时限 "
    "办结时限 办结期限 回复期限 反馈期限 应办结时间 要求办结时间 要求回复时间 最晚办结时间 限办时间 限办日期 "
    "办理截止时间 处理截止时间 回复截止时间 反馈截止时间 工单截止时间 办结截止时间 要求完成时间 时限 期限 "
    "应回复时间 应反馈时间 工单到期时间 办理截止日期 限期 限时",
    "unit": "主办单位 承办单位 处理科室 承办科室 主办科室 责任单位 责任科室 当前处理单位 处理单位 办理单位 "
    "办理科室 主责单位 主责科室 承办部门 主办部门 责任部门 办理部门 处理部门 处理社区 二级承办单位 "
    "二级承办单位简称 受理单位 牵头单位 牵头科室",
    "path": "派单类型 派单方式 来源路径 工单来源 诉求来源 来源 案件来源 来源渠道 受理渠道 诉求渠道 派单渠道 "
    "受理方式 来电渠道 渠道",
    "nature": "工单性质 办理性质 派单性质 承办性质 办理方式",
    "status": "工单状态 状态 办理状态 流程节点 处理状态 案件状态 当前状态 办理进度 当前节点 办结状态 当前环节",
    "result": "处理结果 办理结果 最终处理情况 处理情况 办理情况 回复内容 反馈内容 处理意见 办理意见 处置结果 "
    "处置情况 答复内容 回复情况 办结意见 反馈情况 办理反馈 处理反馈 答复意见",
    "closed_at": "办结时间 办结日期 结案时间 办理完成时间 完成时间 实际办结时间 结案日期 完成日期 处理完成时间 "
    "归档时间",
    "replied_at": "回复市中心时间 回复时间 反馈时间 答复时间 回复日期 反馈日期 提交市中心时间 上报时间",
    "answer_contacted": "是否联系 是否联系诉求人 是否已联系 联系情况 是否联系市民 是否响应",
    "answer_solved": "是否解决 是否已解决 解决情况 解决结果",
    "answer_satisfied": "是否满意 满意情况 满意度 满意程度 满意结果 诉求人是否满意 市民是否满意",
    "month_seq": "月次 当月次数 月频次 本月次数",
    "year_seq": "年次 当年次数 年频次 本年次数",
    "instructions": "领导批示 批示 书记批示 主任批示 批示意见 批示内容 领导批示内容",
}

_UNSEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\xad]+")
_HINT = re.compile(r"[(\[【{<]([^()\[\]【】{}<>]*)[)\]】}>]")
_HINT_WORDS = re.compile(
    r"必填|选填|可填|可空|非空|不填|填写|必选|可选|格式|yyyy|年月日|精确|字|如[:]|例|系统|自动|截止到|12345"
)
_MARKS = re.compile(r"[:*#※★☆●.。·、,/\\_\-—|\"'“”‘’()\[\]【】<>《》?!]+")
_NUMBERED = re.compile(r"^\d{1,2}[.、)]")
LONGEST_HEADER = 40


def key(header: object) -> str:
    """Return what two spellings of one column name have in common.

    Full-width or half-width, blanks, colons, asterisks, a leading “3.” and hints in brackets such as
    （必填） make no difference.
    """
    text = unicodedata.normalize("NFKC", str(header)[: LONGEST_HEADER * 3])
    text = _UNSEEN.sub("", text)
    text = _HINT.sub(lambda hint: "" if _HINT_WORDS.search(hint[1]) else hint[0], text)
    text = _NUMBERED.sub("", text)
    return _MARKS.sub("", text).lower()


_KNOWN: dict[str, tuple[str, int]] = {
    key(alias): (name, rank)
    for name, aliases in ALIASES.items()
    for rank, alias in enumerate(aliases.split())
}


def field_of(header: object) -> str | None:
    """Return the inner name a column's header stands for, or None."""
    if not isinstance(header, str) or not header or len(header) > LONGEST_HEADER * 3:
        return None
    found = _KNOWN.get(key(header))
    return found[0] if found else None


def assign(headers: Sequence[object]) -> tuple[str | None, ...]:
    """Return each column's inner name: every name once, save `tags`, which gathers its columns."""
    best: dict[str, tuple[int, int]] = {}
    names: list[str | None] = []
    for index, header in enumerate(headers):
        name = field_of(header)
        names.append(name)
        if name is not None:
            rank = _KNOWN[key(header)][1]
            best[name] = min(best.get(name, (rank, index)), (rank, index))
    fields = [
        name if name is not None and (name == "tags" or best[name][1] == index) else None
        for index, name in enumerate(names)
    ]
    if "number" not in fields and "case_no" in fields:
        fields[fields.index("case_no")] = "number"
    return tuple(fields)


def is_header(fields: Iterable[str | None]) -> bool:
    """A header names the order's number, its title or content, and at least one thing more."""
    found = {name for name in fields if name is not None and name != SERIAL}
    return "number" in found and bool({"title", "content"} & found) and len(found) >= 3


def header_score(row: Sequence[object]) -> int:
    """Return how many different fields a row names, or 0 when it is no header."""
    fields = assign(row)
    return len({name for name in fields if name}) if is_header(fields) else 0


def find_header(rows: Sequence[Sequence[object]]) -> int | None:
    """Return the index of the row that names most columns, the first of equals; None without one."""
    scores = [header_score(row) for row in rows]
    best = max(scores, default=0)
    return scores.index(best) if best else None
