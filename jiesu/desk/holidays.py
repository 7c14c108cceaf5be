"""节假日: the administrator's pages of working days. A file is looked at before it is adopted."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jiesu.cases import forecast
from jiesu.catalogue import actions
from jiesu.catalogue.models import HolidayTable
from jiesu.catalogue.queries import calendar_of, holiday_tables
from jiesu.desk.holiday_forms import HolidayFileForm, KeptTablesForm, keep
from jiesu.org.models import Office
from jiesu.org.rights import Right, right
from jiesu.rules.holidays import MADE_UP, Change, WorkCalendar, YearTable, changes

SOON = 11  # from November on, next year's notice is looked for


@dataclass(frozen=True, slots=True)
class Year:
    """One line of the list."""

    table: YearTable
    row: HolidayTable | None  # what the office adopted itself

    @property
    def off(self) -> int:
        return len(self.table.off)

    @property
    def work(self) -> int:
        return len(self.table.work)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a small month: its letter and in words what it is."""

    day: int
    letter: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """One year of a file beside what holds now."""

    table: YearTable
    known: bool
    changes: list[Change]
    months: list[list[list[Cell | None]]]  # of a year that is new: easier to check than a list
    same: bool


@right(Right.CALENDAR)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Which years are known and on whose word; a year that is missing and asked for stands first."""
    return _home(request, HolidayFileForm())


@right(Right.CALENDAR)
@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    """A year as twelve small months."""
    office = request.user.office
    calendar = calendar_of(office)
    if year not in calendar.tables:
        raise Http404(f"还没有{year}年的放假安排，请先导入。")
    return render(request, "desk/holidays_year.html", {
        "table": calendar.tables[year], "row": holiday_tables(office).get(year),
        "months": months(calendar, year),
        "before": year - 1 if year - 1 in calendar.tables else None,
        "after": year + 1 if year + 1 in calendar.tables else None,
    })  # fmt: skip


@right(Right.CALENDAR)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What a file would change, before it does."""
    form = HolidayFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _home(request, form, status=422)
    office, at = request.user.office, timezone.now()
    calendar = calendar_of(office)
    tables = form.cleaned_data["tables"]
    new = calendar.overlaid(tables)
    proposed = [_proposed(calendar, new, table) for table in tables.values()]
    wanted = [one.table for one in proposed if not one.same]
    return render(request, "desk/holidays_preview.html", {
        "file": form.cleaned_data["file"].name, "proposed": proposed,
        "shifts": forecast.shifts(office, new, at) if wanted else [],
        "years": [table.year for table in wanted], "kept": keep(wanted) if wanted else "",
    })  # fmt: skip


@right(Right.CALENDAR)
@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """Adopt what was looked at; running clocks are worked out again by the worker."""
    form = KeptTablesForm(request.POST)
    if not form.is_valid():
        messages.error(request, "预览已过期，请重新选择文件。")
        return redirect("desk:holidays")
    years = actions.adopt_holidays(
        request.user.office, form.cleaned_data["kept"], actor=request.user, at=timezone.now()
    )
    if years:
        named = "、".join(f"{year}年" for year in years)
        messages.success(request, f"已录入{named}的放假安排，相关时限正在重算")
    else:
        messages.success(request, "与现在的安排一致，没有改动")
    return redirect("desk:holidays")


def months(calendar: WorkCalendar, year: int) -> list[list[list[Cell | None]]]:
    """Return twelve months of weeks of seven, Monday first; None where a week belongs elsewhere."""
    weeks = Calendar()
    return [
        [
            [_cell(calendar, date(year, month, day)) if day else None for day in week]
            for week in weeks.monthdayscalendar(year, month)
        ]
        for month in range(1, 13)
    ]


def _cell(calendar: WorkCalendar, day: date) -> Cell:
    why = calendar.why(day)
    if why == MADE_UP:
        return Cell(day.day, "班", "work", why)
    if why.endswith("放假"):
        return Cell(day.day, "休", "off", why)
    return Cell(day.day, "", "" if calendar.is_workday(day) else "weekend", why)


def _proposed(now: WorkCalendar, new: WorkCalendar, table: YearTable) -> Proposed:
    known = now.tables.get(table.year)
    return Proposed(
        table=table, known=known is not None, same=known == table,
        changes=changes(now, new, table.year) if known else [],
        months=[] if known else months(new, table.year),
    )  # fmt: skip


def _home(request: HttpRequest, form: HolidayFileForm, status: int = 200) -> HttpResponse:
    office: Office = request.user.office
    calendar, rows = calendar_of(office), holiday_tables(office)
    today = timezone.localdate()
    missing = forecast.missing_years(office, calendar)
    coming = today.year + 1
    years = [
        Year(table, rows.get(number))
        for number, table in sorted(calendar.tables.items(), reverse=True)
    ]
    return render(request, "desk/holidays.html", {
        "form": form, "years": years, "missing": missing.items(),
        "coming": coming
        if today.month >= SOON and coming not in calendar.tables and coming not in missing
        else None,
        "tentative": [one.table.year for one in years if not one.table.confirmed],
    }, status=status)  # fmt: skip
