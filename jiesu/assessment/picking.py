"""Which orders a number speaks of: each is counted by the same words that its list is picked with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.http import QueryDict

from jiesu.assessment.lines import Line
from jiesu.assessment.queries import NAMES, Book, By
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.labelled import Labelled
from jiesu.rules.moments import BEIJING
from jiesu.rules.rates import Basis, Method, Question

Code = TypeVar("Code", bound=Labelled)
Q = Question


class Pick(Labelled):
    """What a list of orders holds."""

    TOTAL = "total", "计入总量"
    WAITING = "waiting", "待回访"
    VALID = "valid", "有效回访"
    SILENT = "silent", "无效回访"
    CONTACT = "contact", "已联系的"
    UNCONTACTED = "uncontacted", "未联系的"
    SOLUTION = "solution", "评价解决率的"
    SOLVED = "solved", "已解决的"
    UNSOLVED = "unsolved", "未全部解决的"
    SATISFACTION = "satisfaction", "评价满意率的"
    SATISFIED = "satisfied", "满意的"
    BASIC = "basic", "基本满意的"
    UNSATISFIED = "unsatisfied", "不满意的"
    LOST = "lost", "失分的"
    APART = "apart", "另有口径的"


Chosen = Callable[[Line, Method, Basis], bool]
PICKS: dict[Pick, Chosen] = {
    Pick.TOTAL: lambda line, m, b: b is Basis.FULL or line.in_total,
    Pick.WAITING: lambda line, m, b: line.result is None and (b is Basis.FULL or line.in_total),
    Pick.VALID: lambda line, m, b: m.asks(Q.RESPONSE, line, b),
    Pick.SILENT: lambda line, m, b: line.result is not None and not line.valid,
    Pick.CONTACT: lambda line, m, b: (
        m.asks(Q.RESPONSE, line, b) and line.contacted is Contacted.YES
    ),
    Pick.UNCONTACTED: lambda line, m, b: (
        m.asks(Q.RESPONSE, line, b) and line.contacted is not Contacted.YES
    ),
    Pick.SOLUTION: lambda line, m, b: m.asks(Q.SOLUTION, line, b),
    Pick.SOLVED: lambda line, m, b: m.asks(Q.SOLUTION, line, b) and line.solved is Solved.SOLVED,
    Pick.UNSOLVED: lambda line, m, b: (
        m.asks(Q.SOLUTION, line, b) and line.solved is not Solved.SOLVED
    ),
    Pick.SATISFACTION: lambda line, m, b: m.asks(Q.SATISFACTION, line, b),
    Pick.SATISFIED: lambda line, m, b: (
        m.asks(Q.SATISFACTION, line, b) and line.satisfied is Satisfied.SATISFIED
    ),
    Pick.BASIC: lambda line, m, b: (
        m.asks(Q.SATISFACTION, line, b) and line.satisfied is Satisfied.BASIC
    ),
    Pick.UNSATISFIED: lambda line, m, b: (
        m.asks(Q.SATISFACTION, line, b)
        and line.satisfied not in {Satisfied.SATISFIED, Satisfied.BASIC}
    ),
    Pick.LOST: lambda line, m, b: any(m.asks(q, line, b) and m.mark(q, line) < 1 for q in Q),
    Pick.APART: lambda line, m, b: line.standing is not Standing.COUNTED,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for: a basis, a kind, a name among those told apart by, a day."""

    basis: Basis = Basis.FULL
    pick: Pick = Pick.TOTAL
    by: By = By.STREET
    name: str = ""
    day: date | None = None

    def query(self, cycle: str) -> str:
        """Return the words of an address that ask for it."""
        asked = QueryDict(mutable=True)
        told = {
            "cycle": cycle, "basis": self.basis.value, "pick": self.pick.value,
            "by": "" if self.by is By.STREET else self.by.value, "name": self.name,
            "day": self.day.isoformat() if self.day else "",
        }  # fmt: skip
        asked.update({key: value for key, value in told.items() if value})
        return asked.urlencode()

    def words(self) -> str:
        """Return in words what the list holds."""
        told = [self.basis.label, self.pick.label]
        if self.by is not By.STREET:
            told.append(f"{self.by.label}“{self.name}”")
        if self.day:
            told.append(f"{self.day.month}月{self.day.day}日回访")
        return " · ".join(told)


def wanted(asked: Mapping[str, str]) -> Wanted:
    """Read what an address asks for; what it cannot mean is as if it were not there."""
    basis = _one(Basis, asked.get("basis"), Basis.FULL)
    by = _one(By, asked.get("by"), By.STREET)
    try:
        day = date.fromisoformat(asked.get("day", ""))
    except ValueError:
        day = None
    name = asked.get("name", "")[:80] if by is not By.STREET else ""
    return Wanted(basis, _one(Pick, asked.get("pick"), Pick.TOTAL), by, name, day)


def chosen(book: Book, asked: Wanted) -> list[Line]:
    """Return the lines that a number speaks of, in the order of their numbers."""
    pick, name = PICKS[asked.pick], NAMES[asked.by]
    return [
        line for line in book.lines
        if pick(line, book.method, asked.basis)
        and name(line) == asked.name
        and (asked.day is None or _called_on(line, asked.day, book.cycle.cut_hour))
    ]  # fmt: skip


def count(book: Book, lines: list[Line], pick: Pick, basis: Basis) -> int:
    """Return how many of some lines a pick holds."""
    return sum(PICKS[pick](line, book.method, basis) for line in lines)


def window_of(at: datetime, cut_hour: int) -> date:
    """Return the day whose daily window (前一日 12:00 至当日 12:00) a moment falls into."""
    local = at.astimezone(BEIJING)
    cut = timedelta(hours=24 - cut_hour)
    return (local + cut).date()


def _called_on(line: Line, day: date, cut_hour: int) -> bool:
    return line.called_at is not None and window_of(line.called_at, cut_hour) == day


def _one(kind: type[Code], word: str | None, otherwise: Code) -> Code:
    return next((member for member in kind if member.value == word), otherwise)
