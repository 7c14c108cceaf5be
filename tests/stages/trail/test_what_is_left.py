"""Each read, search, download, export, play and refusal leaves one entry, and pages kept fresh leave none."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from jiesu.catalogue.actions import adopt_holidays
from jiesu.catalogue.shipped import work_calendar
from jiesu.duty import actions as duty
from jiesu.evidence import actions as evidence
from jiesu.evidence.checks import inspect
from jiesu.org.models import Member
from jiesu.trail import refusals
from jiesu.trail.models import Entry, Kind
from tests.factories.orders import make_case

OPENED = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "case"}
KEPT_FRESH = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "refresh"}
PHONE = "12000000001"  # of a range nobody has


def left(*kinds: Kind) -> list[tuple[str, str, dict]]:
    return [(one.kind, one.subject or one.number, one.facts) for one in Entry.objects.filter(kind__in=kinds)]  # fmt: skip


@pytest.fixture
def case(office):
    return make_case(office)


@pytest.fixture
def desk(browser_of, seat):
    return browser_of(seat)


def test_a_case_opened_by_a_person_is_one_read_and_kept_fresh_none(desk, seat, case):
    page = f"/cases/{case.number}/"

    desk.get(page, REMOTE_ADDR="10.2.3.4")
    desk.get(page, **KEPT_FRESH)
    desk.get(page, {"whole": 1}, **OPENED)
    desk.get(page, **OPENED)

    first, second = Entry.objects.filter(kind=Kind.READ)
    assert (first.member, first.username, first.role) == (seat.pk, seat.username, "seat")
    assert (first.office, first.case, first.number) == (seat.office_id, case.pk, case.number)
    assert (first.address, len(first.session)) == ("10.2.3.4", 16)
    assert second.pk > first.pk


def test_a_piece_asked_for_alone_is_no_way_round_the_trail(desk, browser_of, seat, case):
    page = f"/cases/{case.number}/"

    desk.get(page, **KEPT_FRESH)
    desk.get(page, **KEPT_FRESH)
    browser_of(seat).get(page, **KEPT_FRESH)

    assert len(left(Kind.READ)) == 2  # one for each session


def test_a_search_is_left_with_its_words_masked_and_turning_its_pages_leaves_none(desk, case):
    desk.get("/cases/")
    desk.get("/cases/", {"stage": "to_sign", "order": "newest"})
    desk.get("/cases/", {"q": f"电话 {PHONE[:3]}{PHONE[3:]}", "tag": "普通"})
    desk.get("/cases/", {"q": f"电话 {PHONE}", "tag": "普通", "turn": "a0.1"})

    ((kind, where, facts),) = left(Kind.SEARCH)
    assert (kind, where, set(facts)) == ("search", "cases", {"q", "tag"})
    assert PHONE not in facts["q"]


def test_a_search_is_left_by_palette_and_ledger_too(desk, case):
    desk.get("/palette/", {"q": "楼道"})
    desk.get("/ledger/cases/", {"q": "楼道"})
    desk.get("/ledger/cases/")

    assert left(Kind.SEARCH) == [
        ("search", "palette", {"q": "楼道"}),
        ("search", "ledger:cases", {"q": "楼道", "stage": "all"}),
    ]


def test_a_recording_is_one_play_however_many_pieces_are_fetched(desk, seat, case):
    contents = {
        "录音.mp3": b"ID3\x04" + bytes(range(256)) * 8,
        "说明.pdf": b"%PDF-1.7\n" + b"0" * 100,
    }
    files = [
        evidence.Checked(
            name, inspect(name, len(told), BytesIO(told)), SimpleUploadedFile(name, told)
        )
        for name, told in contents.items()
    ]
    evidence.add(case, files, actor=seat, at=timezone.now())
    play, read = (f"/cases/{case.number}/evidence/{one.pk}/" for one in case.evidence.all())

    for piece in ("bytes=0-", "bytes=0-99", "bytes=100-199"):
        assert desk.get(play, HTTP_RANGE=piece).status_code == 206
    desk.head(read)
    desk.get(read)

    heard, taken = case.evidence.values_list("pk", flat=True)
    assert left(Kind.LISTEN, Kind.DOWNLOAD) == [
        ("listen", f"evidence:{heard}", {"name": "录音.mp3"}),
        ("download", f"evidence:{taken}", {"name": "说明.pdf"}),
    ]


def test_an_export_says_by_which_words_and_how_many_rows(desk, case, tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))

    desk.get("/ledger/cases/xlsx/", {"q": "楼道"})

    ((_, what, facts),) = left(Kind.EXPORT)
    assert (what, facts["rows"]) == ("ledger:cases", 1)
    assert "楼道" in facts["words"]


def test_refusals_stand_there_and_are_bounded(desk, case, monkeypatch):
    monkeypatch.setattr(refusals, "MOST", 3)

    desk.get("/members/")
    desk.get("/cases/热线-000000-000000/")
    desk.get("/nowhere/")
    for _ in range(5):
        desk.get("/cases/热线-000000-000000/")

    assert left(Kind.REFUSED) == [
        ("refused", "desk:members", {"status": 403, "method": "GET"}),
        ("refused", "desk:case", {"status": 404, "method": "GET"}),
        ("refused", "desk:case", {"status": 404, "method": "GET", "more": True}),
    ]


def test_changes_outside_the_record_of_cases_say_before_and_after(office, member):
    system: Member = member("system")
    planner: Member = member("reviewer")
    at = timezone.now()
    table = work_calendar().tables[2026]
    wanted = {"name": "夜班", "starts": at.time(), "ends": at.time(), "minimum": 1, "holiday_minimum": 1}  # fmt: skip

    adopt_holidays(office, [table], actor=system, at=at)
    pattern = duty.add_pattern(office, **wanted, actor=planner)
    duty.change_pattern(pattern, **(wanted | {"minimum": 2}), actor=planner)

    days, made, changed = Entry.objects.filter(kind=Kind.CHANGE, member__isnull=False)
    assert (days.subject, days.facts["before"]) == ("holidays:2026", None)
    assert days.facts["after"]["days"]["2026-01-01"] == ["off", "元旦"]
    assert (made.facts["before"], made.facts["after"]["minimum"]) == (None, 1)
    assert [changed.facts[when]["minimum"] for when in ("before", "after")] == [1, 2]
