"""操作留痕: only the auditor reads it; it is found, turned, read whole, taken out, and verified."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from python_calamine import load_workbook

from jiesu.org.rights import GRANTED, Right, Role
from jiesu.service import actions, jobs
from jiesu.service import trail_queries as queries
from jiesu.service.models import Verification, VerificationState
from jiesu.service.trail_queries import Wanted
from jiesu.trail import whereabouts
from jiesu.trail.actions import leave
from jiesu.trail.models import Entry, Kind
from tests.factories.orders import make_case


@pytest.fixture
def auditor(member):
    return member("auditor")


@pytest.fixture
def desk(browser_of, auditor):
    return browser_of(auditor)


@pytest.fixture
def case(office):
    return make_case(office)


@pytest.fixture
def trail(office, seat, case):
    """Three entries: a read from somewhere, an export, and a failed log-in of nobody."""
    with whereabouts.at(whereabouts.Whereabouts("10.2.3.4", "a" * 16)):
        read = leave(Kind.READ, actor=seat, case=case.pk, number=case.number)
    export = leave(Kind.EXPORT, actor=seat, subject="ledger:cases", words="标签 普通", rows=7)
    failed = leave(Kind.LOGIN_FAILED, actor=None, username="nobody", reason="=1+1")
    return read, export, failed


def shown(page) -> list[int]:
    return [line.pk for line in page.context["lines"]]


@pytest.mark.parametrize("role", [role for role in Role if role not in GRANTED[Right.TRAIL]])
def test_it_is_nobody_elses_to_read(browser_of, member, role, trail):
    client = browser_of(member(role))

    answers = [
        client.get(f"/service/trail/{tail}").status_code
        for tail in ("", "xlsx/", "check/", f"{trail[0].pk}/")
    ]

    assert answers == [403] * 4


def test_the_auditor_begins_here_and_sees_the_newest_first(desk, trail):
    assert desk.get("/").url == "/service/trail/"
    assert shown(desk.get("/service/trail/"))[:3] == [entry.pk for entry in reversed(trail)]


def test_what_another_office_did_is_not_here(desk, trail):
    Entry.objects.bulk_create([Entry(kind=Kind.READ, office=trail[0].office + 999, username="他")])

    assert Entry.objects.latest("pk").pk not in shown(desk.get("/service/trail/"))
    assert desk.get(f"/service/trail/{Entry.objects.latest('pk').pk}/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "export"}, [1]), ({"address": "10.2.3.4"}, [0]), ({"who": "nobody"}, [2]),
        ({"who": "测"}, [1, 0]), ({"number": "CASE"}, [0]), ({"number": "没有"}, []),
        ({"kind": "export", "who": "nobody"}, []), ({"since": "2001-01-01", "until": "2001-01-02"}, []),
        ({"kind": "read", "since": "TODAY", "until": "TODAY"}, [0]),
    ],
)  # fmt: skip
def test_it_is_found_by_who_what_which_whence_and_when(desk, trail, case, asked, found):
    words = {"CASE": case.number, "TODAY": timezone.localdate().isoformat()}
    asked = {name: words.get(value, value) for name, value in asked.items()}

    page = desk.get("/service/trail/", asked)

    assert shown(page) == [trail[place].pk for place in found]


@pytest.mark.parametrize("asked", [{"before": "x"}, {"before": "9" * 30}, {"since": "昨天"}, {"kind": "?"}, {"who": "\x00"}, {"address": "%"}])  # fmt: skip
def test_anything_may_be_asked(desk, trail, asked):
    assert desk.get("/service/trail/", asked).status_code == 200


def test_pages_are_turned_by_a_key_and_cost_the_same(auditor, seat, django_assert_num_queries):
    made = [leave(Kind.READ, actor=seat).pk for _ in range(queries.SIZE + 1)]

    with django_assert_num_queries(2):
        lines, following = queries.page(auditor, Wanted(), before=None)
    rest, end = queries.page(auditor, Wanted(), before=following)

    assert [line.pk for line in lines] == made[:0:-1]
    assert [line.pk for line in rest][:1] == made[:1]
    assert end is None


def test_one_entry_says_all_of_it(desk, trail):
    page = desk.get(f"/service/trail/{trail[1].pk}/").content.decode()

    for words in ("诉求总台账", "标签 普通", "行数", "7", "数据库时间"):
        assert words in page


def test_it_is_taken_out_by_the_one_writer_and_that_is_left_too(desk, trail, tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))

    answer = desk.get("/service/trail/xlsx/", {"kind": "login_failed"})
    (tmp_path / "a.xlsx").write_bytes(answer.getvalue())

    head, row = load_workbook(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert head[:5] == ["序号", "时间", "谁", "角色", "做了什么"]
    assert (row[0], row[2], row[4], row[7]) == (trail[2].pk, "nobody", "登录失败", "理由 =1+1")
    left = Entry.objects.filter(kind=Kind.EXPORT, subject="trail").get()
    assert left.facts == {"words": "做了 登录失败", "rows": 1}


@pytest.mark.django_db(transaction=True)
def test_a_walk_is_asked_for_once_and_its_result_kept(browser_of, member, trail):
    desk = browser_of(member("auditor"))

    address = desk.post("/service/trail/check/now/").url
    again = desk.post("/service/trail/check/now/").url
    waiting = desk.get(address).content.decode()
    jobs.verify(Verification.objects.get().pk)
    done = desk.get(address).content.decode()

    assert again == address
    assert "排队中" in waiting
    assert "完整，没有发现问题" in done
    assert "完整" in desk.get("/service/trail/check/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_walk_that_finds_something_says_it_on_every_page_of_the_trail(browser_of, member, trail):
    desk = browser_of(member("auditor"))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE trail_entry SET number = '别的' WHERE id = %s", [trail[0].pk])
        cursor.execute("SET session_replication_role = origin")

    made = actions.ask(None, at=timezone.now())
    actions.run(made, at=timezone.now())

    assert "操作留痕第" in desk.get(f"/service/trail/check/{made.pk}/").content.decode()
    assert "最近一次核对发现问题" in desk.get("/service/trail/").content.decode()


def test_a_walk_that_was_lost_is_not_waited_for(office):
    at = timezone.now()
    lost = Verification.objects.create(
        state=VerificationState.RUNNING, asked_at=at - timedelta(hours=7)
    )

    made = actions.ask(None, at=at)

    lost.refresh_from_db()
    assert (lost.state, made.state) == ("failed", "queued")


@pytest.mark.django_db(transaction=True)
def test_each_night_the_end_of_the_chain_is_written_outside(office, seat, tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_ANCHORS", str(tmp_path / "anchors.jsonl"))
    leave(Kind.READ, actor=seat)

    jobs.each_night(timezone.now())
    actions.run(Verification.objects.get(), at=timezone.now())

    assert len((tmp_path / "anchors.jsonl").read_text().splitlines()) == 1
    found = Verification.objects.get()
    assert (found.good, found.report["anchors"]) == (True, 1)
