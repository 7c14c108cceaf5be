"""``jiesu rates``: the three rates of a cycle on one basis, in whole or told apart."""

from argparse import Namespace
from typing import Any

from django.utils import timezone

from jiesu.assessment import actions, queries
from jiesu.assessment import backtest as testing
from jiesu.assessment.cycles import almanac
from jiesu.assessment.models import Backtest
from jiesu.assessment.queries import Book, By
from jiesu.command.preparing import named_office
from jiesu.command.words import Stopped, result, say
from jiesu.org.models import Office
from jiesu.platforms.sheets import Unreadable
from jiesu.rules.cycles import NoCycle
from jiesu.rules.rates import Basis, Rates, percent, shown

KEYS = {
    By.UNIT: "units",
    By.COMMUNITY: "communities",
    By.CATEGORY: "categories",
    By.PERSON: "persons",
}


def run(asked: Namespace) -> int:
    """Say the figures of a cycle, freeze it first, or with ``backtest`` say how well the forecast does. A frozen cycle says what was frozen; what came later is told beside.

    :raises Stopped: the cycle cannot be used
    """
    if asked.what == "backtest":
        return backtest(asked)
    if asked.what == "freeze":
        freeze(asked)
    office, basis = named_office(asked.street), Basis(asked.basis)
    book = _book(office, asked.cycle)
    whole = book.rates(basis)
    by = By(asked.by) if asked.by else None
    parts = _parts(book, by, basis) if by else {}
    _say(book, basis, whole, parts)
    if asked.json:
        told: dict[str, Any] = queries.told(whole)
        if by:
            told[KEYS[by]] = {name: queries.told(one) for name, one in parts.items()}
        if book.frozen is not None:
            told["frozen"] = book.frozen.digest
            if book.corrected is not None:
                told["corrected"] = queries.told(book.corrected.rates(basis))
        result(told)
    return 0


def freeze(asked: Namespace) -> None:
    """Freeze a cycle that is over.

    :raises Stopped: it is not named, runs still, was frozen before, or nothing is known of it
    """
    if not asked.cycle:
        raise Stopped("请用 --cycle 写明冻结哪个考核期，如 --cycle 2026-10。")
    book = _book(named_office(asked.street), asked.cycle)
    try:
        kept = actions.freeze(book.office, book.cycle.code, actor=None, at=book.at)
    except actions.NotYet as wrong:
        raise Stopped(str(wrong)) from None
    say(f"考核期 {kept.cycle} 已冻结，{len(kept.lines)} 件，指纹 {kept.digest}。")


def backtest(asked: Namespace) -> int:
    """Forecast the cycles that are over from those before them, say the error, and keep it for the page.

    :raises Stopped: the file cannot be read, or there are too few cycles to learn from
    """
    office, at = named_office(asked.street), timezone.now()
    days = almanac(office)
    try:
        cycles = (
            testing.from_file(asked.file, days) if asked.file else testing.on_record(office, at)
        )
    except OSError:
        raise Stopped(f"读不到文件 {asked.file}，请核对路径。") from None
    except Unreadable as wrong:
        raise Stopped(f"{asked.file.name}：{wrong}") from None
    if len(cycles) <= testing.BEFORE:
        raise Stopped(
            f"只有 {len(cycles)} 个考核期有回访结果，至少要 {testing.BEFORE + 1} 个才能回测。"
        )
    told = testing.summary(testing.run(cycles))
    source = asked.file.name if asked.file else "在案的考核期"
    Backtest.objects.create(office=office, source=source, told=told, at=at)
    say(
        f"回测 {told['cycles']} 个考核期、{told['trials_many']} 次预计：综合成绩平均差 {told['error']} 分"
        f"（照现有结果外推差 {told['error_so_far']}，照上期差 {told['error_last']}）；"
        f"八成把握的区间实际包住 {told['inside']:.0%}。"
    )
    for day, one in told["days"].items():
        say(f"  第 {day} 天：差 {one['error']} 分，区间宽 {one['width']}，包住 {one['inside']:.0%}")
    if asked.json:
        result(told)
    return 0


def _parts(book: Book, by: By, basis: Basis) -> dict[str, Rates]:
    """The figures told apart, of those the city has told anything of."""
    heard = {queries.NAMES[by](line) for line in book.lines if line.result is not None}
    return {name: one for name, one in book.by(by, basis).items() if name in heard}


def _book(office: Office, code: str | None) -> Book:
    at = timezone.now()
    try:
        return queries.book(office, code or almanac(office).of(at).code, at)
    except NoCycle as wrong:
        raise Stopped(str(wrong)) from None


def _say(book: Book, basis: Basis, whole: Rates, parts: dict[str, Rates]) -> None:
    cycle = book.cycle
    say(
        f"考核期 {cycle.label}（{cycle.begins:%m月%d日} 至 {cycle.last_on:%m月%d日}），{basis.label}，"
        f"规则集 {book.rules.name}{'，已冻结' if book.frozen else ''}"
    )
    for name, one in {"全街道": whole, **parts}.items():
        say(
            f"  {name}：有效回访 {one.valid}，响应率 {percent(one.response, 2)}%，解决率 {percent(one.solution, 2)}%，"
            f"满意率 {percent(one.satisfaction, 2)}%，综合成绩 {shown(one.score, 2)}"
        )
    if not whole.valid:
        say("  没有有效回访。请先用 jiesu import callbacks 导入这一期的回访明细。")
    if book.corrected is not None:
        after = book.corrected.rates(basis)
        say(f"  冻结后另有更正，更正后综合成绩 {shown(after.score, 2)}")
