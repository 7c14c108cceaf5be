"""认领: one at a time, told to everybody, in nobody's way, and over by itself."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from jiesu.cases import access, taking
from jiesu.cases.models import Case, Event
from jiesu.desk.case_actions import bar
from jiesu.dispatch import actions as dispatching
from jiesu.handling import actions as handling
from jiesu.intake import actions as signing
from jiesu.rules.workflow import Action
from tests.factories.acting import HTMX, open_form, send, send_htmx
from tests.factories.orders import dispatched, make_case, signed
from tests.factories.people import make_member

SOON = timedelta(minutes=1)


@pytest.fixture
def other(member):
    return member("seat", name="陈一")


@pytest.fixture
def case(office):
    return make_case(office)


def held(case, who, at):
    return taking.holder(access.get_case(who, case.number), who, at)


def test_taken_for_twenty_minutes_and_then_over(case, seat, other, now):
    taking.take(case, actor=seat, at=now)

    assert held(case, seat, now).mine
    assert held(case, other, now + timedelta(minutes=19)).name == seat.name
    assert held(case, other, now + timedelta(minutes=20)) is None
    assert (
        case.events.get(action=Action.TAKE)
        .facts["until"]
        .startswith((now + timedelta(minutes=20)).isoformat()[:16])
    )


def test_the_rule_set_says_how_long(case, seat, now, monkeypatch):
    class Told:
        whole = {"desk": {"take_min": 5}}

    monkeypatch.setattr(taking, "rules_at", lambda office, at: Told)

    taking.take(case, actor=seat, at=now)

    assert case.taken_until == now + timedelta(minutes=5)


def test_the_second_is_told_who_was_quicker(case, seat, other, now):
    taking.take(case, actor=other, at=now)
    stale = Case.objects.get(pk=case.pk)

    with pytest.raises(taking.Taken, match="陈一 已认领"):
        taking.take(stale, actor=seat, at=now + SOON)

    assert case.events.filter(action=Action.TAKE).count() == 1


def test_it_is_taken_over_from_the_one_it_was_shown_from_alone(case, seat, other, member, now):
    third = member("seat")
    taking.take(case, actor=other, at=now)

    with pytest.raises(taking.Taken):
        taking.take(case, actor=seat, at=now, instead_of=third.pk)
    event = taking.take(case, actor=seat, at=now, instead_of=other.pk)

    assert event.facts["instead_of"] == "陈一"
    assert held(case, seat, now).mine


def test_letting_go_and_only_of_ones_own(case, seat, other, now):
    taking.take(case, actor=seat, at=now)

    with pytest.raises(taking.NotTaken):
        taking.release(case, actor=other, at=now)
    taking.release(case, actor=seat, at=now)

    assert held(case, seat, now) is None
    with pytest.raises(taking.NotTaken):
        taking.release(case, actor=seat, at=now)


def test_an_ended_case_is_not_taken(case, seat):
    signing.send_back(case, reason="other", proof="地图", actor=seat, at=timezone.now())
    signing.answer(case, granted=True, actor=seat, at=timezone.now())

    with pytest.raises(access.NotYours):
        taking.take(case, actor=seat, at=timezone.now())


def test_work_by_the_holder_keeps_it_and_handing_on_ends_it(case, seat, browser_of, office):
    desk = browser_of(seat)
    send(desk, "desk:take", case)
    Case.objects.update(taken_until=timezone.now() + SOON)

    send(desk, "signing:sign", case)
    assert Case.objects.get(pk=case.pk).taken_until > timezone.now() + timedelta(minutes=19)

    send(desk, "handling:note", case, note="已电话核实")
    fresh = access.get_case(seat, case.number)
    assert taking.holder(fresh, seat, timezone.now()).mine

    unit = office.units.get(role_code="LIVELIHOOD")
    due = timezone.localtime(timezone.now() + timedelta(hours=5))
    answer = send(desk, "dispatch:dispatch", case, unit=unit.code, due_at=f"{due:%Y-%m-%dT%H:%M}")
    assert answer.status_code == 302
    assert Case.objects.get(pk=case.pk).taken_by is None


def test_work_by_somebody_else_leaves_the_claim_as_it_is(case, seat, other, browser_of, now):
    taking.take(case, actor=other, at=now)

    assert send(browser_of(seat), "signing:sign", case).status_code == 302

    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.taken_by, fresh.stage) == (other, "signed")


def test_a_form_warns_and_lets_one_go_on(case, seat, other, browser_of, now):
    taking.take(case, actor=other, at=now)
    desk = browser_of(seat)

    assert "陈一</b> 认领了此案件" in open_form(desk, "handling:note", case).content.decode()
    assert (
        "认领了此案件" not in open_form(browser_of(other), "handling:note", case).content.decode()
    )
    assert send(desk, "handling:note", case, note="提醒一句").status_code == 302


def test_one_press_takes_and_a_colleagues_is_asked_for(case, seat, other, browser_of):
    first, second = browser_of(other), browser_of(seat)

    assert send_htmx(first, "desk:take", case).status_code == 204
    pressed = send_htmx(second, "desk:take", case)
    assert pressed.status_code == 409
    asked = open_form(second, "desk:take", case, **HTMX)
    assert asked.status_code == 200
    assert f'name="instead_of" value="{other.pk}"' in asked.content.decode()
    assert send(second, "desk:take", case, instead_of=other.pk).status_code == 302
    assert Case.objects.get(pk=case.pk).taken_by == seat
    assert send_htmx(second, "desk:release", case).status_code == 204
    assert send_htmx(second, "desk:release", case).status_code == 409


def test_it_is_shown_in_the_row_and_in_the_head(case, seat, other, browser_of, now):
    taking.take(case, actor=other, at=now)
    desk = browser_of(seat)

    page = desk.get(f"/cases/{case.number}/").content.decode()
    row = page.split(f'id="row-{case.pk}"')[1].split("</a>")[0]
    assert 'data-ends data-prefix="陈一 认领 · "' in row
    assert page.count("data-ends") == 2

    Case.objects.update(taken_until=now)
    assert "data-ends" not in desk.get(f"/cases/{case.number}/").content.decode()


def test_a_name_in_a_row_is_words(case, office, seat, browser_of, now):
    taking.take(case, actor=make_member(office, name='<b x="1">'), at=now)

    assert '<b x="1">' not in browser_of(seat).get("/cases/").content.decode()


def test_the_filter_shows_my_own(case, office, seat, other, browser_of, now):
    mine, theirs = make_case(office), make_case(office)
    taking.take(mine, actor=seat, at=timezone.now())
    taking.take(theirs, actor=other, at=timezone.now())

    page = browser_of(seat).get("/cases/?mine=taken")

    assert [row.pk for row in page.context["page"].rows] == [mine.pk]


def test_what_the_buttons_say(case, seat, other, now):
    def said(who):
        shown = bar(who, case, [], held=taking.holder(case, who, now))
        return {b.key: (b.label, b.asks) for b in [*shown.others, *shown.more] if b.key in "th"}

    assert said(seat) == {"t": ("我来办", False)}
    taking.take(case, actor=seat, at=now)
    assert said(seat) == {"t": ("续认领", False), "h": ("放下", False)}
    assert said(other) == {"t": ("接手", True)}


def test_a_foreign_unit_takes_nothing(office, seat, member, browser_of):
    case = dispatched(signed(make_case(office), seat), seat, office.units.get(role_code="URBAN"))

    assert browser_of(member("handler")).post(
        reverse("desk:take", args=[case.number])
    ).status_code == 404  # fmt: skip


def test_a_claim_leaves_the_flow_alone(office, seat, member, other, now):
    case = make_case(office)
    taking.take(case, actor=other, at=now)
    unit = office.units.get(role_code="LIVELIHOOD")
    signing.sign(case, actor=seat, at=now)
    dispatching.dispatch(case, unit=unit, due_at=now + timedelta(days=1), actor=seat, at=now)
    handling.accept(case, actor=member("handler"), at=now)

    assert case.stage == "handling"


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_has_it(office):
    case = make_case(office)
    members = [make_member(office), make_member(office)]
    ready, told = threading.Barrier(2), []

    def press(who):
        try:
            mine = Case.objects.get(pk=case.pk)
            ready.wait(5)
            taking.take(mine, actor=who, at=timezone.now())
            told.append("won")
        except taking.Taken:
            told.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[who]) for who in members]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)

    assert sorted(told) == ["told", "won"]
    assert Event.objects.filter(case=case, action=Action.TAKE).count() == 1
