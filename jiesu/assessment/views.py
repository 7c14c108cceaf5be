"""The pages of the assessment: a cycle, the orders behind a number, the freeze."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import (
    require_GET,
    require_POST,
    require_safe,
)

from jiesu.assessment import (
    actions,
    chart,
    cycles,
    files,
    importing,
    page,
    picking,
    queries,
    whatif,
)
from jiesu.assessment import lines as reading
from jiesu.assessment.lines import Line
from jiesu.assessment.picking import Wanted
from jiesu.assessment.queries import Book, By
from jiesu.cases import access
from jiesu.cases.models import Case
from jiesu.cases.pages import MemberRequest
from jiesu.org.models import Member
from jiesu.org.rights import Right, may, right
from jiesu.rules import rates
from jiesu.rules.cycles import NoCycle
from jiesu.rules.rates import Basis, Question
from jiesu.supervision.files import XLSX
from jiesu.trail.actions import leave, leave_unless_lately
from jiesu.trail.models import Kind

PAGE = 100
DEAREST = 6


def opened(member: Member, code: str) -> Book:
    """Return a cycle as a member may see it: the running one when none is named.

    :raises Http404: there is no such cycle
    """
    at = timezone.now()
    try:
        asked = code or cycles.almanac(member.office).of(at).code
        book = queries.book(member.office, asked, at)
    except NoCycle as wrong:
        raise Http404(str(wrong)) from None
    return book.only(reading.seen_by(member, book.lines))


def titles_of(lines: list[Line]) -> dict[str, str]:
    """Return the titles of the orders that are on record, by number: one query."""
    found = Case.objects.filter(pk__in=[line.case for line in lines if line.case])
    return dict(found.values_list("number", "title"))


@right(Right.RATES)
@require_safe
def cycle(request: MemberRequest) -> HttpResponse:
    """三率: a cycle's figures on a basis, told apart, day by day; every number opens its list."""
    member: Member = request.user
    book = opened(member, request.GET.get("cycle", ""))
    asked = picking.wanted(request.GET.dict())
    narrow = access.is_narrow(member)
    usual = By.PERSON if narrow else By.UNIT
    by = asked.by if "by" in request.GET else usual
    before = _before(member, book)
    context = {
        "book": book, "cycle": book.cycle, "basis": asked.basis, "by": by,
        "bases": _turns(book, asked, by, basis=True), "breakdowns": _turns(book, asked, by, basis=False),
        "cycles": cycles.known(member.office, book.at), "day": book.cycle.day(book.at),
        "cards": page.cards(book, before, asked.basis), "heads": page.HEADS,
        "rows": page.table(book, by, asked.basis, ranked=not narrow, whole=str(member.unit) if narrow else ""), "narrow": narrow,
        "chart": chart.draw(
            chart.days(book, asked.basis), chart.days(before, asked.basis) if before else []
        ),
        "lines_url": reverse("assessment:lines"), "before": before.cycle if before else None,
        "may_export": may(member, Right.EXPORT), "may_assess": may(member, Right.ASSESS),
        "over": book.at >= book.cycle.ends, "dearest": _dearest(book, asked.basis), **_frozen(book, asked.basis, narrow=narrow),
    }  # fmt: skip
    return render(request, "assessment/cycle.html", context)


def _dearest(book: Book, basis: Basis) -> list[dict[str, Any]]:
    """The orders that cost most, with what would come back if they were well."""
    top = whatif.lost(book, basis)[:DEAREST]
    titles = titles_of([one.line for one in top])
    return [
        {
            "line": one.line, "tag": one.tag, "tone": one.tone, "points": f"{one.points:.2f}",
            "title": titles.get(one.line.number, ""),
        }
        for one in top
    ]  # fmt: skip


def _before(member: Member, book: Book) -> Book | None:
    """The cycle before, when there is anything to compare with."""
    code = cycles.almanac(member.office).before(book.cycle).code
    found = opened(member, code)
    return found if any(line.valid for line in found.lines) else None


def _turns(book: Book, asked: Wanted, by: By, *, basis: bool) -> list[dict[str, Any]]:
    """The other bases, or the other breakdowns, of the same page."""
    here = reverse("assessment:cycle")
    code = book.cycle.code
    kinds: list[Any] = list(Basis if basis else By)
    return [
        {
            "label": one.label, "on": one is (asked.basis if basis else by),
            "url": f"{here}?cycle={code}&basis={(one if basis else asked.basis).value}&by={(by if basis else one).value}",
        }
        for one in kinds
    ]  # fmt: skip


