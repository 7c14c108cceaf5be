"""Taking a ledger out: whose rows, how many, and what trace it leaves."""

from datetime import timedelta

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.cases.models import Case
from jiesu.desk.jobs import LISTENERS
from jiesu.ledger import actions, jobs
from jiesu.ledger.models import Export, ExportState
from jiesu.org.models import Office, Unit
from tests.factories.answers import unnumbered
from tests.factories.orders import dispatched, make_case
from tests.factories.people import make_member
from tests.stages.ledger.reading import notes_of, rows_of, sheet_xml, style_of, table_of


def many(office, number, at, **fields):
    Case.objects.bulk_create(
        Case(
            office=office,
            number=f"热线-261120-{n:06d}",
            stage="to_sign",
            steps=1,
            title=f"第{n}件",
            content="市民反映。",
            dispatched_at=at - timedelta(seconds=n),
            **fields,
        )
        for n in range(number)
    )


def numbers(path):
    return [row["编号"] for row in table_of(path)]


def read(answer, tmp_path):
    """The file a browser would have saved."""
    saved = tmp_path / "saved.xlsx"
    saved.write_bytes(b"".join(answer.streaming_content))
    return saved


def test_the_file_says_whose_it_is_of_what_and_how_many(office, member, take, noon):
    seat = member("seat", name="陈一")
    for days in (1, 2, 30):
        make_case(office, at=noon - timedelta(days=days))

    export, path = take(seat, since="2026-11-20", stage="to_sign")

    notes = notes_of(path)
    assert len(rows_of(path)) == 1 + 2
    assert notes["台账"] == "羊坊店街道 诉求总台账"
    assert notes["筛选条件"] == "环节：待签收；派单自：2026-11-20"
    assert notes["行数"] == "2 行（不含表头），按派单时间从新到旧"
    assert notes["导出人"] == "陈一（市民诉求处置中心，座席）"
    assert notes["导出时间"].startswith("2026-11-23 12:00:00")
    assert actions.file_name(export) == "诉求总台账_2026-11-23_2行.xlsx"


def test_every_export_leaves_a_trace(office, seat, take, noon):
    make_case(office, at=noon)
    take(seat, "signing", q="楼道")

    trace = Export.objects.get()
    assert (trace.member, trace.office, trace.kind) == (seat, office, "signing")
    assert (trace.made_at, trace.finished_at) == (noon, noon)
    assert trace.words == "搜索：楼道"
    assert (trace.state, trace.rows_done, trace.rows_total) == (ExportState.DONE, 1, 1)


def test_an_empty_ledger_has_its_header_and_no_row(seat, take):
    export, path = take(seat)

    assert len(rows_of(path)) == 1
    assert notes_of(path)["行数"].startswith("0 行")
    assert export.rows_done == 0


@pytest.mark.parametrize(
    "title", ['=HYPERLINK("http://example.invalid")', "+1", "@x", "＝1+1", "-2"]
)
def test_what_a_citizen_wrote_never_becomes_a_formula(office, seat, take, noon, title):
    make_case(office, at=noon, title=title)
    path = take(seat)[1]

    assert table_of(path)[0]["标题"] == title
    assert "<f>" not in sheet_xml(path)


def test_order_number_and_phone_are_text(office, seat, take, noon):
    make_case(office, at=noon, number="00012345678", requester_phone="12000000001")
    path = take(seat)[1]

    row = table_of(path)[0]
    assert (row["编号"], row["联系电话"]) == ("00012345678", "120****0001")
    assert style_of(sheet_xml(path), "B2") == style_of(sheet_xml(path), "R2") != ""


def test_a_unit_takes_out_its_own_cases_and_those_it_assists(office, member, take, noon):
    seat, head = member("seat"), member("head")
    other = office.units.exclude(pk=head.unit_id).filter(kind="office").first()
    own, helped, foreign = (make_case(office, at=noon - timedelta(hours=n)) for n in (1, 2, 3))
    dispatched(own, seat, head.unit, at=noon)
    dispatched(helped, seat, other, at=noon, assisting=(head.unit,))
    dispatched(foreign, seat, other, at=noon)

    assert numbers(take(head)[1]) == [own.number, helped.number]
    assert len(numbers(take(seat)[1])) == 3


def test_another_office_stays_out_of_sight(office, seat, take, noon):
    elsewhere = Office.objects.create(code="110108999", name="另一街道", district="海淀区")
    Unit.objects.create(
        office=elsewhere, code="request", name="处置中心", kind="centre", role_code="REQUEST"
    )
    many(elsewhere, 1, noon)
    mine = make_case(office, at=noon)

    assert numbers(take(seat)[1]) == [mine.number]
    assert numbers(take(make_member(elsewhere, "seat"))[1]) == ["热线-261120-000000"]


