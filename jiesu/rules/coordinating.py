"""四个能否 (海淀 practice, domain 2.5), the kinds of whistle and the limits of 协调."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jiesu.rules.counting import Count, Limit
from jiesu.rules.labelled import Labelled

REPORT_WORDS = (
    "主体不明或者协调不成的，报区有关部门确定（《北京市街道办事处条例》第十七条，转述）。"
)


class Able(Labelled):
    """The four questions, in the order they are asked."""

    COMMUNITY = "community", "社区能否自行解决"
    SECTION = "section", "对口科室能否独立解决"
    SECTIONS = "sections", "相关科室能否联动解决"
    WHISTLE = "whistle", "街道吹哨能否共同解决"


class Stance(Labelled):
    OURS = "ours", "认为归本单位"
    NOT_OURS = "not_ours", "认为不归本单位"
    CAN_HELP = "can_help", "可以协办"


class Outcome(Labelled):
    DISPATCHED = "dispatched", "定主办派转"
    REPORTED = "reported", "报区裁定"
    ELSEWHERE = "elsewhere", "已另行处理"


class Whistle(Labelled):
    EMERGENCY = "emergency", "应急哨"
    KEY = "key", "重点哨"
    DAILY = "daily", "日常哨"


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the four questions as it was answered."""

    question: Able
    able: bool


def following(answers: Sequence[Answer]) -> Able | None:
    """Return the question that is asked next; None: one was answered yes, or all were answered."""
    if answers and answers[-1].able:
        return None
    asked = {answer.question for answer in answers}
    return next((question for question in Able if question not in asked), None)


def coordination_limit(told: Mapping[str, Any]) -> timedelta:
    """Return how long a coordination may take: ``[coordination] limit_h``, 24 hours where nothing is said."""
    return timedelta(hours=float(told.get("limit_h", 24)))


def whistle_limit(kind: Whistle, told: Mapping[str, Any]) -> Limit:
    """Return within what the whistled must report in: minutes for 应急哨, working days for the others."""
    if kind is Whistle.EMERGENCY:
        return Limit(timedelta(minutes=float(told.get("emergency_min", 30))), Count.CALENDAR)
    days = told.get("key_workdays", 1) if kind is Whistle.KEY else told.get("daily_workdays", 3)
    return Limit(timedelta(days=float(days)), Count.WORKDAY)