def _frozen(book: Book, basis: Basis, *, narrow: bool) -> dict[str, Any]:
    if book.frozen is None or narrow:
        return {}
    after = book.corrected
    return {
        "frozen": book.frozen, "intact": actions.intact(book.frozen),
        "corrections": page.corrections(book.frozen),
        "corrected": after and {
            "score": rates.shown(after.rates(basis).score, page.DECIMALS),
            "change": page.change(after.rates(basis).score, book.rates(basis).score, 1, " 分")[0],
        },
    }  # fmt: skip


@right(Right.RATES)
@require_safe
def lines(request: MemberRequest) -> HttpResponse:
    """The orders behind one number, each with what it was answered and what it cost."""
    member: Member = request.user
    book = opened(member, request.GET.get("cycle", ""))
    asked = picking.wanted(request.GET.dict())
    chosen = picking.chosen(book, asked)
    turned = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    shown = list(turned.object_list)
    titles, whole = titles_of(shown), book.rates(asked.basis)
    leave_unless_lately(
        Kind.SEARCH, actor=member, within=importing.FRESH, subject="assessment:lines",
        cycle=book.cycle.code, words=asked.words(),
    )  # fmt: skip
    query = asked.query(book.cycle.code)
    context = {
        "book": book, "cycle": book.cycle, "asked": asked, "page": turned, "query": query,
        "rows": [
            {"line": line, "title": titles.get(line.number, ""), "lost": _lost(line, book, whole, asked.basis)}
            for line in shown
        ],
        "sums": _sums(book, chosen, asked.basis), "count": len(chosen),
        "may_export": may(member, Right.EXPORT), "questions": list(Question),
    }  # fmt: skip
    return render(request, "assessment/lines.html", context)


def _lost(line: Line, book: Book, whole: rates.Rates, basis: Basis) -> str:
    cost = sum(rates.lost(line, whole, book.method, basis).values())
    return rates.shown(cost, 3) if cost else ""


def _sums(book: Book, chosen: list[Line], basis: Basis) -> list[dict[str, str]]:
    """How the rates of these orders are worked out, in words."""
    found = rates.rates(chosen, book.method, basis)
    return [
        {
            "label": question.label, "text": f"{rates.percent(found.rate(question), page.DECIMALS)}%",
            "sum": f"{_plain(found.marks[question])} ÷ {found.of[question]}",
        }
        for question in Question
        if found.of[question]
    ]  # fmt: skip


def _plain(number: Any) -> str:
    return f"{float(number):.10g}"


@right(Right.EXPORT)
@require_GET
def lines_file(request: MemberRequest) -> HttpResponse:
    """The orders behind one number as xlsx."""
    member: Member = request.user
    book = opened(member, request.GET.get("cycle", ""))
    asked = picking.wanted(request.GET.dict())
    chosen = picking.chosen(book, asked)
    leave(
        Kind.EXPORT,
        actor=member,
        subject="assessment:lines",
        words=f"{book.cycle.code} {asked.words()}",
    )
    name = f"三率明细_{book.cycle.code}_{asked.pick.label}.xlsx"
    return download(files.lines(book, chosen, titles_of(chosen)), name)


@right(Right.EXPORT)
@require_GET
def cycle_file(request: MemberRequest) -> HttpResponse:
    """A cycle as xlsx: both bases, every breakdown, and the orders."""
    member: Member = request.user
    book = opened(member, request.GET.get("cycle", ""))
    leave(Kind.EXPORT, actor=member, subject="assessment:cycle", words=book.cycle.code)
    made = files.cycle(member, book, titles_of(book.lines), book.at)
    return download(made, f"三率_{book.cycle.code}.xlsx")


def download(body: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


@right(Right.ASSESS)
@require_POST
def freeze(request: MemberRequest) -> HttpResponse:
    """冻结: close a cycle that is over."""
    code = request.POST.get("cycle", "")[:7]
    try:
        actions.freeze(request.user.office, code, actor=request.user, at=timezone.now())
        messages.success(request, f"考核期 {code} 已冻结，以后的变化按更正列出。")
    except NoCycle as wrong:
        raise Http404(str(wrong)) from None
    except actions.NotYet as wrong:
        messages.error(request, str(wrong))
    return redirect(f"{reverse('assessment:cycle')}?cycle={code}")