def test_a_browser_gets_the_file_under_its_chinese_name_and_nothing_is_left(
    office, seat, browser_of, noon, tmp_path
):
    make_case(office, at=noon)
    answer = browser_of(seat).get(reverse("ledger:export", args=["cases"]))

    assert answer.status_code == 200
    assert answer.streaming
    assert (
        "filename*=utf-8''%E8%AF%89%E6%B1%82%E6%80%BB%E5%8F%B0%E8%B4%A6_"
        in answer["Content-Disposition"]
    )
    assert "no-store" in answer["Cache-Control"]
    assert int(answer["Content-Length"]) > 0
    assert len(numbers(read(answer, tmp_path))) == 1
    assert list(actions.folder().iterdir()) == []


def test_five_thousand_rows_stream_in_a_fixed_number_of_queries(
    office, seat, browser_of, noon, tmp_path, django_assert_max_num_queries
):
    many(office, 5000, noon)
    browser = browser_of(seat)
    with django_assert_max_num_queries(15):
        answer = browser.get(reverse("ledger:export", args=["cases"]))
        path = read(answer, tmp_path)

    found = numbers(path)
    assert len(found) == len(set(found)) == 5000
    assert found == sorted(found)
    assert notes_of(path)["行数"].startswith("5000 行")
    assert Export.objects.get().rows_done == 5000


@pytest.mark.parametrize(
    ("role", "status"),
    [("seat", 200), ("reviewer", 200), ("head", 200), ("leader", 200), ("analyst", 200), ("handler", 403),
     ("system", 403)],
)  # fmt: skip
def test_who_may_take_a_ledger_out(member, browser_of, role, status):
    answer = browser_of(member(role)).get(reverse("ledger:export", args=["cases"]))

    assert answer.status_code == status
    assert Export.objects.count() == (status == 200)


@pytest.fixture
def long_one(office, seat, browser_of, noon, monkeypatch):
    """An export that is too long to wait for: asked for in the browser, not yet written."""
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    many(office, 3, noon)
    answer = browser_of(seat).get(
        reverse("ledger:export", args=["cases"]), {"q": "", "since": "2026-11-01"}
    )
    return answer, Export.objects.get()


def test_a_long_export_is_asked_for_once_and_written_by_the_worker(
    long_one, seat, browser_of, tmp_path
):
    answer, export = long_one
    browser = browser_of(seat)
    again = browser.get(reverse("ledger:export", args=["cases"]), {"since": "2026-11-01"})
    assert answer.url == again.url == reverse("ledger:making", args=[export.pk])
    assert (export.state, export.rows_total) == (ExportState.QUEUED, 3)
    assert "排队中" in browser.get(answer.url).content.decode()
    (job,) = ProcrastinateJob.objects.all()
    assert job.args == {"name": "ledger.export_queued", "facts": {"export": export.pk}}

    for listener in LISTENERS[job.args["name"]]:
        listener(**job.args["facts"])

    assert "已生成，共" in browser.get(answer.url).content.decode()
    file = browser.get(reverse("ledger:file", args=[export.pk]))
    assert len(numbers(read(file, tmp_path))) == 3
    export.refresh_from_db()
    assert (export.state, export.rows_done) == (ExportState.DONE, 3)


def test_a_job_that_runs_again_changes_nothing(long_one):
    _, export = long_one
    jobs.make(export=export.pk)
    before = (actions.folder() / export.stored).stat()
    jobs.make(export=export.pk)

    after = (actions.folder() / export.stored).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_whoever_lost_the_right_meanwhile_gets_nothing(long_one, seat):
    _, export = long_one
    seat.role = "handler"
    seat.save()
    jobs.make(export=export.pk)

    export.refresh_from_db()
    assert (export.state, export.failure) == (ExportState.FAILED, "您已没有导出台账的权限。")
    assert list(actions.folder().iterdir()) == []


def test_an_export_that_breaks_says_so_and_leaves_no_half_file(
    long_one, seat, browser_of, monkeypatch
):
    _, export = long_one
    monkeypatch.setattr(actions.queries, "cells", lambda *a: (1 / 0 for _ in "x"))
    with pytest.raises(ZeroDivisionError):
        jobs.make(export=export.pk)

    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert list(actions.folder().iterdir()) == []
    page = browser_of(seat).get(reverse("ledger:making", args=[export.pk])).content.decode()
    assert "请重试" in page
    assert "重新导出" in page


@pytest.mark.parametrize("name", ["making", "file"])
def test_somebody_elses_export_looks_like_a_missing_one(long_one, member, browser_of, name):
    _, export = long_one
    jobs.make(export=export.pk)
    stranger = browser_of(member("seat"))

    foreign = stranger.get(reverse(f"ledger:{name}", args=[export.pk]))
    missing = stranger.get(reverse(f"ledger:{name}", args=[export.pk + 999]))
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert unnumbered(foreign.content) == unnumbered(missing.content)


def test_files_go_after_a_day_and_the_trace_stays(long_one, noon):
    _, export = long_one
    jobs.make(export=export.pk)
    export.refresh_from_db()
    assert actions.file_of(export) is not None

    assert actions.forget(export.made_at + actions.KEPT) == 0
    assert actions.forget(export.made_at + actions.KEPT + timedelta(seconds=1)) == 1

    export.refresh_from_db()
    assert actions.file_of(export) is None
    assert list(actions.folder().iterdir()) == []
    assert export.rows_done == 3
