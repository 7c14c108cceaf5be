"""What to ask in a call: the three questions in everyday words, and what this case makes one ask besides."""

from jiesu.cases.models import Case
from jiesu.rules.workflow import Action

OPENING = "您好，这里是{office}。您 {when} 反映的“{title}”，我们做个回访，耽误您一两分钟。"
THREE = (
    ("联系", "我们的工作人员（{unit}）跟您联系过吗？怎么联系的？"),
    ("解决", "您反映的问题解决了吗？解决到什么程度？还差什么？"),
    ("满意", "对这次办理，您是满意、基本满意，还是不满意？哪里不满意？"),
)
OTHER = "除了这件事，您还有别的情况要反映吗？"


def suggested(case: Case) -> list[tuple[str, str]]:
    """Return (what about, what to say) in the order of a call."""
    when = f"{case.dispatched_at:%-m月%-d日}"
    told = {
        "office": case.office.name, "when": when, "title": case.title[:40],
        "unit": case.unit.name if case.unit else "承办单位",
    }  # fmt: skip
    asked = [
        ("开场", OPENING.format(**told)),
        *((about, say.format(**told)) for about, say in THREE),
    ]
    return [*asked, *_of(case), ("其他", OTHER)]


def _of(case: Case) -> list[tuple[str, str]]:
    found = []
    actions = set(
        case.events.filter(
            action__in=(Action.EXTEND, Action.REOPEN, Action.CALL_BACK_FAIL, Action.VISIT)
        ).values_list("action", flat=True)
    )
    if actions & {Action.REOPEN, Action.CALL_BACK_FAIL}:
        found.append(("重办", "上次您说没有解决，我们重新办了一次，这次去看过、弄好了吗？"))
    if Action.EXTEND in actions:
        found.append(("延期", "办理中延过期，原因向您说明过吗？"))
    if Action.VISIT in actions:
        found.append(("现场", "工作人员到现场看过吗？看的是不是您说的地方？"))
    if case.month_seq and case.month_seq > 1:
        found.append(("反复", f"这是您本月第 {case.month_seq} 次来电，前几次说的是同一件事吗？"))
    return found
