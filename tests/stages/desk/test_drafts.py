"""Drafts: kept for one member and one form, gone with the action, and never more than that."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from jiesu.desk import drafts
from jiesu.desk.models import Draft
from jiesu.rules.workflow import Action
from tests.factories.acting import open_form, send
from tests.factories.orders import dispatched, make_case

TEXT = "已到现场，三单元水管接头渗漏。"


@pytest.fixture
def case(office, seat):
    return dispatched(make_case(office), seat, office.units.get(role_code="LIVELIHOOD"))


@pytest.fixture
def handler(member):
    return member("handler")


@pytest.fixture
def desk(handler, browser_of):
    return browser_of(handler)


def form_of(case, address="handling:progress"):
    return reverse(address, args=[case.number]).replace("%E7%83%AD%E7%BA%BF", "热线")


def keep(browser, address, values=None, **more):
    told = {
        "address": address,
        "title": "办理进展",
        "values": json.dumps(values or {"note": [TEXT]}),
    }
    return browser.post("/drafts/", told | more)


def test_a_draft_comes_back_with_its_form_at_any_desk(case, handler, desk, browser_of):
    answer = keep(desk, form_of(case))

    assert answer.status_code == 200
    assert set(answer.json()) == {"saved", "at"}
    page = open_form(browser_of(handler), "handling:progress", case).content.decode()
    assert TEXT in page
    assert "data-draft-at=" in page


def test_a_later_save_takes_the_place_of_the_earlier(case, handler, desk):
    keep(desk, form_of(case))
    keep(desk, form_of(case), {"note": ["改过的话"]})

    assert [one.values for one in handler.drafts.all()] == [{"note": ["改过的话"]}]


def test_nobody_else_gets_it(case, desk, member, browser_of):
    keep(desk, form_of(case))

    colleague = browser_of(member("handler"))
    assert TEXT not in open_form(colleague, "handling:progress", case).content.decode()
    assert TEXT not in colleague.get("/drafts/").content.decode()
    colleague.post("/drafts/drop/", {"address": form_of(case)})
    assert Draft.objects.count() == 1


def test_it_goes_with_the_action(case, handler, desk):
    keep(desk, form_of(case))

    send(desk, "handling:progress", case, note=TEXT)

    assert handler.drafts.count() == 0


def test_it_stays_when_the_action_is_refused_or_the_form_is_wrong(case, handler, desk):
    keep(desk, form_of(case))

    send(desk, "handling:progress", case, note="")

    assert handler.drafts.count() == 1


def test_a_save_that_comes_after_its_form_was_sent_is_none(case, handler, desk):
    once = str(uuid4())
    send(desk, "handling:progress", case, note=TEXT, once=once)

    assert keep(desk, form_of(case), once=once).status_code == 204
    assert handler.drafts.count() == 0


@pytest.mark.parametrize(
    "address",
    ["/cases/热线-000000-000000/note/", "/nowhere/", "/password/", "/login/", "/cases/", "/drafts/",
     "javascript:alert(1)", "", "//elsewhere/x/", "/" + "x" * 300],
)  # fmt: skip
def test_only_forms_of_ours_that_the_member_may_open(desk, address, db):
    assert keep(desk, address).status_code == 404
    assert Draft.objects.count() == 0


def test_a_foreign_case_looks_like_none(office, seat, desk):
    foreign = dispatched(make_case(office), seat, office.units.get(role_code="URBAN"))

    assert keep(desk, form_of(foreign)).status_code == 404


@pytest.mark.parametrize(
    ("values", "status"),
    [
        pytest.param({"note": ["话" * 30_000]}, 413, id="太长"),
        pytest.param(["note"], 400, id="不是表"),
        pytest.param({"note": TEXT}, 400, id="不是列表"),
        pytest.param({"note": [1]}, 400, id="不是文字"),
    ],
)
def test_what_is_no_form_is_not_kept(case, desk, values, status):
    assert keep(desk, form_of(case), values).status_code == status
    assert Draft.objects.count() == 0


def test_broken_json_and_a_made_up_mark_are_not_kept(case, desk):
    assert desk.post("/drafts/", {"address": form_of(case), "values": "{"}).status_code == 400
    assert keep(desk, form_of(case), once="x").status_code == 400


def test_passwords_and_marks_are_left_out_and_odd_signs_do_no_harm(case, handler, desk):
    odd = {
        "note": ["一\x00二"],
        "new_password1": ["secret"],
        "once": ["x"],
        "csrfmiddlewaretoken": ["x"],
    }

    assert keep(desk, form_of(case), odd).status_code == 200
    assert handler.drafts.get().values == {"note": ["一二"]}


def test_a_lone_surrogate_is_no_error(case, desk):
    told = {"address": form_of(case), "title": "x", "values": '{"note": ["\\ud800"]}'}

    assert desk.post("/drafts/", told).status_code == 200


def test_one_member_keeps_so_many_the_newest(office, seat, browser_of, monkeypatch):
    monkeypatch.setattr(drafts, "MOST", 2)
    desk = browser_of(seat)
    cases = [make_case(office) for _ in range(3)]
    for one in cases:
        keep(desk, form_of(one, "handling:note"))

    assert {one.case_number for one in seat.drafts.all()} == {one.number for one in cases[1:]}


def test_a_week_later_it_is_gone(case, handler, desk, browser_of):
    keep(desk, form_of(case))
    old = timezone.now() - drafts.KEPT_FOR
    Draft.objects.update(saved_at=old - timedelta(minutes=1))

    assert "data-draft" not in open_form(desk, "handling:progress", case).content.decode()
    assert "没有草稿" in desk.get("/drafts/").content.decode()
    assert drafts.forget_old(timezone.now()) == 1
    assert Draft.objects.count() == 0


def test_the_list_leads_back_to_the_form_and_deletes(
    case, handler, desk, django_assert_max_num_queries
):
    keep(desk, form_of(case))

    with django_assert_max_num_queries(8):
        page = desk.get("/drafts/").content.decode()
    assert TEXT in page
    assert case.number in page
    assert f'href="{form_of(case)}"' in page
    answer = desk.post("/drafts/drop/", {"address": form_of(case)})
    assert answer.headers["Location"] == "/drafts/"
    assert handler.drafts.count() == 0


def test_a_visitor_has_no_drafts(client, db):
    assert client.get("/drafts/").headers["Location"].startswith("/login/")
    assert client.post("/drafts/", {"address": "/cases/x/note/", "values": "{}"}).status_code == 302


def test_what_was_noted_instead_takes_the_draft_along(case, handler, desk):
    keep(desk, form_of(case))

    send(desk, "handling:note", case, note=TEXT, instead_of=form_of(case))

    assert handler.drafts.count() == 0
    assert case.events.filter(action=Action.NOTE).count() == 1
