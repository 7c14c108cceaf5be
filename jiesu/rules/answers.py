"""What a requester answered when called back (三问), and what counts of it (领域说明 3.2、3.3)."""

from jiesu.rules.labelled import Labelled


class Contacted(Labelled):
    """是否联系: whether the unit got in touch."""

    YES = "yes", "已联系"
    NO = "no", "未联系"
    UNKNOWN = "unknown", "联系情况不明"


class Solved(Labelled):
    """是否解决."""

    SOLVED = "solved", "已解决"
    PARTLY = "partly", "部分解决"
    UNSOLVED = "unsolved", "未解决"
    UNKNOWN = "unknown", "解决情况不明"


class Satisfied(Labelled):
    """是否满意."""

    SATISFIED = "satisfied", "满意"
    BASIC = "basic", "基本满意"
    NEUTRAL = "neutral", "一般"
    UNSATISFIED = "unsatisfied", "不满意"
    UNRATED = "unrated", "未评价"


class Standing(Labelled):
    """口径: how a case counts in its cycle. Five that must be kept apart (领域说明 3.3)."""

    COUNTED = "counted", "计入"
    RESPONSE_ONLY = "response_only", "只评价响应率"
    EXEMPT = "exempt", "不计入三率"
    OUTSIDE = "outside", "不计入总量"
    SET_ASIDE = "set_aside", "挂账"
