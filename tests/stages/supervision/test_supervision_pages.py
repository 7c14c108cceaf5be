"""The pages of reminders, of one case's reminders and alarm, and of the daily list."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from jiesu.cases import clocks
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.workflow import Action
from jiesu.supervision import actions, daily, queries
from jiesu.supervision.models import Delivery, DeliveryState, Notice, Reminder
from tests.factories.acting import HTMX, open_form, send, send_htmx, sentences
from tests.factories.orders import dispatched, make_case

MINE, ALL = "supervision:reminders", "supervision:everybodys"


@pytest.fixture
def handler(member):
    return member("handler", "LIVELIHOOD", name="测承办")


@pytest.fixture
def case(office, seat, handler):
    at = timezone.now() - timedelta(hours=2)
    return dispatched(
        make_case(office, at=at), seat, office.units.get(role_code="LIVELIHOOD"), at=at
    )


@pytest.fixture
def remind(case, seat):
    def remind(words="请今天联系诉求人。", minutes=0, of=case):
        at = timezone.now() + timedelta(minutes=minutes)
        return actions.remind(of, words=words, actor=seat, at=at)

    return remind


def page_of(browser, name, *args, **asked):
    return browser.get(reverse(name, args=args), asked).content.decode()


def queries_of(browser, url):
    with CaptureQueriesContext(connection) as told:
        browser.get(url)
    return len(told)


# my reminders


def test_opened_they_are_seen_and_move_below(remind, handler, browser_of):
    remind()
    browser = browser_of(handler)

    first, second = page_of(browser, MINE), page_of(browser, MINE)

    assert "还没看的 1 条" in first
    assert "还没看的" not in second
    assert "请今天联系诉求人。" in second
    assert Notice.objects.get(member=handler).seen_at is not None


@pytest.mark.parametrize("how", [HTMX, {"REQUEST_METHOD": "HEAD"}], ids=["page itself", "head"])
def test_a_page_that_fetches_itself_has_seen_nothing(remind, handler, browser_of, how):
    remind()

    browser_of(handler).get(reverse(MINE), **how)

    assert Notice.objects.get(member=handler).seen_at is None


def test_only_my_own(remind, member, browser_of):
    remind()

    page = page_of(browser_of(member("handler", "URBAN")), MINE)

    assert "没有发给您的提醒" in page


def test_the_rail_counts_what_i_have_not_seen(remind, handler, browser_of):
    remind()
    remind("再催一次。")
    browser = browser_of(handler)

    def count():
        sections = browser.get(reverse("desk:cases")).context["navigation"]
        items = [item for section in sections for item in section.items]
        return next(item.count for item in items if item.label == "我的提醒")

    before = count()
    browser.get(reverse(MINE))

    assert (before, count()) == ("2", "")


def test_my_reminders_cost_the_same_however_many(remind, handler, browser_of):
    def cost(times):
        for place in range(times):
            remind(f"第 {place} 次")
        browser.get(reverse(MINE))
        remind("新的")
        return queries_of(browser, reverse(MINE))

    browser = browser_of(handler)

    assert cost(1) == cost(5)


def test_my_reminders_turn_by_key(remind, handler, browser_of, monkeypatch):
    monkeypatch.setattr(queries, "SIZE", 2)
    for place in range(5):
        remind(f"催办之{place}")
    browser = browser_of(handler)
    browser.get(reverse(MINE))

    first = browser.get(reverse(MINE))
    second = browser.get(first.context["next_url"])
    third = browser.get(second.context["next_url"])

    words = [line.words for page in (first, second, third) for line in page.context["page"].lines]
    assert words == [f"催办之{place}" for place in (4, 3, 2, 1, 0)]
    assert third.context["next_url"] == ""


@pytest.mark.parametrize("before", ["x", "９９", "-1", "9" * 30])
def test_a_made_up_page_is_no_error(handler, seat, browser_of, before):
    assert browser_of(handler).get(reverse(MINE), {"before": before}).status_code == 200
    assert browser_of(seat).get(reverse(ALL), {"before": before}).status_code == 200


# everybody's


def test_the_centre_sees_all_with_who_looked_and_who_did_not(remind, handler, seat, browser_of):
    remind()
    Notice.objects.filter(member=handler).update(seen_at=timezone.now())
    notice = Notice.objects.get(member=handler)
    Delivery.objects.create(
        notice=notice, channel="mail", state=DeliveryState.GIVEN_UP, tries=5, error="连接超时"
    )

    page = page_of(browser_of(seat), ALL)

    assert "测承办" in page
    assert "看到" in page
    assert "邮件没送到（试 5 次）" in page


def test_a_unit_has_only_its_own_list(remind, handler, browser_of):
    answer = browser_of(handler).get(reverse(ALL))

    assert answer.url == reverse(MINE)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, 3, id="全部"),
        pytest.param({"state": "unseen"}, 2, id="没有人看到"),
        pytest.param({"state": "unanswered"}, 1, id="催办未答复"),
        pytest.param({"origin": "hand"}, 2, id="人工催办"),
        pytest.param({"origin": "ladder", "level": "8h"}, 1, id="按时限"),
        pytest.param({"unit": "none"}, 1, id="值班座席的"),
        pytest.param({"state": "made up"}, 3, id="没有的条件不算"),
    ],
)
def test_the_list_is_narrowed(remind, case, seat, handler, browser_of, asked, found):
    first, _ = remind("一"), remind("二")
    notice = Notice.objects.get(reminder=first, member=handler)
    actions.answer(notice, answer="好。", actor=handler, at=timezone.now())
    clock = case.clocks.get(kind=ClockKind.HANDLE)
    Reminder.objects.create(
        office=case.office, case=case, clock=clock, level="8h", rung="handler", at=timezone.now(),
        due_at=clock.due_at,
    )  # fmt: skip

    page = browser_of(seat).get(reverse(ALL), asked)

    assert page.context["count"] == found
    assert page.content.decode().count('<article class="reminder') == found


def test_all_reminders_cost_the_same_however_many(remind, seat, browser_of):
    def cost(times):
        for place in range(times):
            remind(f"第 {place} 次")
        return queries_of(browser, reverse(ALL))

    browser = browser_of(seat)

    assert cost(1) == cost(5)


def test_all_reminders_turn_by_key(remind, seat, browser_of, monkeypatch):
    monkeypatch.setattr(queries, "SIZE", 2)
    for place in range(5):
        remind(f"催办之{place}", minutes=-place)
    browser = browser_of(seat)

    first = browser.get(reverse(ALL), {"origin": "hand"})
    second = browser.get(first.context["next_url"])
    third = browser.get(second.context["next_url"])

    words = [line.words for page in (first, second, third) for line in page.context["page"].lines]
    assert words == [f"催办之{place}" for place in range(5)]
    assert third.context["next_url"] == ""


# by hand


def test_a_ready_sentence_and_own_words_go_out_together(case, seat, browser_of):
    send(
        browser_of(seat), "supervising:remind", case, rung="head", ready="contact", words="诉求人又来电。"
    )  # fmt: skip

    reminder = Reminder.objects.get()
    assert reminder.words == "请尽快联系诉求人，说明办理情况，并登记联系结果。诉求人又来电。"
    assert (reminder.rung, reminder.asked_by) == ("head", seat)


def test_sent_twice_it_is_one(case, seat, browser_of):
    browser, once = browser_of(seat), "8d5c9f3e-0000-4000-8000-000000000001"
    told = {"rung": "handler", "ready": "due", "once": once}

    send(browser, "supervising:remind", case, **told)
    answer = send_htmx(browser, "supervising:remind", case, **told)

    assert answer.status_code == 409
    assert Reminder.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"rung": "handler", "ready": "own"}, ["请写下要说的话，或在上面选一句。"]),
        ({"rung": "nobody", "ready": "due"}, ["请选择催办谁。"]),
        ({"rung": "handler"}, ["请选一句，或选“只发下面写的话”。"]),
    ],
)
def test_what_is_missing_is_said(case, seat, browser_of, told, said):
    answer = send(browser_of(seat), "supervising:remind", case, **told)

    assert (answer.status_code, sentences(answer)) == (422, said)
    assert not Reminder.objects.exists()


def test_an_assisting_unit_can_be_reminded_too(office, case, seat, browser_of):
    other = office.units.get(role_code="URBAN")
    from_form = {"rung": "handler", "ready": "due", "unit": other.pk}
    case.assignments.create(unit=other, part="assisting", assigned_at=timezone.now())

    page = open_form(browser_of(seat), "supervising:remind", case).content.decode()
    send(browser_of(seat), "supervising:remind", case, **from_form)

    assert other.name in page
    assert Reminder.objects.get().unit == other


@pytest.mark.parametrize("role", ["handler", "head", "analyst"])
def test_who_may_not_remind(case, member, browser_of, role):
    assert open_form(browser_of(member(role)), "supervising:remind", case).status_code == 403


# on the page of the case


def test_the_case_tells_its_reminders_and_opening_it_is_seeing_them(
    remind, case, handler, browser_of
):
    remind()

    page = page_of(browser_of(handler), "desk:case", case.number)

    panel = page[page.index('id="case-reminders"') :]
    assert "请今天联系诉求人。" in panel
    assert "答复催办" in panel
    assert Notice.objects.get(member=handler).seen_at is not None


def test_answered_from_the_case_in_one_step(remind, case, handler, browser_of):
    remind()
    notice = Notice.objects.get(member=handler)
    browser = browser_of(handler)

    answer = browser.post(
        reverse("supervision:answer", args=[notice.pk]), {"answer": "已联系，明天上门。"}, **HTMX
    )

    notice.refresh_from_db()
    assert answer.status_code == 204
    assert notice.answer == "已联系，明天上门。"
    assert case.events.get(action=Action.ANSWER_REMINDER).note == "已联系，明天上门。"
    panel = page_of(browser, "desk:case", case.number)
    assert "已联系，明天上门。" in panel
    assert 'name="answer"' not in panel


def test_a_second_answer_is_told_who_was_first(remind, handler, member, browser_of):
    remind()
    notice = Notice.objects.get(member=handler)
    actions.answer(notice, answer="好。", actor=handler, at=timezone.now())
    mate = browser_of(member("handler", "LIVELIHOOD"))

    answer = mate.post(reverse("supervision:answer", args=[notice.pk]), {"answer": "我也答。"})

    assert answer.status_code == 422
    assert "已由测承办答复" in answer.content.decode()


def test_somebody_elses_reminder_looks_like_a_missing_one(remind, handler, member, browser_of):
    remind()
    notice = Notice.objects.get(member=handler)

    answer = browser_of(member("handler", "URBAN")).get(
        reverse("supervision:answer", args=[notice.pk])
    )

    assert answer.status_code == 404


def test_the_case_costs_the_same_however_many_reminders(remind, case, seat, browser_of):
    def cost(times):
        for place in range(times):
            remind(f"第 {place} 次")
        return queries_of(browser, reverse("desk:case", args=[case.number]))

    browser = browser_of(seat)

    assert cost(1) == cost(4)


# an alarm


@pytest.fixture
def alarmed(case):
    case.alarm = "threat"
    case.save(update_fields=["alarm"])
    at = timezone.now()
    for kind in (ClockKind.PHONE, ClockKind.REPORT_UP):
        clocks.start(case, kind, at=at, due=Due(at + timedelta(minutes=10), "扬言告警"))
    return case


def test_the_head_of_the_case_demands_both(alarmed, seat, browser_of):
    page = page_of(browser_of(seat), "desk:case", alarmed.number)

    head = page[page.index('<header class="head"') : page.index("</header>", page.index('class="head"'))]  # fmt: skip
    assert "扬言告警" in head
    assert "登记电话通知" in head
    assert "登记请示报告" in head


def test_both_are_put_on_record_and_their_clocks_stop(alarmed, seat, browser_of):
    browser, at = browser_of(seat), timezone.localtime() - timedelta(minutes=1)
    when = at.strftime("%Y-%m-%dT%H:%M")

    send(
        browser, "supervising:phone", alarmed, whom="民生负责人", called_at=when,
        outcome="本人接听，已告知", words="马上到现场。",
    )  # fmt: skip
    send(
        browser, "supervising:report_up", alarmed, to="街道值班领导", reported_at=when, channel="电话",
        words="已报告，要求盯住到现场。",
    )  # fmt: skip

    phone, report = alarmed.events.filter(action__in=[Action.PHONE, Action.REPORT_UP])
    assert (phone.facts["whom"], phone.facts["outcome"]) == ("民生负责人", "本人接听，已告知")
    assert (report.facts["to"], report.note) == ("街道值班领导", "已报告，要求盯住到现场。")
    assert not alarmed.clocks.filter(kind__in=["phone", "report_up"], stopped_at=None).exists()
    page = page_of(browser, "desk:case", alarmed.number)
    assert "已电话通知并请示报告" in page
    assert "电话通知 民生负责人：本人接听，已告知" in page


def test_a_call_that_is_yet_to_come_is_refused(alarmed, seat, browser_of):
    later = (timezone.localtime() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")

    answer = send(
        browser_of(seat), "supervising:phone", alarmed, whom="某人", called_at=later,
        outcome="本人接听，已告知",
    )  # fmt: skip

    assert (answer.status_code, sentences(answer)) == (422, ["时间还没到，请填写实际发生的时间。"])


# the daily list


@pytest.fixture
def near(case, remind):
    """A case whose clocks are near, and a 催办 nobody answered."""
    clocks.start(case, ClockKind.INTERNAL, at=timezone.now(), unit=case.unit,
                 due=Due(timezone.now() + timedelta(hours=3), "测"))  # fmt: skip
    clocks.gather(case)
    remind()
    return case


def test_made_at_once_it_is_shown_with_its_rows(near, seat, browser_of):
    browser = browser_of(seat)

    answer = browser.post(reverse("supervision:daily_make"))

    page = browser.get(answer.url).content.decode()
    assert near.title in page
    assert "催办未答复" in page
    assert reverse("supervision:daily_one", args=[answer.url.split("/")[-2]]) in page_of(
        browser, "supervision:daily"
    )


def test_a_unit_sees_its_own_rows_alone(near, handler, member, browser_of, office):
    made = daily.make(office, timezone.now())

    own = page_of(browser_of(handler), "supervision:daily_one", made.pk)
    other = page_of(browser_of(member("head", "URBAN")), "supervision:daily_one", made.pk)

    assert near.number in own
    assert near.number not in other


def test_the_list_as_a_file(near, seat, browser_of, office):
    made = daily.make(office, timezone.now())

    answer = browser_of(seat).get(reverse("supervision:daily_file", args=[made.pk]))

    head, *lines = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()  # fmt: skip
    assert head == ["工单编号", "标题", "时限", "截止", "剩余", "承办", "情况"]
    assert len(lines) == len(made.rows) > 0
    assert {line[0] for line in lines} == {near.number}


def test_without_lists_the_page_says_when_they_come(seat, browser_of):
    assert "还没有清单" in page_of(browser_of(seat), "supervision:daily")


def test_the_list_of_another_office_is_missing(seat, browser_of):
    assert browser_of(seat).get(reverse("supervision:daily_one", args=[99])).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("handler", 403), ("analyst", 403), ("leader", 302)])
def test_who_may_make_one(member, browser_of, role, status):
    assert browser_of(member(role)).post(reverse("supervision:daily_make")).status_code == status
