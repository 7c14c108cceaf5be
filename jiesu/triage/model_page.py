"""The page of a model, gathered: what is live, how it was tested, how it does, what could follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jiesu.org.models import Office
from jiesu.triage import candidates, charts, second, versions, watching
from jiesu.triage.charts import Chart, percent
from jiesu.triage.models import FixedSet, Target, Training, Version, VersionState
from jiesu.triage.watching import OnRecord

VERSIONS, TRAININGS, CLASSES = 12, 1, 12


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a version in words: the figures, and the comparison with what was live."""

    name: str
    rows: int
    accuracy: str
    macro_f1: str
    coverage: str
    ece: str
    gain: str
    between: str
    wins: int
    losses: int
    chance: str
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class of a version: what was learnt of it, and its F1 where it was tested."""

    name: str
    learnt: int
    tested: int
    f1: str


def page(office: Office, target: Target, *, at: datetime) -> dict[str, Any]:
    """Return what the page of one target shows."""
    live = versions.seen(office, target)
    found = list(
        Version.objects.filter(office=office, target=target).select_related(
            "made_by", "proposed_by", "agreed_by"
        )[:VERSIONS]
    )
    answered = watching.answered(office, target, at=at)
    record = watching.on_record([*answered])
    weeks = watching.weeks(office, target, at=at, learnt=live.classes if live else {})
    last = Training.objects.filter(office=office, target=target).select_related("version").first()
    fixed = FixedSet.objects.filter(office=office, target=target).first()
    return {
        "live": live, "previous": versions.previous(office, target), "versions": found,
        "proposed": next((one for one in found if one.state == VersionState.PROPOSED), None),
        "candidate": next((one for one in found if one.state == VersionState.CANDIDATE), None),
        "training": last, "record": record, "figures": _figures(live, record, weeks),
        "charts": _drawn(live, record), "from_record": not (live and live.measures.get("later")),
        "tests": tests(live) if live else [], "weekly": _weekly(weeks),
        "shifted": bool(weeks and (weeks[-1].shift or 0) >= watching.SHIFTED),
        "confusions": watching.confusions(answered), "classes": classes(live) if live else [],
        "opinions": second.account(office, target), "fixed": fixed, "fixed_whole": candidates.is_whole(fixed), "held_days": candidates.HELD.days,
    }  # fmt: skip


def tests(version: Version) -> list[Test]:
    """Return the tests of a version in words."""
    named = (("later", "后几周"), ("fixed", "固定检验集"))
    return [_test(label, told) for key, label in named if (told := version.measures.get(key))]


def drawn(version: Version) -> list[Chart]:
    """Return the charts of a version's test on later weeks."""
    return _drawn(version, None)


def classes(version: Version) -> list[ClassLine]:
    """Return the classes of a version, the largest first."""
    by_class = (version.measures.get("later") or {}).get("measures", {}).get("by_class", {})
    ordered = sorted(version.classes.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        ClassLine(
            name.replace(">", " › "), many, int(by_class.get(name, (0, 0))[1]),
            f"{by_class[name][0]:.2f}" if name in by_class else "—",
        )
        for name, many in ordered
    ]  # fmt: skip


def _test(name: str, told: dict[str, Any]) -> Test:
    measures, compared = told["measures"], told["compared"]
    verdict, tone = "不分上下", ""
    if told["better"]:
        verdict, tone = "胜出", "ok"
    elif told["worse"]:
        verdict, tone = "不如", "soon"
    chance = compared["chance"]
    return Test(
        name=name, rows=compared["rows"], accuracy=percent(measures["accuracy"]),
        macro_f1=f"{measures['macro_f1']:.3f}", coverage=percent(measures["coverage_at_97_5"]),
        ece=f"{measures['ece']:.3f}", gain=_signed(compared["gain"]),
        between=f"{_signed(compared['least'])} 至 {_signed(compared['most'])}",
        wins=compared["wins"], losses=compared["losses"],
        chance="<0.001" if chance < 0.001 else f"{chance:.3f}", verdict=verdict, tone=tone,
    )  # fmt: skip


def _signed(share: float) -> str:
    return f"{share * 100:+.1f}".replace("-", "−") + " 个百分点"


def _figures(
    live: Version | None, record: OnRecord | None, weeks: Sequence[watching.Week]
) -> list[tuple[str, str, str]]:
    """Return (name, figure, what it was measured on)."""
    if live is None:
        return []
    later = live.measures.get("later")
    if later:
        measures, rows = later["measures"], f"后几周 {later['compared']['rows']} 件"
        told = [
            ("准确率", percent(measures["accuracy"]), rows),
            ("97.5% 准确时可覆盖", percent(measures["coverage_at_97_5"]), rows),
            ("校准误差", f"{measures['ece']:.3f}", "概率与实际之差，越小越好"),
        ]
    elif record:
        rows = f"实际 {record.cases} 件"
        told = [
            ("准确率", percent(record.accuracy), rows),
            ("97.5% 准确时可覆盖", percent(record.coverage), rows),
            ("校准误差", f"{record.ece:.3f}", "概率与实际之差，越小越好"),
        ]
    else:
        told = []
    if record and record.sure_accuracy is not None:
        told.append(
            ("确定的建议对了", percent(record.sure_accuracy), f"实际派转 {record.sure_cases} 件")
        )
    if weeks:
        told.append(("最近一周不确定", percent(weeks[-1].doubtful), f"{weeks[-1].cases} 件建议"))
    return told


def _drawn(live: Version | None, record: OnRecord | None) -> list[Chart]:
    later = live.measures.get("later") if live else None
    if later:
        reached = later["measures"]["coverage_at_97_5"]
        return [charts.coverage(later["curve"], reached), charts.reliability(later["bins"])]
    if record:
        return [charts.coverage(record.curve, record.coverage), charts.reliability(record.bins)]
    return []


def _weekly(weeks: Sequence[watching.Week]) -> list[Chart]:
    if not weeks:
        return []
    names = [f"{week.since:%-m月%-d日}" for week in weeks]
    return [
        charts.weekly("不确定占比", names, [w.doubtful for w in weeks], most=0.5, shares=True),
        charts.weekly("平均概率", names, [w.sure for w in weeks], most=1, shares=True),
        charts.weekly(
            "类别构成变化（PSI）", names, [w.shift for w in weeks], most=0.4, shares=False,
            goal=watching.SHIFTED,
        ),
    ]  # fmt: skip
