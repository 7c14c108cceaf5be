"""社区地名: the administrator's page of the words by which the office's communities are known."""

from dataclasses import dataclass
from io import BytesIO

import xlsxwriter
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.catalogue import keeping_places
from jiesu.catalogue.models import PlaceName
from jiesu.catalogue.queries import places_at
from jiesu.desk.place_forms import PlaceFileForm, PlaceForm
from jiesu.org.models import Office, Unit, UnitKind
from jiesu.org.rights import Right, right
from jiesu.rules.places import PlaceKind
from jiesu.trail import actions as trail
from jiesu.trail.models import Kind

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 200  # characters of a place that is tried


@dataclass(frozen=True, slots=True)
class Community:
    """One community: how it is called by itself, and the words the office keeps for it."""

    unit: Unit
    own: str
    words: list[PlaceName]


@dataclass(frozen=True, slots=True)
class Tried:
    """A place somebody tried: what it is taken for, and why."""

    text: str
    community: str
    offered: list[str]


@right(Right.PLACES)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Every community with its words; a place can be tried against them."""
    office = request.user.office
    return _home(request, PlaceForm(office=office), PlaceFileForm(office=office))


@right(Right.PLACES)
@require_http_methods(["POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Keep one word."""
    office = request.user.office
    form = PlaceForm(request.POST, office=office)
    if not form.is_valid():
        return _home(request, form, PlaceFileForm(office=office), status=422)
    return _keep(request, [form.cleaned_data["entry"]])


@right(Right.PLACES)
@require_POST
def bring(request: HttpRequest) -> HttpResponse:
    """Keep the words of a table: all of them, or none and why."""
    office = request.user.office
    form = PlaceFileForm(request.POST, request.FILES, office=office)
    if not form.is_valid():
        return _home(request, PlaceForm(office=office), form, status=422)
    return _keep(request, form.cleaned_data["entries"])


@right(Right.PLACES)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one word from today on."""
    place = get_object_or_404(PlaceName.objects.select_related("community"), pk=pk, office=request.user.office_id)  # fmt: skip
    if keeping_places.end(place, actor=request.user, on=timezone.localdate()):
        messages.success(request, f"“{place.word}”今天起不再指{place.community.name}")
    else:
        messages.error(request, f"“{place.word}”已经停用，没有改动。")
    return redirect("desk:places")


@right(Right.PLACES)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The words in force as a table that can be brought in again."""
    office = request.user.office
    rows = PlaceName.objects.filter(office=office, valid_to=None).select_related("community")
    body = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(body, options) as book:
        sheet = book.add_worksheet("社区地名")
        head = book.add_format({"bold": True, "bg_color": "#E8F0FB"})
        plain = book.add_format({"quote_prefix": True})
        for column, name in enumerate(keeping_places.HEADS):
            sheet.write_string(0, column, name, head)
        for number, one in enumerate(rows, start=1):
            told = (
                one.community.name,
                one.word,
                PlaceKind.label_of(one.kind),
                one.buildings,
                one.source,
            )
            for column, text in enumerate(told):
                sheet.write_string(number, column, text, plain)
        sheet.set_column(0, 4, 24)
        sheet.freeze_panes(1, 0)
    body.seek(0)
    trail.leave(Kind.EXPORT, actor=request.user, subject="places")
    return FileResponse(body, as_attachment=True, filename="社区地名.xlsx", content_type=XLSX)


def _keep(request: HttpRequest, entries: list[keeping_places.Entry]) -> HttpResponse:
    made = keeping_places.add(
        request.user.office, entries, actor=request.user, at=timezone.now(),
        since=timezone.localdate(),
    )  # fmt: skip
    same = len(entries) - len(made)
    if made:
        already = f"，{same} 个已在册" if same else ""
        named = f"“{made[0].word}”" if len(made) == 1 else f" {len(made)} 个写法"
        messages.success(request, f"已加入{named}{already}，之后到达的工单照此认社区")
    else:
        messages.success(request, "这些写法都已在册，没有改动")
    return redirect("desk:places")


def _home(
    request: HttpRequest, form: PlaceForm, file_form: PlaceFileForm, status: int = 200
) -> HttpResponse:
    office: Office = request.user.office
    units = list(office.units.filter(kind=UnitKind.COMMUNITY, active=True))
    rows = list(PlaceName.objects.filter(office=office).select_related("community", "added_by", "ended_by"))  # fmt: skip
    communities = [
        Community(
            unit,
            "、".join(unit.aliases),
            [r for r in rows if r.community == unit and not r.valid_to],
        )
        for unit in units
    ]
    return render(request, "desk/places.html", {
        "form": form, "file_form": file_form, "communities": communities,
        "kept": sum(len(one.words) for one in communities),
        "ended": sorted((r for r in rows if r.valid_to), key=lambda r: (r.valid_to, r.pk), reverse=True)[:50],
        "tried": _tried(office, units, request.GET.get("try", "")[:LONGEST].strip()),
    }, status=status)  # fmt: skip


def _tried(office: Office, units: list[Unit], text: str) -> Tried | None:
    if not text:
        return None
    names = {unit.code: unit.name for unit in units}
    found = places_at(office, timezone.now()).in_location(text)
    return Tried(
        text, names.get(found.community or "", ""),
        [f"“{one.said}”是{names[one.word.community]}的{one.word.kind.label}" for one in found.offered],
    )  # fmt: skip
