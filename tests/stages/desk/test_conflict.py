"""Two on one case: the second sees what the first wrote beside the own words, and loses nothing."""

import re

import pytest
from django.utils import timezone

from jiesu.cases import conflicts, transitions
from jiesu.cases.models import Event
from jiesu.handling import actions as handling
from jiesu.rules.workflow import Action, Stage
from tests.factories.acting import HTMX, open_form, send, send_htmx
from tests.factories.orders import dispatched, make_case, signed

MINE = "本单位查明不属职责，建议城管办牵头。"
THEIRS = "已联系诉求人，当日修复，诉求人认可。"


@pytest.fixture
def people(member):
    return member("handler"), member("handler")


@pytest.fixture
def case(office, seat):
    return dispatched(make_case(office), seat, office.units.get(role_code="LIVELIHOOD"))


@pytest.fixture
def slower(people, browser_of):
    return browser_of(people[0])


@pytest.fixture
def overtaken(case, people):
    """The form was open, then a colleague submitted."""
    _, quicker = people
    seen = conflicts.newest(case)
    handling.contact(
        case, channel="phone", outcome="reached", contacted_at=timezone.now(), note="说明进度",
        actor=quicker, at=timezone.now(),
    )  # fmt: skip
    handling.submit(case, result=THEIRS, actor=quicker, at=timezone.now())
    return seen


def seen_in(page):
    return re.search(r'name="seen" value="(\d+)"', page.content.decode())[1]


@pytest.mark.parametrize("way", [send, send_htmx])
def test_both_texts_are_shown_and_nothing_is_lost(case, people, slower, overtaken, way):
    answer = way(slower, "dispatch:decline", case, reason=MINE, seen=overtaken)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert MINE in page
    assert THEIRS in page
    assert people[1].name in page
    assert "提交结果" in page
    assert "改记为备注" in page
    assert [one.values["reason"] for one in people[0].drafts.all()] == [[MINE]]
    assert people[0].drafts.get().title == "退派"
    assert not case.events.filter(action=Action.DECLINE).exists()


def test_to_htmx_it_stays_in_the_dialog_and_the_page_behind_is_refreshed(case, slower, overtaken):
    answer = send_htmx(slower, "dispatch:decline", case, reason=MINE, seen=overtaken)

    assert "<html" not in answer.content.decode()
    assert "case-changed" in answer.headers["HX-Trigger"]
    assert "close-dialog" not in answer.headers["HX-Trigger"]
    assert "HX-Reswap" not in answer.headers


def test_the_page_counts_as_seen_only_what_came_later(case, slower, people, overtaken):
    page = send(slower, "dispatch:decline", case, reason=MINE, seen=overtaken).content.decode()

    told = page.split('id="theirs"')[1].split('id="mine"')[0]
    assert "说明进度" in told
    assert "签收" not in told


def test_without_words_there_is_nothing_to_show(case, slower, overtaken):
    answer = send(slower, "dispatch:decline", case, reason=" ", seen=overtaken)

    assert answer.status_code == 302


def test_noted_instead_it_is_on_the_record(case, people, slower, overtaken):
    page = send(slower, "dispatch:decline", case, reason=MINE, seen=overtaken).content.decode()
    note = re.search(r'name="note" value="([^"]+)"', page)[1]
    instead = re.search(r'name="instead_of" value="([^"]+)"', page)[1]

    send(slower, "handling:note", case, note=note, instead_of=instead)

    noted = case.events.get(action=Action.NOTE)
    assert MINE in noted.note
    assert "未提交" in noted.note
    assert people[0].drafts.count() == 0


def test_sent_twice_is_told_as_that(case, people, slower):
    told = {"note": MINE, "once": "11111111-1111-4111-8111-111111111111"}
    send(slower, "handling:progress", case, **told)

    answer = send(slower, "handling:progress", case, **told)

    assert answer.status_code == 302
    assert people[0].drafts.count() == 0
    assert case.events.filter(action=Action.PROGRESS).count() == 1


def test_the_same_fact_by_a_colleague_is_shown_once_and_may_still_be_sent(case, people, slower):
    seen = seen_in(open_form(slower, "handling:progress", case))
    handling.progress(case, note=THEIRS, actor=people[1], at=timezone.now())

    asked = send(slower, "handling:progress", case, note=MINE, seen=seen)

    page = asked.content.decode()
    assert asked.status_code == 422
    assert THEIRS in page
    assert MINE in page
    assert "仍然提交" in page
    assert case.events.filter(action=Action.PROGRESS).count() == 1

    done = send(slower, "handling:progress", case, note=MINE, seen=seen_in(asked))

    assert done.status_code == 302
    assert case.events.filter(action=Action.PROGRESS).count() == 2


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "０"])
def test_a_made_up_mark_stands_in_nobodys_way(case, people, slower, seen):
    handling.progress(case, note=THEIRS, actor=people[1], at=timezone.now())

    assert send(slower, "handling:progress", case, note=MINE, seen=seen).status_code == 302


def test_own_facts_and_other_facts_are_no_conflict(case, people, slower):
    seen = conflicts.newest(case)
    handling.progress(case, note="先记一笔", actor=people[0], at=timezone.now())
    handling.remark(case, note="同事的备注", actor=people[1], at=timezone.now())

    assert send(slower, "handling:progress", case, note=MINE, seen=seen).status_code == 302
    assert send(slower, "handling:note", case, note=MINE, seen=seen).status_code == 302


def test_a_case_that_moved_between_look_and_lock_is_shown_too(case, people, slower, monkeypatch):
    def moved(*args, **kwargs):
        raise transitions.Moved(case.number)

    monkeypatch.setattr(handling, "progress", moved)

    answer = send_htmx(slower, "handling:progress", case, note=MINE)

    assert answer.status_code == 409
    assert MINE in answer.content.decode()


def test_the_form_of_a_case_that_moved_is_refused_before_anybody_writes(office, seat, browser_of):
    case = signed(make_case(office), seat)
    dispatched(case, seat, office.units.get(role_code="LIVELIHOOD"))

    answer = open_form(browser_of(seat), "dispatch:dispatch", case, **HTMX)

    assert answer.status_code == 409
    assert case.stage == Stage.HANDLING
    assert Event.objects.filter(case=case, action=Action.DISPATCH).count() == 1
