"""What the page of a cycle shows: the cards, the table of a breakdown, what differs, what came later."""

from dataclasses import dataclass
from fractions import Fraction

from django.urls import reverse

from jiesu.assessment import picking
from jiesu.assessment.lines import NOWHERE, Line
from jiesu.assessment.models import Frozen, Result, StandingFact
from jiesu.assessment.picking import Pick, Wanted
from jiesu.assessment.queries import Book, By, grouped
from jiesu.rules import rates
from jiesu.rules.answers import Standing
from jiesu.rules.rates import Basis, Method, Rates, Summary

COLUMNS = (
    Pick.TOTAL, Pick.VALID, Pick.UNCONTACTED, Pick.SOLVED, Pick.UNSOLVED, Pick.SATISFIED, Pick.BASIC,
    Pick.UNSATISFIED,
)  # fmt: skip
HEADS = ("受理", "有效回访", "未联系", "解决", "未解决", "满意", "基本满意", "不满意")
RATE_LISTS = (("response", Pick.VALID), ("solution", Pick.SOLUTION), ("satisfaction", Pick.SATISFACTION))  # fmt: skip
DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure and the list it was counted from; no ``url``: it is worked out from others."""

    text: str
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One name of a breakdown. ``rank`` 0: it has nothing to be ranked by."""

    name: str
    cells: list[Cell]
    rank: int = 0
    summary: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One of the figures at the top."""

    label: str
    text: str
    url: str
    about: str
    change: str = ""
    tone: str = ""


def cards(book: Book, before: Book | None, basis: Basis) -> list[Card]:
    """Return the figures at the top, each with its change since the cycle before."""
    now, then = book.rates(basis), before.rates(basis) if before else None
    code = book.cycle.code

    def many(pick: Pick) -> int:
        return picking.count(book, book.lines, pick, basis)

    told = (
        ("响应率", "response", Pick.VALID, f"有效回访 {now.valid} 件 · 未联系 {many(Pick.UNCONTACTED)} 件"),
        ("解决率", "solution", Pick.UNSOLVED, f"未解决 {many(Pick.UNSOLVED)} 件"),
        ("满意率", "satisfaction", Pick.UNSATISFIED, f"不满意 {many(Pick.UNSATISFIED)} 件"),
    )  # fmt: skip
    found = [
        Card(
            label, f"{rates.percent(getattr(now, name), DECIMALS)}%", _list(code, Wanted(basis, pick)), about,
            *change(getattr(now, name), getattr(then, name) if then else None, 100, " 个百分点"),
        )
        for label, name, pick, about in told
    ]  # fmt: skip
    found.append(
        Card(
            "综合成绩", rates.shown(now.score, DECIMALS), _list(code, Wanted(basis, Pick.LOST)),
            f"失分 {many(Pick.LOST)} 件",
            *change(now.score, then.score if then else None, 1, " 分"),
        )
    )  # fmt: skip
    apart = book.rates(Basis.EXCL).score - book.rates(Basis.FULL).score
    found.append(
        Card(
            "口径差异", f"{'+' if apart >= 0 else '−'}{rates.shown(abs(apart), DECIMALS)}",
            _list(code, Wanted(basis, Pick.APART)), f"{many(Pick.APART)} 件另有口径",
        )
    )  # fmt: skip
    return found


def change(now: Fraction, then: Fraction | None, times: int, unit: str) -> tuple[str, str]:
    """Return a difference in words and its tone: 上升, 下降, 持平 (领域说明 3.1)."""
    if then is None:
        return "", ""
    moved = (now - then) * times
    text = rates.shown(abs(moved), DECIMALS)
    if float(text) == 0:
        return "与上期持平", ""
    return (f"上升 {text}{unit}", "up") if moved > 0 else (f"下降 {text}{unit}", "down")


def table(book: Book, by: By, basis: Basis, *, ranked: bool = True, whole: str = "") -> list[Row]:
    """Return a breakdown: its names by rank, those without a valid call-back last, then the summary rows.

    ``whole`` is whose the one row is that is told apart by nothing; the street's, when none is named.
    """
    parts = grouped(book.lines, by)
    figures = {name: rates.rates(lines, book.method, basis) for name, lines in parts.items()}
    scores = {name: one.score for name, one in figures.items() if one.valid and name != NOWHERE}
    places = rates.ranks(scores) if ranked and by is not By.STREET else {}
    names = sorted(
        parts, key=lambda name: (name not in scores, -scores.get(name, Fraction()), name)
    )
    rows = [
        _row(book, name, parts[name], figures[name], Wanted(basis, by=by, name=name), places.get(name, 0))
        for name in names
    ]  # fmt: skip
    if by is By.STREET:
        return [Row(whole or book.office.name, rows[0].cells)] if rows else []
    together = rates.rates(book.lines, book.method, basis)
    rows.append(_summary(book, Summary.WEIGHTED, together, Wanted(basis)))
    middle = rates.mean([figures[name] for name in scores], book.method)
    rows.append(_summary(book, Summary.MEAN, middle, Wanted(basis)))
    if book.method.summary is Summary.MEAN:
        rows[-2:] = rows[:-3:-1]
    return rows


def _row(book: Book, name: str, lines: list[Line], figures: Rates, asked: Wanted, rank: int) -> Row:
    code, method = book.cycle.code, book.method
    cells = []
    for pick in COLUMNS:
        many = picking.count(book, lines, pick, asked.basis)
        lost = pick in {Pick.UNCONTACTED, Pick.UNSOLVED, Pick.UNSATISFIED}
        cells.append(_cell(many, code, asked, pick, "soon" if lost and many else ""))
    cells += _rates(figures, code, asked, method)
    return Row(name, cells, rank)


def _summary(book: Book, how: Summary, figures: Rates, asked: Wanted) -> Row:
    if how is Summary.WEIGHTED:
        row = _row(book, "", book.lines, figures, asked, 0)
        return Row(f"合计（{how.label}）", row.cells, summary=True)
    cells = [Cell("") for _ in COLUMNS] + [
        Cell(f"{rates.percent(getattr(figures, name), DECIMALS)}%" if figures.valid else "—")
        for name, _ in RATE_LISTS
    ]
    score = Cell(rates.shown(figures.score, DECIMALS) if figures.valid else "—")
    return Row(f"合计（{how.label}）", [*cells, score], summary=True)


def _rates(figures: Rates, code: str, asked: Wanted, method: Method) -> list[Cell]:
    found = []
    for name, pick in RATE_LISTS:
        text = f"{rates.percent(getattr(figures, name), DECIMALS)}%" if figures.valid else "—"
        found.append(Cell(text, _list(code, _with(asked, pick)) if figures.valid else ""))
    score = rates.shown(figures.score, DECIMALS) if figures.valid else "—"
    found.append(Cell(score, _list(code, _with(asked, Pick.LOST)) if figures.valid else ""))
    return found


def _cell(many: int, code: str, asked: Wanted, pick: Pick, tone: str) -> Cell:
    return Cell(str(many), _list(code, _with(asked, pick)) if many else "", tone)


def _with(asked: Wanted, pick: Pick) -> Wanted:
    return Wanted(asked.basis, pick, asked.by, asked.name, asked.day)


def _list(code: str, asked: Wanted) -> str:
    return f"{reverse('assessment:lines')}?{asked.query(code)}"


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that came after a cycle was frozen, by name."""

    number: str
    said: str
    source: str
    effect: str
    known: bool


def corrections(frozen: Frozen) -> list[Correction]:
    """Return what came later, in its order, each with the bases it touches."""
    of_cycle = {"office": frozen.office_id, "cycle": frozen.cycle}
    results = Result.objects.filter(**of_cycle, pk__gt=frozen.last_result).select_related("file")
    facts = StandingFact.objects.filter(**of_cycle, pk__gt=frozen.last_standing)
    known = {line["number"] for line in frozen.lines if line["case"]}
    found = [
        (one.recorded_at, one.pk, Correction(
            one.number, "上级回访结果更正" if one.corrects_id else "补来上级回访结果",
            f"{one.file.name} 第 {one.row} 行", "两种口径", one.number in known,
        ))
        for one in results
    ]  # fmt: skip
    found += [
        (one.recorded_at, one.pk, Correction(
            one.number, f"口径改为“{Standing(one.standing).label}”：{one.reason}",
            one.reference or (one.member.name if one.member else ""), "不含剔除", one.number in known,
        ))
        for one in facts.select_related("member")
    ]  # fmt: skip
    return [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]
