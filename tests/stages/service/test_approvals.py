"""未遮盖导出: few rows, a reason, another person, once, for who asked, on record."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from jiesu.desk.jobs import hand_on
from jiesu.service import approving, copying
from jiesu.service.models import Approval, ApprovalState
from jiesu.trail.models import Entry, Kind
from tests.factories.orders import make_case

PHONE = "12000001234"


@pytest.fixture
def people(member):
    return member("seat", name="座一"), member("leader", name="领一")


@pytest.fixture
def case(office):
    return make_case(
        office, content=f"请回电{PHONE}", requester_phone=PHONE, requester_name="钱多多"
    )


@pytest.fixture
def asked(people, case, browser_of):
    browser_of(people[0]).post(reverse("service:ask", args=["cases"]), {"reason": "法院调取"})
    return Approval.objects.get()


def decide(browser, one, granted, note=""):
    return browser.post(
        reverse("service:decide", args=[one.pk]), {"granted": granted, "note": note}
    )


def text_of(answer):
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
        return {n: book.read(n).decode() for n in book.namelist() if n.startswith("xl/worksheets/")}


def test_asked_agreed_made_once_and_fetched_by_who_asked(people, asked, case, browser_of, member):
    seat, leader = people
    rail = browser_of(leader).get(reverse("service:approvals")).content.decode()
    assert "法院调取" in rail

    decide(browser_of(leader), asked, "yes")
    hand_on("service.export_agreed", {"approval": asked.pk})
    asked.refresh_from_db()
    stored = asked.stored
    hand_on("service.export_agreed", {"approval": asked.pk})

    asked.refresh_from_db()
    file = reverse("service:unmasked", args=[asked.pk])
    sheets = text_of(browser_of(seat).get(file))
    assert (asked.state, asked.stored) == (ApprovalState.MADE, stored)
    assert PHONE in sheets["xl/worksheets/sheet1.xml"]
    assert "钱多多" in sheets["xl/worksheets/sheet1.xml"]
    for xml in sheets.values():
        assert "申请 座一" in xml
        assert "同意 领一" in xml
        assert "用途：法院调取" in xml
    assert browser_of(member("seat")).get(file).status_code == 404
    assert browser_of(leader).get(file).status_code == 403
    told = Entry.objects.filter(subject=f"unmasked:{asked.pk}").order_by("id")
    assert [one.kind for one in told] == [Kind.APPROVAL, Kind.APPROVAL, Kind.EXPORT, Kind.DOWNLOAD]
    assert told[2].facts["numbers"] == [case.number]
    assert PHONE not in str([one.facts for one in told])


def test_nobody_decides_their_own(asked, people, office):
    seat, leader = people
    asked.asked_by = leader
    asked.save(update_fields=["asked_by"])

    with pytest.raises(approving.NotAnother):
        approving.decide(asked, granted=True, note="", actor=leader, at=asked.asked_at)
    with pytest.raises(approving.NotAnother):
        approving.decide(asked, granted=True, note="", actor=seat, at=asked.asked_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=asked.pk).update(decided_by=leader)


def test_a_refusal_needs_words_and_reaches_who_asked(people, asked, browser_of):
    seat, leader = people
    assert decide(browser_of(leader), asked, "no").status_code == 422
    assert approving.news(seat) == 0

    decide(browser_of(leader), asked, "no", "请用遮盖的")

    assert approving.news(seat) == 1
    page = browser_of(seat).get(reverse("service:asked")).content.decode()
    assert "未同意" in page
    assert "请用遮盖的" in page
    assert approving.news(seat) == 0
    assert decide(browser_of(leader), asked, "yes").status_code == 302
    asked.refresh_from_db()
    assert asked.state == ApprovalState.REFUSED


def test_what_nobody_decides_in_a_week_lapses_and_is_told(people, asked):
    at = asked.asked_at + timedelta(days=7)

    with pytest.raises(approving.Decided):
        approving.decide(asked, granted=True, note="", actor=people[1], at=at)
    assert approving.lapse(at - timedelta(seconds=1)) == 0
    assert approving.lapse(at) == 1

    asked.refresh_from_db()
    assert asked.state == ApprovalState.LAPSED
    assert approving.news(people[0]) == 1
    assert Entry.objects.filter(subject=f"unmasked:{asked.pk}", facts__what="lapsed").count() == 1


def test_only_a_small_set_may_be_asked_for(people, office, browser_of, monkeypatch):
    monkeypatch.setenv("JIESU_UNMASKED_ROWS", "2")
    for _ in range(3):
        make_case(office)

    answer = browser_of(people[0]).post(reverse("service:ask", args=["cases"]), {"reason": "核对"})

    assert answer.status_code == 422
    assert "行数太多" in answer.content.decode()
    assert not Approval.objects.exists()


def test_who_asked_for_secrecy_is_not_in_it(people, office, browser_of):
    make_case(
        office,
        tags=["保密"],
        requester_phone=PHONE,
        requester_name="钱多多",
        content="市民反映噪声",
    )
    browser_of(people[0]).post(reverse("service:ask", args=["cases"]), {"reason": "核对"})
    one = Approval.objects.get()

    decide(browser_of(people[1]), one, "yes")
    hand_on("service.export_agreed", {"approval": one.pk})

    xml = "".join(
        text_of(browser_of(people[0]).get(reverse("service:unmasked", args=[one.pk]))).values()
    )
    assert PHONE not in xml
    assert "钱多多" not in xml


def test_the_file_goes_after_a_day(people, asked, browser_of):
    decide(browser_of(people[1]), asked, "yes")
    hand_on("service.export_agreed", {"approval": asked.pk})
    asked.refresh_from_db()

    assert copying.forget(asked.made_at + timedelta(hours=25)) == 1

    asked.refresh_from_db()
    assert asked.state == ApprovalState.GONE
    assert (
        browser_of(people[0]).get(reverse("service:unmasked", args=[asked.pk])).status_code == 404
    )
