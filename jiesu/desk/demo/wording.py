"""How the hotline words an order and a street words its result (domain 5.1, 5.2)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from jiesu.desk.demo.matters import Blanks, Matter, backgrounds, owners
from jiesu.desk.demo.requesters import Requester, phone

SHORTEST = 60
OPENINGS = (
    "市民反映，", "来电人表示，", "来电人称，", "市民来电反映，", "诉求人反映，", "居民来电表示，", "市民表示，", "来电人反映，",
)  # fmt: skip
COMPANY_OPENINGS = ("企业来电反映，", "企业经办人来电表示，")
CLOSINGS = (
    "来电反映{issue}问题，要求{ask}。",
    "现来电反映{issue}问题，希望有关单位{ask}。",
    "故来电反映{issue}问题，请相关部门核实后{ask}，并给予答复。",
    "来电反映{issue}问题，希望尽快处理，{ask}。",
)
CLOSINGS_OF = {
    "咨询": ("现来电咨询{issue}问题，请工作人员{ask}。", "来电咨询{issue}有关情况，希望{ask}。"),
    "建议": ("来电建议：{ask}，请有关部门研究采纳。", "就{issue}提出建议，希望{ask}。"),
    "举报": (
        "来电举报{issue}问题，要求{ask}。",
        "现来电举报{issue}，希望执法部门到现场核查，{ask}。",
    ),
    "表扬": ("来电对有关人员表示感谢，请{ask}。", "特来电{ask}。"),
}
NUMBERED = "诉求如下：1.{ask}；2.{ask2}；3.将办理情况电话告知本人。"
NOTES = (
    "注：请及时向来电人反馈办理情况。", "注：来电人要求回电答复。", "注：请承办单位先与来电人联系核实。", "注：来电人方便接听电话的时间为{晚}以前。",
)  # fmt: skip
PAST = ("来电人曾于{日}反映过同一问题，{推}", "此前已拨打12345反映，至今没有解决")
FILLING = (
    "此情况给附近居民的日常生活带来不便，来电人希望相关部门到现场核实，明确责任单位并跟进处理。"
)
TRADING = "此情况影响企业正常经营，经办人希望有关部门核实后明确对接人，并告知办理时间。"
SEEKING = "自己查询后仍不清楚具体规定和办理地点，希望有工作人员能够详细说明，避免来回跑。"
THANKING = "来电人认为这样的工作人员值得肯定，希望把这份感谢转达到本人和所在单位。"

SPOTS = {
    "home": ("{点位}{单元}", "{点位}{单元}", "{点位}"),
    "public": ("{小区}{方}", "{点位}旁", "{小区}内"),
    "road": ("{路}{口}", "{路}（{小区}{方}）"),
    "shop": ("{路}{店}", "{小区}{方}{店}", "{点位}底商{店}"),
}
COMPANY_SPOT = "{路}{口}写字楼"

REACHED = (
    "了解详细诉求",
    "核实具体位置和情况",
    "就反映问题逐项沟通",
    "告知受理情况并约定现场查看时间",
)
CONTENT_WITH = (
    "市民对办理结果表示满意",
    "市民表示认可",
    "市民无其他意见",
    "市民对处理速度表示感谢",
    "市民表示理解",
)
WAITING_WITH = (
    "市民表示继续关注后续进展",
    "市民表示希望尽快落实",
    "市民对处理结果仍有意见，已做解释",
)
WITH_OWNER = frozenset(
    {
        "住房",
        "城乡建设",
        "市容环卫",
        "交通管理",
        "园林绿化",
        "水务",
        "公共服务",
        "公共安全",
        "环境保护",
    }
)  # where a result says whose the place is
BACKGROUNDS = ((0.45, 0), (0.78, 1), (0.93, 2), (1.0, 3))  # how many sentences a call adds
LATER = (
    "将持续跟进，避免问题反复",
    "社区纳入日常巡查",
    "后续如有情况可直接联系社区",
    "已建立台账定期回看",
)
OUTSIDE = "因涉及产权单位和资金安排，暂不能一次解决，已列入台账并向市民说明原因和后续安排"


def title(matter: Matter, blanks: Blanks, turn: float) -> str:
    """Word the title. ``turn`` (0 to 1) picks the variant, so that title, text and result agree."""
    return _turn(turn, matter.titles).format_map(blanks)


def content(
    chance: Callable[[], float],
    matter: Matter,
    order_type: str,
    blanks: Blanks,
    who: Requester,
    turn: float,
) -> str:
    """Word the order: who says so, what is wrong, what was tried, what is asked, a note."""
    praise, asking = order_type == "表扬", order_type in ("咨询", "建议")
    parts = [
        _pick(chance, COMPANY_OPENINGS if who.company else OPENINGS),
        _turn(turn, matter.facts),
        "。",
    ]
    if chance() < 0.65:
        parts += (_pick(chance, matter.mores), "。")
    if not praise and not asking:
        if who.calls > 1 and chance() < 0.7:
            parts += (_pick(chance, PAST), "。")
        if not who.company:
            parts += _backgrounds(chance)
    parts.append(_closing(chance, matter, order_type))
    parts += _notes(chance, matter, who)
    text = "".join(parts).format_map(blanks)
    if len(text) < SHORTEST:
        text += _filling(who, praise=praise, asking=asking)
    return text


def _filling(who: Requester, *, praise: bool, asking: bool) -> str:
    if who.company:
        return TRADING
    return THANKING if praise else SEEKING if asking else FILLING


def _backgrounds(chance: Callable[[], float]) -> list[str]:
    drawn = chance()
    wanted = next(number for below, number in BACKGROUNDS if drawn < below)
    said, first = backgrounds(), int(chance() * 100)
    return [f"{said[(first + 3 * extra) % len(said)]}。" for extra in range(wanted)]


def _closing(chance: Callable[[], float], matter: Matter, order_type: str) -> str:
    first = int(chance() * len(matter.asks))
    if len(matter.asks) > 1 and order_type in ("投诉", "求助") and chance() < 0.2:
        second = matter.asks[(first + 1) % len(matter.asks)]
        return NUMBERED.replace("{ask2}", second).replace("{ask}", matter.asks[first])
    closing = _pick(chance, CLOSINGS_OF.get(order_type, CLOSINGS))
    return closing.replace("{issue}", matter.issue).replace("{ask}", matter.asks[first])


def _notes(chance: Callable[[], float], matter: Matter, who: Requester) -> list[str]:
    if matter.note:
        return [matter.note]
    if not who.phone:
        return ["注：来电人要求对个人信息保密。"]
    if who.calls > 2:
        return [f"注：该来电人本月第{who.calls}次来电。"]
    drawn = chance()
    if drawn < 0.02:
        return [f"注：来电人另一联系电话{phone(chance)}。"]
    return [_pick(chance, NOTES)] if drawn < 0.32 else []


def location(chance: Callable[[], float], matter: Matter, blanks: Blanks) -> str:
    """Word the spot (问题点位) of the order."""
    spot = COMPANY_SPOT if matter.company else _pick(chance, SPOTS[matter.place])
    return spot.format_map(blanks)


def moment(at: datetime) -> str:
    """Word a moment as results do: 2026年3月5日9时07分."""
    return f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"


def reached(unit: str, contacted_at: datetime, who: Requester) -> str:
    """Word how the unit reached the requester."""
    if not who.phone:
        return f"【联系情况】市民信息保密，{unit}于{moment(contacted_at)}通过热线平台反馈受理情况，"
    return f"【已联系】{unit}工作人员于{moment(contacted_at)}与市民电话联系，"


def result(
    chance: Callable[[], float],
    matter: Matter,
    order_type: str,
    blanks: Blanks,
    reached: str,
    turn: float,
    *,
    solved: bool,
) -> str:
    """Word the result as units do: 权属, 联系, what was found and done, what the requester says."""
    owned = matter.category[0] in WITH_OWNER and order_type != "表扬"
    parts = [
        f"【权属】经核，{_pick(chance, owners()[matter.place])}。" if owned else "",
        f"{reached}{_pick(chance, REACHED)}。",
        "【已解决】" if solved else "【未解决】",
        f"{_turn(turn, matter.finds)}。{_turn(turn, matter.does) if solved else OUTSIDE}。",
        f"{_pick(chance, LATER)}。" if chance() < 0.4 and order_type != "表扬" else "",
        f"【意见】{_pick(chance, CONTENT_WITH if solved else WAITING_WITH)}。",
    ]
    return "".join(parts).format_map(blanks)


def _pick(chance: Callable[[], float], choices: Sequence[str]) -> str:
    return choices[int(chance() * len(choices))]


def _turn(turn: float, variants: Sequence[str]) -> str:
    return variants[int(turn * len(variants))]
