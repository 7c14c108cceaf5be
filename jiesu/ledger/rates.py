"""三率研判台账 as data: one row for each 回访研判, newest first (domain.md 5.4; 合同 主要需求 4)."""

from datetime import datetime
from typing import Any

from django.db.models import Case as When_
from django.db.models import CharField, F, QuerySet, Value, When
from django.db.models.functions import Cast

from jiesu.cases.case_query import CaseQuerySet
from jiesu.followup import reversals
from jiesu.followup.forms import spell
from jiesu.followup.models import Basis, CallBack
from jiesu.ledger.sheets import Column, Sheet, words
from jiesu.ledger.workbook import Form
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.call_back import Attitude, CallResult, Verdict

C, F_ = Column, Form


def lines(cases: CaseQuerySet) -> QuerySet[CallBack]:
    """Return the call-backs of these cases."""
    return CallBack.objects.filter(case__in=cases.order_by().values("pk"))


def sources(at: datetime) -> dict[str, Any]:
    """Where the columns come from; what 反水 is, ``followup.reversals`` says."""
    turned = When(reversals.turned(), then=Value("反水"))
    return {
        "number": F("case__number"),
        "arrival": F("case__arrival"),
        "unit": F("case__unit__name"),
        "raised": When_(
            When(demand="", then=Value("否")), default="demand", output_field=CharField()
        ),
        "judge": F("made_by__name"),
        **{
            f"{name}_at": Cast(f"{name}_s", CharField())
            for name in ("contacted", "solved", "satisfied")
        },
        "turned": When_(turned, default=Value(""), output_field=CharField()),
    }


def place(second: str) -> str:
    """分:秒 in the recording; the very beginning is a place too."""
    return spell(int(second))


def risk(told: list[str]) -> str:
    """风险: what may cost a point, in the words of the table."""
    return "、".join(told)


RATES = Sheet(
    "rates",
    "三率研判台账",
    "每次回访问了什么、诉求人怎么说、录音在哪一分哪一秒、有什么风险、怎么处理，一次一行。",
    (
        C("序号", 7, form=F_.NUMBER),
        C("编号", 21, "number", F_.CODE),
        C("主办", 18, "unit"),
        C("通话时间", 17, "called_at", F_.MOMENT),
        C("第几次", 7, "attempt", F_.NUMBER),
        C("依据", 12, "basis", clean=Basis.label_of),
        C("通话结果", 10, "result", clean=CallResult.label_of),
        C("是否联系", 10, "contacted", clean=Contacted.label_of),
        C("是否解决", 10, "solved", clean=Solved.label_of),
        C("是否满意", 10, "satisfied", clean=Satisfied.label_of),
        C("录音文件", 24, "recording__name", clean=words),
        C("联系时间点", 10, "contacted_at", clean=place),
        C("解决时间点", 10, "solved_at", clean=place),
        C("满意时间点", 10, "satisfied_at", clean=place),
        C("态度", 10, "attitude", clean=Attitude.label_of),
        C("解决描述原话要点", 40, "words", clean=words),
        C("是否引发新诉求", 30, "raised", clean=words),
        C("研判人", 9, "judge"),
        C("结论", 10, "verdict", clean=Verdict.label_of),
        C("风险", 16, "risks", clean=risk),
        C("反水", 8, "turned"),
        C("处理建议", 30, "advice", clean=words),
    ),
    sources,
    order="按研判时间",
    lines=lines,
    key=("id", "made_at", "arrival"),
)
