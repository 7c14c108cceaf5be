"""节假日: years looked at, adopted and seen; which clocks would move, which wait for a missing year."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.cases import clocks, forecast
from jiesu.cases.models import Clock
from jiesu.catalogue import actions
from jiesu.catalogue.models import HolidayTable
from jiesu.catalogue.queries import calendar_of
from jiesu.rules.clocks import ClockKind
from jiesu.rules.counting import Count
from jiesu.rules.holidays import parse_toml
from jiesu.rules.moments import BEIJING
from tests.factories.orders import make_case

TOML = """[2027]
source = "假设的安排"
confirmed = true
[2027.off]
"元旦" = "2027-01-01..2027-01-03"
"春节" = "2027-02-05..2027-02-11"
"清明节" = "2027-04-05"
"劳动节" = "2027-05-01..2027-05-03"
"端午节" = "2027-06-09"
"中秋节" = "2027-09-15"
"国庆节" = "2027-10-01..2027-10-07"
[2027.work]
"元旦" = "2027-01-09"
"""
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def file(text: str = TOML, name: str = "2027.toml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


@pytest.fixture
def administrator(member):
    return member("system")


@pytest.fixture
def desk(administrator, browser_of):
    return browser_of(administrator)


@pytest.fixture
def clock(office):
    """A clock by workdays from the last afternoon of 2026, which nobody can work out yet."""
    return Clock.objects.create(
        case=make_case(office), kind=ClockKind.CALL_BACK, count=Count.WORKDAY,
        started_at=datetime(2026, 12, 31, 12, 0, tzinfo=BEIJING), limit=timedelta(hours=24),
        due_at=None, source="回访时限",
    )  # fmt: skip


def test_the_years_are_listed_with_what_waits_for_a_missing_one(desk, clock):
    page = desk.get(reverse("desk:holidays")).content.decode()

    assert "还没有 2027 年的放假安排</b>：有 1 个正在计时的时限" in page
    assert page.count('data-row="20') == 9
    assert "国务院办公厅关于2026年部分节假日安排的通知" in page


def test_the_list_costs_the_same_however_many_clocks_run(desk, office, clock):
    with CaptureQueriesContext(connection) as with_one:
        desk.get(reverse("desk:holidays"))
    for _ in range(3):
        Clock.objects.create(
            case=make_case(office), kind=ClockKind.CALL_BACK, count=Count.WORKDAY,
            started_at=clock.started_at, limit=clock.limit,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as with_four:
        desk.get(reverse("desk:holidays"))

    assert len(with_four) == len(with_one)


def test_a_year_is_seen_with_letters_for_days_off_and_made_up(desk):
    page = desk.get(reverse("desk:holidays_year", args=[2026])).content.decode()

    assert (page.count("<b>休</b>"), page.count("<b>班</b>")) == (34, 7)  # one each in the legend
    assert '<td class="off" title="国庆节放假">1<b>休</b></td>' in page
    assert '<td class="work" title="调休上班">10<b>班</b></td>' in page


def test_a_year_without_a_table_has_no_page(desk):
    assert desk.get(reverse("desk:holidays_year", args=[2027])).status_code == 404


def test_a_file_is_looked_at_then_adopted(desk, administrator, office, clock):
    seen = desk.post(reverse("desk:holidays_preview"), {"file": file()})
    page = seen.content.decode()

    assert seen.status_code == 200
    assert "新录入" in page
    assert "没有截止 → 1月4日 12:00" in page  # 31日12小时，1日放假，2、3日周末，4日12小时
    assert HolidayTable.objects.count() == 0

    done = desk.post(reverse("desk:holidays_adopt"), {"kept": seen.context["kept"]}, follow=True)

    assert "已录入2027年的放假安排" in done.content.decode()
    row = HolidayTable.objects.get()
    assert (row.year, row.source, row.confirmed, row.adopted_by, row.replaced_at) == (
        2027, "假设的安排", True, administrator, None,
    )  # fmt: skip
    assert row.days["2027-01-09"] == ["work", "元旦"]
    assert [job.args for job in ProcrastinateJob.objects.all()] == [
        {"name": "catalogue.holidays_adopted", "facts": {"office": office.pk, "years": [2027]}}
    ]
    assert calendar_of(office).why(datetime(2027, 10, 1).date()) == "国庆节放假"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TOML.replace("2027-06-09", "2027-06-31"), "2027-06-31”看不懂或没有这一天"),
        (TOML.replace('"国庆节" = "2027-10-01..2027-10-07"\n', ""), "缺少国庆"),
    ],
)
def test_a_file_that_is_no_notice_comes_back_with_what_to_do(desk, text, told):
    seen = desk.post(reverse("desk:holidays_preview"), {"file": file(text)})

    assert seen.status_code == 422
    assert told in seen.content.decode()


def test_what_was_kept_cannot_be_changed_on_the_way(desk):
    done = desk.post(reverse("desk:holidays_adopt"), {"kept": "x:y:z"}, follow=True)

    assert "预览已过期" in done.content.decode()
    assert HolidayTable.objects.count() == 0


def test_the_same_again_changes_nothing(desk, office, administrator):
    actions.adopt_holidays(office, parse_toml(TOML).values(), actor=administrator, at=AT)

    page = desk.post(reverse("desk:holidays_preview"), {"file": file()}).content.decode()
    years = actions.adopt_holidays(office, parse_toml(TOML).values(), actor=None, at=AT)

    assert "与现在的安排一致" in page
    assert (years, HolidayTable.objects.count()) == ([], 1)


def test_a_new_table_of_a_year_leaves_the_old_on_the_record(office, administrator):
    later = AT + timedelta(days=1)
    tentative = parse_toml(TOML.replace("confirmed = true", "confirmed = false"))
    actions.adopt_holidays(office, tentative.values(), actor=administrator, at=AT)
    before = calendar_of(office)
    actions.adopt_holidays(office, parse_toml(TOML).values(), actor=administrator, at=later)

    rows = HolidayTable.objects.order_by("pk").values_list("confirmed", "replaced_at")

    assert list(rows) == [(False, later), (True, None)]
    assert (before.confirmed(2027), calendar_of(office).confirmed(2027)) == (False, True)


def test_the_offices_calendar_is_one_query_and_laid_out_once(office, django_assert_num_queries):
    actions.adopt_holidays(office, parse_toml(TOML).values(), actor=None, at=AT)
    first = calendar_of(office)

    with django_assert_num_queries(1):
        again = calendar_of(office)

    assert again is first


def test_a_tentative_file_is_said_to_be_so(desk, office):
    seen = desk.post(reverse("desk:holidays_preview"), {"file": file(), "tentative": "on"})
    desk.post(reverse("desk:holidays_adopt"), {"kept": seen.context["kept"]})

    page = desk.get(reverse("desk:holidays")).content.decode()

    assert "2027 年的安排是暂定的" in page


def test_shifts_say_how_clocks_would_move(office, clock):
    clock.due_at = datetime(2027, 1, 1, 12, 0, tzinfo=BEIJING)
    clock.save()
    tables = parse_toml(TOML)

    found = forecast.shifts(office, calendar_of(office).overlaid(tables), AT)

    assert [(s.kind, s.later, s.earlier, s.found, s.lost) for s in found] == [
        (ClockKind.CALL_BACK, 1, 0, 0, 0)
    ]


@pytest.mark.parametrize("role", ["seat", "handler", "leader"])
def test_only_an_administrator_comes_here(member, browser_of, role):
    assert browser_of(member(role)).get(reverse("desk:holidays")).status_code == 403


def test_a_notice_that_moves_days_of_december_moves_what_is_due_there(office, clock):
    clock.started_at = datetime(2026, 12, 30, 12, 0, tzinfo=BEIJING)
    clock.due_at = datetime(2026, 12, 31, 12, 0, tzinfo=BEIJING)
    clock.save()
    early = parse_toml(TOML.replace("2027-01-01..2027-01-03", "2026-12-31..2027-01-03"))
    foreseen = forecast.shifts(office, calendar_of(office).overlaid(early), AT)
    actions.adopt_holidays(office, early.values(), actor=None, at=AT)

    moved = clocks.recompute(office, [2027], AT)
    clock.refresh_from_db()

    assert (moved, sum(shift.total for shift in foreseen)) == (1, 1)
    assert clock.due_at == datetime(
        2027, 1, 4, 12, 0, tzinfo=BEIJING
    )  # 31日起放假，3日周日，4日12小时
