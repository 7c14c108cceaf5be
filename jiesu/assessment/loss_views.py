"""失分 and 假如: lost points with their causes, patterns over cycles, and what could still move the score."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from jiesu.assessment import cycles, files, losses, page, picking, whatif
from jiesu.assessment.forms import LossForm
from jiesu.assessment.losses import Loss
from jiesu.assessment.models import Backtest
from jiesu.assessment.queries import Book
from jiesu.assessment.views import download, opened, titles_of
from jiesu.cases import access
from jiesu.cases.pages import MemberRequest
from jiesu.org.models import Member, Unit
from jiesu.org.rights import Right, may, right
from jiesu.rules import rates
from jiesu.rules.rates import Question
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

SHOWN = 200
CYCLES = 6  # patterns look back so far
TOP = 60


@right(Right.RATES)
@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """失分: by cause with measures, every lost point, and each cause over the last cycles."""
    member: Member = request.user
    book = opened(member, request.GET.get("cycle", ""))
    asked = picking.wanted(request.GET.dict())
    books = _books(member, book)
    found = losses.of_book(book, asked.basis)
    before = losses.of_book(books[-2], asked.basis) if len(books) > 1 else []
    cause = request.GET.get("cause", "")
    shown = [loss for loss in found if not cause or loss.label == cause]
    titles = titles_of([loss.line for loss in shown[:SHOWN]])
    whole = book.rates(asked.basis)
    context = {
        "book": book, "cycle": book.cycle, "basis": asked.basis, "cause": cause,
        "cycles": cycles.known(member.office, book.at),
        "groups": [(group, rates.shown(group.points, page.DECIMALS)) for group in losses.groups(found, before)],
        "rows": [_row(loss, titles) for loss in shown[:SHOWN]], "count": len(shown),
        "lost": rates.shown(sum((loss.points for loss in found), 0 * whole.score), page.DECIMALS),
        "open": sum(loss.cause is None for loss in found),
        "patterns": losses.patterns(books, asked.basis) if len(books) > 1 else [],
        "pattern_cycles": [one.cycle.code for one in books],
        "may_export": may(member, Right.EXPORT), "may_assess": may(member, Right.ASSESS),
    }  # fmt: skip
    return render(request, "assessment/losses.html", context)


def _row(loss: Loss, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "loss": loss, "title": titles.get(loss.line.number, ""), "points": rates.shown(loss.points, 3),
    }  # fmt: skip


def _books(member: Member, book: Book) -> list[Book]:
    """The last cycles up to this one that anything was heard of, oldest first, as the member sees them."""
    codes = [code for code in cycles.known(member.office, book.at) if code < book.cycle.code]
    return [*(opened(member, code) for code in reversed(codes[: CYCLES - 1])), book]


@right(Right.ASSESS)
@require_http_methods(["GET", "POST"])
def note(request: MemberRequest) -> HttpResponse:
    """登记成因: why an order lost points, the measure, its owner and due day."""
    member: Member = request.user
    number = request.GET.get("number", "")
    book = opened(member, request.GET.get("cycle", ""))
    found = [
        loss
        for loss in losses.of_book(book, picking.wanted({}).basis)
        if loss.line.number == number
    ]
    if not found:
        raise Http404("这一期没有这一件的失分。")
    form = LossForm(
        request.POST or None, losses=found, units=list(Unit.objects.filter(office=member.office_id, active=True))
    )  # fmt: skip
    back = f"{reverse('assessment:losses')}?cycle={book.cycle.code}"
    if form.is_valid():
        losses.note(
            member.office,
            book.cycle.code,
            number,
            actor=member,
            at=timezone.now(),
            **form.cleaned_data,
        )
        messages.success(request, f"{number} 的失分成因已登记。")
        return redirect(back)
    context = {
        "form": form, "book": book, "cycle": book.cycle, "losses": found, "back": back,
        "title": titles_of([found[0].line]).get(number, ""), "number": number, "line": found[0].line,
    }  # fmt: skip
    return render(request, "assessment/loss.html", context, status=422 if form.errors else 200)


@right(Right.EXPORT)
@require_GET
def file(request: MemberRequest) -> HttpResponse:
    """上周期问题、失分原因、改进措施 as xlsx."""
    member: Member = request.user
    book = opened(member, request.GET.get("cycle", ""))
    asked = picking.wanted(request.GET.dict())
    leave(Kind.EXPORT, actor=member, subject="assessment:losses", words=book.cycle.code)
    books = _books(member, book)
    before = books[-2] if len(books) > 1 else None
    made = files.losses(member, book, before, asked.basis, titles_of(book.lines))
    return download(made, f"问题_失分原因_改进措施_{book.cycle.code}.xlsx")


@right(Right.RATES)
@require_safe
def what_if(request: MemberRequest) -> HttpResponse:
    """假如: the forecast of a cycle with its proven error, what moves the score most, and a simulator."""
    member: Member = request.user
    book = opened(member, request.GET.get("cycle", ""))
    asked = picking.wanted(request.GET.dict())
    told = whatif.outlook(book, asked.basis)
    numbers = request.GET.getlist("turn")[:TOP]
    top = told.candidates[:TOP]
    titles = titles_of([one.line for one in top])
    last = Backtest.objects.filter(office=member.office_id).first()
    context = {
        "book": book, "cycle": book.cycle, "basis": asked.basis, "day": book.cycle.day(book.at),
        "spans": _spans(told.forecast), "forecast": told.forecast, "over": book.at >= book.cycle.ends,
        "rows": [
            {
                "one": one, "title": titles.get(one.line.number, ""), "points": f"{one.points:.3f}",
                "on": one.line.number in numbers,
            }
            for one in top
        ],
        "many": len(told.candidates), "turned": _turned(book, numbers) if numbers else [],
        "chosen": len(set(numbers)), "backtest": last, "narrow": access.is_narrow(member),
        "days": list(last.told.get("days", {}).items()) if last else [],
    }  # fmt: skip
    return render(request, "assessment/what_if.html", context)


def _spans(told: whatif.Forecast) -> list[dict[str, Any]]:
    labels = {question.value: question.label for question in Question} | {"score": "综合成绩"}
    return [
        {
            "label": label, "middle": f"{told.spans[name].middle:.2f}", "low": f"{told.spans[name].low:.2f}",
            "high": f"{told.spans[name].high:.2f}", "unit": "" if name == "score" else "%",
        }
        for name, label in labels.items()
    ]  # fmt: skip


def _turned(book: Book, numbers: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "label": one.basis.label,
            "cells": [
                (
                    f"{rates.percent(one.now.rate(q), page.DECIMALS)}%",
                    f"{rates.percent(one.then.rate(q), page.DECIMALS)}%",
                )
                for q in Question
            ],
            "score": (rates.shown(one.now.score, page.DECIMALS), rates.shown(one.then.score, page.DECIMALS)),
            "change": page.change(one.then.score, one.now.score, 1, " 分"),
        }
        for one in whatif.turned(book, numbers)
    ]  # fmt: skip
