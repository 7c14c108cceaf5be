"""The ledgers' pages: which there are, one of them, its file."""

from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from jiesu.cases import traces
from jiesu.cases.filters import Filter, FilterForm, Group
from jiesu.catalogue.queries import category_paths
from jiesu.ledger import actions, duty_log, queries, screen
from jiesu.ledger.duty_sheet import DUTY
from jiesu.ledger.models import Export
from jiesu.ledger.register import ALL, SHEETS
from jiesu.ledger.sheets import CASES, Sheet
from jiesu.org.models import Member
from jiesu.org.rights import Right, may, right
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _sheet(kind: str) -> Sheet:
    if kind not in SHEETS:
        raise Http404("没有这种台账。")
    return SHEETS[kind]


def _address(name: str, kind: str, query: str) -> str:
    return f"{reverse(f'ledger:{name}', args=[kind])}{'?' if query else ''}{query}"


def _unmasked(member: Member, kind: str, query: str) -> str:
    """Where the same may be asked for unmasked; only the ledger of cases hides anything."""
    if kind != CASES.code or not may(member, Right.ASK):
        return ""
    return f"{reverse('service:ask', args=[kind])}{'?' if query else ''}{query}"


def seen(member: Member) -> list[Sheet]:
    """Return the ledgers the member may open."""
    return [sheet for sheet in ALL.values() if sheet is not DUTY or duty_log.may_read(member)]


@right(Right.LEDGER)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Which ledgers there are, how long they are, and what I took out of them lately."""
    everything = queries.read_filter({}, request.user)
    at = timezone.now()
    sheets: list[dict[str, Any]] = [
        {"sheet": one, "count": queries.count(queries.lines(one, request.user, everything, at))}
        for one in SHEETS.values()
    ]
    if duty_log.may_read(request.user):
        many = duty_log.rows(request.user, None, None).count()
        sheets.append({"sheet": DUTY, "count": many})
    exports = [
        {
            "export": export,
            "title": ALL[export.kind].title,
            "kept": actions.file_of(export) is not None,
        }
        for export in Export.objects.filter(member=request.user)[:10]
    ]
    context = {"sheets": sheets, "exports": exports}
    return render(request, "ledger/index.html", context)


@right(Right.LEDGER)
@require_safe
def sheet(request: HttpRequest, kind: str) -> HttpResponse:
    """One ledger: the filter, a page of its rows, how many there are."""
    wanted_sheet, now = _sheet(kind), timezone.now()
    wanted = queries.read_filter(request.GET.dict(), request.user)
    cases = queries.chosen(request.user, wanted, now)
    found = queries.count(wanted_sheet.lines(cases))
    turned = queries.page(wanted_sheet, cases, queries.Turn.read(request.GET.get("page", "")), now)

    def turn(word: str) -> str:
        return _address("sheet", kind, wanted.query(page=word)) if word else ""

    asked = traces.by_a_person(request) and "page" not in request.GET
    traces.searched(request.user, wanted, f"ledger:{kind}", asked=asked)
    context = {
        "sheet": wanted_sheet, "sheets": seen(request.user), "query": wanted.query(), "wanted": wanted,
        "form": _filter_form(request.user, wanted), "count": found, "page": turned,
        "rows": screen.rows(wanted_sheet, turned.rows), "words": queries.described(wanted),
        "previous_url": turn(turned.previous), "next_url": turn(turned.following),
        "page_text": f"第 {turned.first:,}–{turned.last:,} 行，共 {found} 行",
        "export_url": _address("export", kind, wanted.query()) if may(request.user, Right.EXPORT) else "",
        "unmasked_url": _unmasked(request.user, kind, wanted.query()),
        "is_long": found.number > actions.AT_ONCE,
    }  # fmt: skip
    answer = render(request, "ledger/sheet.html", context)
    if request.htmx:  # type: ignore[attr-defined]
        answer.headers["HX-Push-Url"] = _address(
            "sheet", kind, wanted.query(page=request.GET.get("page"))
        )
    return answer


def _filter_form(member: Member, wanted: Filter) -> forms.Form:
    """The desk's own filter, with what may be chosen written out."""
    form = FilterForm(initial=dict(wanted.asked), auto_id="filter-%s")
    units = list(member.office.units.filter(active=True))
    choices: dict[str, list[tuple[str, str]]] = {
        "stage": [(g.value, g.label) for g in (Group.ALL, *(g for g in Group if g is not Group.ALL))],
        "unit": [("", "不限"), *((unit.code, unit.name) for unit in units)],
        "community": [("", "不限"), *((unit.code, unit.name) for unit in units if unit.is_community)],
        "category": [
            ("", "不限"),
            *((path, path.replace(">", " › ")) for path in category_paths(member.office, timezone.now())),
        ],
    }  # fmt: skip
    for name, offered in choices.items():
        given = wanted.asked.get(name, "")
        if given and given not in dict(offered):
            offered.append((given, given))
        form.fields[name].widget = forms.Select(choices=offered, attrs={"data-autosubmit": ""})
    form.fields["q"].widget = forms.TextInput(
        attrs={"type": "search", "placeholder": "编号、标题、内容、点位"}
    )
    return form


@right(Right.EXPORT)
@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The ledger of a filter as a file: at once when it is short, by the worker when it is long."""
    wanted_sheet, now = _sheet(kind), timezone.now()
    wanted = queries.read_filter(request.GET.dict(), request.user)
    found = queries.count(queries.lines(wanted_sheet, request.user, wanted, now))
    if found.number > actions.AT_ONCE:
        asked = actions.ask(request.user, wanted_sheet, wanted, rows=found.number, at=now)
        return redirect("ledger:making", asked.pk)
    made, path = actions.take(request.user, wanted_sheet, wanted, at=now)
    with_content = path.open("rb")
    path.unlink()  # it lives as long as it is being sent
    return FileResponse(
        with_content, as_attachment=True, filename=actions.file_name(made), content_type=XLSX
    )


def _own(request: HttpRequest, pk: int) -> Export:
    return get_object_or_404(Export.objects.filter(member=request.user), pk=pk)


@right(Right.EXPORT)
@require_safe
def making(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a long export is; the file, when it is done. Asks again by itself until then."""
    found = _own(request, pk)
    context: dict[str, Any] = {
        "export": found, "sheet": ALL[found.kind], "kept": actions.file_of(found) is not None,
        "done_text": f"{found.rows_done:,}", "total_text": f"{found.rows_total:,}",
        "hours": int(actions.KEPT.total_seconds() // 3600),
        "percent": min(99, found.rows_done * 100 // max(found.rows_total, 1)),
        "again_url": _address("export", found.kind, found.query),
        "back_url": _address("sheet", found.kind, found.query),
    }  # fmt: skip
    return render(request, "ledger/making.html", context)


@right(Right.EXPORT)
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a finished export, for whoever asked for it."""
    found = _own(request, pk)
    path = actions.file_of(found)
    if path is None:
        raise Http404("文件已清理，请重新导出。")
    leave(
        Kind.DOWNLOAD,
        actor=request.user,
        subject=f"export:{found.pk}",
        name=actions.file_name(found),
    )
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=actions.file_name(found), content_type=XLSX
    )
