"""The queue narrowed to what a mark says: the same counts in the choice, the list and a kept filter."""

import re

import pytest
from django.utils import timezone

from jiesu.cases.filters import Marked
from jiesu.cases.models import Case
from jiesu.groups.models import Belonging, Group
from jiesu.rules.marks import MarkKind
from jiesu.triage.models import CaseMark, MarkState
from tests.factories.orders import make_case

ROW = re.compile(r'data-row="(\d+)"')


def _mark(case, kind, *, state=MarkState.SUGGESTED, in_season=None):
    CaseMark.objects.create(
        case=case, code=f"{kind}1", kind=kind, label=kind.label, reason="写有", state=state,
        in_season=in_season, made_at=timezone.now(),
    )  # fmt: skip


def _group(office, kind, *cases, left=None, ended=None):
    at = timezone.now()
    made = Group.objects.create(
        office=office, kind=kind, state="proposed", title="同一件事", made_at=at, ended_at=ended
    )
    for case in cases:
        Belonging.objects.create(group=made, case=case, why="", added_at=at, left_at=left)


@pytest.fixture
def marked(office):
    """One case for each mark, and beside it one that looks like it and is not."""
    at = timezone.now()
    one = {kind: make_case(office) for kind in Marked}
    Case.objects.filter(pk=one["threat"].pk).update(alarm="threat")
    Case.objects.filter(pk=one["key"].pk).update(tags=["重点人"])
    Case.objects.filter(pk=one["confidential"].pk).update(confidential=True)
    for kind in (MarkKind.URGENT, MarkKind.SENSITIVE, MarkKind.BUSINESS):
        _mark(one[kind.value], kind)
        _mark(make_case(office), kind, state=MarkState.OFF)
    _mark(one["season"], MarkKind.SEASON, in_season=True)
    _mark(make_case(office), MarkKind.SEASON, in_season=False)
    _group(office, "requester", one["requester"])
    _group(office, "matter", one["matter"])
    _group(office, "place", one["place"])
    _group(office, "matter", make_case(office), left=at)
    _group(office, "matter", make_case(office), ended=at)
    return one


@pytest.fixture
def desk(browser_of, seat):
    return browser_of(seat)


def shown(client, query):
    return [int(pk) for pk in ROW.findall(client.get(f"/cases/{query}").content.decode())]


def test_each_mark_shows_its_cases_and_counts_what_it_shows(marked, desk):
    lines = desk.get("/filter/?marks=1").context["marks"]

    assert [line.label for line in lines] == [kind.label for kind in Marked]
    for kind, line in zip(Marked, lines, strict=True):
        listed = shown(desk, line.url.removeprefix("/cases/"))
        assert (listed, line.count) == ([marked[kind].pk], "1"), kind.label


def test_somebody_who_calls_again_this_month_is_one_with_many(office, desk):
    case = make_case(office, month_seq=2)
    make_case(office, month_seq=1)

    assert shown(desk, "?mark=requester") == [case.pk]


def test_it_goes_with_other_filters_and_can_be_kept(marked, desk, office):
    unit = office.units.get(role_code="LIVELIHOOD")
    Case.objects.filter(pk=marked["urgent"].pk).update(unit=unit)
    query = f"mark=urgent&unit={unit.code}"

    page = desk.get(f"/cases/?{query}").content.decode()
    (line,) = [one for one in desk.get(f"/filter/?{query}&marks=1").context["marks"] if one.on]
    desk.post(f"/filter/keep/?{query}", {"name": "民生紧急"})
    (kept,) = desk.get("/filter/").context["kept"]

    assert 'aria-label="去掉条件 紧急"' in page
    assert (line.label, line.count, line.url) == ("紧急", "1", f"/cases/?unit={unit.code}")
    assert shown(desk, desk.get(f"/f/{kept.key}/")["Location"].removeprefix("/cases/")) == [
        marked["urgent"].pk
    ]


def test_counting_is_done_where_it_is_looked_at_alone(marked, desk):
    form = desk.get("/filter/", headers={"HX-Request": "true"})
    unknown = desk.get("/cases/?mark=nothing").content.decode()

    assert form.context["marks"] == []
    assert "没有这种标记，已忽略" in unknown
