"""Many at once: each by its real verb, each with its outcome, and a form sent twice has one effect."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jiesu.cases import taking
from jiesu.cases.models import Case, Event
from jiesu.desk import batch
from jiesu.intake import actions as signing
from jiesu.rules.workflow import Action
from tests.factories.acting import HTMX
from tests.factories.orders import dispatched, make_case, signed


@pytest.fixture
def cases(office):
    return [make_case(office) for _ in range(3)]


@pytest.fixture
def desk(seat, browser_of):
    return browser_of(seat)


def ids(cases):
    return [case.pk for case in cases]


def do(browser, verb, cases, once=None, **more):
    told = {"do": verb, "case": ids(cases), "once": once or str(uuid4())} | more
    return browser.post("/batch/", told, **more.pop("headers", {}))


def outcomes(answer):
    return {one.case.pk: (one.done, one.said) for one in answer.context["outcomes"]}


def stages(cases):
    return [Case.objects.get(pk=case.pk).stage for case in cases]


def test_the_form_says_what_will_be_done_and_what_not(desk, seat, cases):
    signed(cases[0], seat)

    page = desk.get("/batch/", {"do": "sign", "case": ids(cases)}, **HTMX).content.decode()

    assert "签收 2 件" in page
    assert "现为“已签收”" in page
    assert "<html" not in page
    assert re.findall(r'name="case" value="(\d+)"', page) == [str(c.pk) for c in cases[1:]]


def test_all_are_signed(desk, cases):
    answer = do(desk, "sign", cases)

    assert set(outcomes(answer).values()) == {(True, "已签收")}
    assert stages(cases) == ["signed"] * 3
    assert "成功 3 件" in answer.content.decode()


def test_each_has_its_own_outcome_and_the_rest_is_retried(desk, seat, cases):
    signing.send_back(cases[1], reason="other", proof="x", actor=seat, at=timezone.now())

    answer = do(desk, "sign", cases)

    told = outcomes(answer)
    assert [told[c.pk][0] for c in cases] == [True, False, True]
    assert "退回待裁" in told[cases[1].pk][1]
    page = answer.content.decode()
    assert "未办 1 件" in page
    assert f"/batch/?do=sign&amp;case={cases[1].pk}" in page
    assert stages(cases) == ["signed", "send_back_pending", "signed"]


def test_sent_again_it_has_one_effect(desk, cases):
    once = str(uuid4())
    do(desk, "sign", cases[:2], once)

    answer = do(desk, "sign", cases, once)

    told = outcomes(answer)
    assert [told[c.pk][1] for c in cases] == ["已办过，没有重复记录"] * 2 + ["已签收"]
    assert Event.objects.filter(action=Action.SIGN).count() == 3


def test_dispatched_to_one_unit_each_with_its_own_due_time(desk, seat, office, cases):
    unit = office.units.get(role_code="URBAN")
    urgent = make_case(office, tags=["2小时"])
    for case in (*cases, urgent):
        signed(case, seat)

    answer = do(desk, "dispatch", [*cases, urgent], unit=unit.code, note="请当日回复。")

    assert all(done for done, _ in outcomes(answer).values())
    lead = {c.pk: c.assignments.get() for c in (*cases, urgent)}
    assert {one.unit for one in lead.values()} == {unit}
    assert {one.note for one in lead.values()} == {"请当日回复。"}
    assert lead[urgent.pk].due_at < lead[cases[0].pk].due_at


def test_a_missing_unit_is_asked_for_and_nothing_done(desk, seat, cases):
    signed(cases[0], seat)

    answer = do(desk, "dispatch", cases[:1], unit="")

    assert answer.status_code == 422
    assert "请选择主办单位" in answer.content.decode()
    assert stages(cases[:1]) == ["signed"]


def test_a_refusal_of_the_verb_is_told_and_carried_to_the_retry(desk, seat, office, cases):
    place = office.units.filter(kind="community").first()
    signed(cases[0], seat)

    answer = do(desk, "dispatch", cases[:1], unit=place.code, note="要求")

    done, said = outcomes(answer)[cases[0].pk]
    assert not done
    assert "不在社区职责清单内" in said
    retry = desk.get(answer.context["retry_url"]).content.decode()
    assert re.search(rf'value="{place.code}"[^>]*checked', retry)
    assert "要求</textarea>" in retry


def test_taking_many_leaves_a_colleagues_alone(desk, member, seat, cases):
    taking.take(cases[0], actor=member("seat", name="陈一"), at=timezone.now())

    told = outcomes(do(desk, "take", cases))

    assert [told[c.pk][0] for c in cases] == [False, True, True]
    assert "陈一 已认领" in told[cases[0].pk][1]


def test_reminded_each_by_its_unit(desk, seat, office, cases):
    unit = office.units.get(role_code="LIVELIHOOD")
    dispatched(cases[0], seat, unit)
    closed = make_case(office)
    signing.send_back(closed, reason="other", proof="x", actor=seat, at=timezone.now())
    signing.answer(closed, granted=True, actor=seat, at=timezone.now())

    told = outcomes(
        do(desk, "remind", [cases[0], closed], rung="handler", ready="own", words="请今天办结")
    )

    assert told[cases[0].pk] == (True, f"已催办 {unit}")
    assert told[closed.pk][0] is False
    assert cases[0].events.get(action=Action.REMIND).note == "请今天办结"
    assert Event.objects.filter(action=Action.REMIND).count() == 1


def test_only_what_the_role_may_and_only_cases_it_sees(office, seat, member, browser_of, cases):
    handler = browser_of(member("handler"))
    own = dispatched(make_case(office), seat, office.units.get(role_code="LIVELIHOOD"))

    assert handler.get("/batch/", {"do": "sign", "case": ids(cases)}).status_code == 404
    assert do(handler, "sign", cases).status_code == 404
    assert set(outcomes(do(handler, "take", [*cases, own]))) == {own.pk}
    assert browser_of(member("analyst")).get("/batch/", {"do": "take"}).status_code == 403


@pytest.mark.parametrize("query", ["", "do=nothing", "do="])
def test_what_is_no_verb_is_not_found(desk, query):
    assert desk.get(f"/batch/?{query}").status_code == 404


@pytest.mark.parametrize(
    "query", ["do=sign", "do=sign&case=x", "do=sign&case=" + "9" * 30, "do=sign&case=-1"]
)
def test_nothing_chosen_is_said(desk, query):
    answer = desk.get(f"/batch/?{query}")

    assert answer.status_code == 200
    assert "没有选中案件" in answer.content.decode()


def test_a_made_up_mark_is_no_error(desk, cases):
    assert do(desk, "sign", cases, once="x").status_code == 200
    assert stages(cases) == ["signed"] * 3


def test_so_many_at_most(desk, cases, monkeypatch):
    monkeypatch.setattr(batch, "MOST", 2)

    page = desk.get("/batch/", {"do": "sign", "case": ids(cases)}).content.decode()

    assert "一次最多 2 件" in page
    assert len(outcomes(do(desk, "sign", cases))) == 2


def test_to_htmx_the_page_behind_is_refreshed(desk, cases):
    told = {"do": "sign", "case": ids(cases), "once": str(uuid4())}

    answer = desk.post("/batch/", told, **HTMX)

    assert "case-changed" in answer.headers["HX-Trigger"]
    assert "<html" not in answer.content.decode()


def test_the_form_costs_the_same_for_1_and_for_many(desk, office, cases):
    def cost(verb, chosen):
        with CaptureQueriesContext(connection) as spent:
            desk.get("/batch/", {"do": verb, "case": ids(chosen)}, **HTMX)
        return len(spent)

    for verb in ("sign", "dispatch", "remind", "take"):
        assert cost(verb, cases[:1]) == cost(verb, cases)


def test_who_may_do_nothing_to_many_gets_no_boxes(office, member, seat, browser_of, cases):
    assert 'class="pick"' in browser_of(seat).get("/cases/").content.decode()
    assert 'class="pick"' not in browser_of(member("analyst")).get("/cases/").content.decode()
