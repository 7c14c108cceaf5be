"""What our pages are measured beside: Django and nothing else, no login, no rights, no shell."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

COLUMNS = (
    "number", "title", "stage", "tags", "category", "community__name", "unit__name", "dispatched_at",
    "due_at", "closed_at",
)  # fmt: skip


def rows(request: HttpRequest) -> HttpResponse:
    """The newest fifty cases, ten columns, one query and one template."""
    from jiesu.cases.models import Case  # noqa: PLC0415 - the bare site of `started` has no database

    found = Case.objects.filter(office=request.GET["office"]).order_by("-dispatched_at", "-id")
    return render(request, "bench/rows.html", {"rows": found.values(*COLUMNS)[:50]})


def events(request: HttpRequest) -> HttpResponse:
    """Fifty lines of a record as JSON."""
    from jiesu.cases.models import Event  # noqa: PLC0415 - as above

    found = Event.objects.filter(case=request.GET["case"]).order_by("-id")
    columns = ("id", "action", "before", "after", "actor__name", "at", "note")
    return JsonResponse({"events": list(found.values(*columns)[:50])})


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>bare</title><p>hello")


urlpatterns = [path("", hello), path("rows/", rows), path("events/", events)]
