"""The case page: what it gathers, what it costs, what it lets one do, and what it keeps covered."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jiesu.cases import sealing, transitions
from jiesu.cases.models import Case, Event
from jiesu.catalogue.queries import rules_at
from jiesu.desk.case_actions import TABLE
from jiesu.handling import actions as handling
from jiesu.intake import actions as signing
from jiesu.org.models import Member
from jiesu.rules.workflow import Action, Stage
from tests.factories.answers import unnumbered
from tests.factories.orders import dispatched, make_case, signed

PIECE = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "case"}
RESULT = "已联系诉求人，现场核实并已修复。"


@pytest.fixture
def people(member):
    return {
        role: member(role) for role in ("seat", "reviewer", "handler", "head", "leader", "analyst")
    }


@pytest.fixture
def helper(member):
    return member("handler", "URBAN")


@pytest.fixture
def at_stage(office, people, helper):
    """Make a case and take it to a stage by the real verbs."""
    unit = office.units.get(role_code="LIVELIHOOD")

    def make(stage: Stage) -> Case:
        now = timezone.now()
        seat, handler, reviewer = people["seat"], people["handler"], people["reviewer"]
        case = make_case(office)
        if stage == Stage.TO_SIGN:
            return case
        if stage in {Stage.SEND_BACK_PENDING, Stage.SENT_BACK}:
            reason = rules_at(office, now).send_back_reasons[0].code
            signing.send_back(case, reason=reason, proof="地图", actor=seat, at=now)
            if stage == Stage.SENT_BACK:
                signing.answer(case, granted=True, actor=seat, at=now)
            return case
        signed(case, seat)
        if stage == Stage.SIGNED:
            return case
        dispatched(case, seat, unit, assisting=(helper.unit,))
        if stage == Stage.HANDLING:
            return case
        handling.contact(
            case,
            contacted_at=timezone.now(),
            channel="phone",
            outcome="reached",
            actor=handler,
            at=timezone.now(),
        )
        if stage == Stage.EXTENSION_PENDING:
            until = now + timedelta(days=6)
            handling.extend(
                case, until=until, reason="等配件", told_requester=True, actor=handler, at=now
            )
            return case
        handling.submit(case, result=RESULT, actor=handler, at=timezone.now())
        if stage == Stage.REVIEWING:
            return case
        handling.review(case, passed=True, actor=reviewer, at=timezone.now())
        if stage == Stage.CLOSED:
            handling.close(case, actor=reviewer, at=timezone.now())
        return case

    return make


def one(client, case, **headers):
    return client.get(f"/cases/{case.number}/", **headers).context["one"]


@pytest.mark.parametrize(
    ("stage", "role", "label"),
    [
        (Stage.TO_SIGN, "seat", "签收"),
        (Stage.SIGNED, "seat", "派转"),
        (Stage.SEND_BACK_PENDING, "seat", "登记平台答复"),
        (Stage.HANDLING, "handler", "接单"),
        (Stage.HANDLING, "seat", None),
        (Stage.EXTENSION_PENDING, "leader", "审批延期"),
        (Stage.REVIEWING, "reviewer", "审核"),
        (Stage.STREET_CALL_BACK, "seat", "回访"),
        (Stage.CLOSED, "seat", None),
        (Stage.TO_SIGN, "analyst", None),
    ],
)
def test_the_one_filled_button_is_the_next_step(at_stage, people, browser_of, stage, role, label):
    case = at_stage(stage)

    first = one(browser_of(people[role]), case).bar.first

    assert (first.label if first else None) == label


def test_after_accepting_the_result_comes_next(at_stage, people, browser_of):
    case = at_stage(Stage.HANDLING)
    handling.accept(case, actor=people["handler"], at=timezone.now())

    bar = one(browser_of(people["handler"]), case).bar

    assert bar.first.label == "提交结果"
    assert "接单" not in {button.label for button in bar.others + bar.more}


def test_an_assisting_unit_reports_and_does_not_submit(at_stage, helper, browser_of):
    case = at_stage(Stage.HANDLING)
    handling.accept(case, actor=helper, at=timezone.now())

    bar = one(browser_of(helper), case).bar

    assert bar.first.label == "协办反馈"
    assert not {"提交结果", "申请延期", "退派"} & {button.label for button in bar.others + bar.more}


@pytest.mark.parametrize(
    "stage", [Stage.TO_SIGN, Stage.SIGNED, Stage.HANDLING, Stage.REVIEWING, Stage.CLOSED]
)
def test_every_button_has_a_key_of_its_own_and_a_form_behind_it(
    at_stage, people, browser_of, stage
):
    case = at_stage(stage)

    for who in people.values():
        client = browser_of(who)
        answer = client.get(f"/cases/{case.number}/")
        if answer.status_code == 404:
            continue
        bar = answer.context["one"].bar
        buttons = [button for button in (bar.first, *bar.others, *bar.more) if button]
        keys = [button.key for button in buttons]
        assert len(keys) == len(set(keys))
        for button in buttons:
            if button.asks:
                assert client.get(button.url).status_code == 200, button.label


def test_every_key_of_the_table_is_one_sign_and_every_action_is_named_once():
    actions = [action for choice in TABLE for action in choice.actions]

    assert all(len(choice.key) == 1 for choice in TABLE)
    assert len(actions) == len(set(actions))


def test_a_press_signs_without_javascript_and_shows_the_case_as_it_now_is(
    at_stage, people, browser_of
):
    case = at_stage(Stage.TO_SIGN)
    client = browser_of(people["seat"])
    first = one(client, case).bar.first

    page = client.post(first.url, {"once": first.once}, follow=True)
    again = client.post(first.url, {"once": first.once}, follow=True)

    assert page.context["case"].stage == Stage.SIGNED
    assert page.context["one"].bar.first.label == "派转"
    assert "已经提交过" in again.content.decode()
    assert Event.objects.filter(case=case, action=Action.SIGN).count() == 1


def test_the_page_costs_the_same_whatever_its_history(at_stage, people, browser_of):
    case = at_stage(Stage.HANDLING)
    costs = {}
    for name in ("seat", "handler"):
        client = browser_of(people[name])
        with CaptureQueriesContext(connection) as short:
            client.get(f"/cases/{case.number}/")
        costs[name] = len(short)
    for n in range(60):
        handling.progress(case, note=f"第 {n} 次进展", actor=people["handler"], at=timezone.now())

    for name, cost in costs.items():
        client = browser_of(people[name])
        with CaptureQueriesContext(connection) as long:
            page = client.get(f"/cases/{case.number}/")
        assert len(long) == cost
        assert len(page.context["one"].lines) == 50
    assert len(client.get(page.context["whole_url"]).context["one"].lines) > 60


def test_a_foreign_case_and_a_missing_one_look_exactly_alike(at_stage, member, browser_of):
    case = at_stage(Stage.HANDLING)
    client = browser_of(member("handler", "SAFETY"))
    addresses = ["/", "/1/", "/reveal/", "/sign/", "/dispatch/", "/evidence/", "/note/"]

    for tail in addresses:
        foreign = client.get(f"/cases/{case.number}{tail}")
        missing = client.get(f"/cases/热线-000000-000000{tail}")
        assert foreign.status_code == missing.status_code, tail
        assert unnumbered(foreign.content) == unnumbered(missing.content), tail
        assert foreign.status_code in {403, 404, 405}
    assert client.get(f"/cases/{case.number}/").status_code == 404


def test_a_case_of_another_office_is_missing(at_stage, office, browser_of, people):
    case = at_stage(Stage.TO_SIGN)
    other = type(office).objects.create(code="110108099", name="另一街道", district="海淀区")
    unit = other.units.create(code="request", name="诉求中心", kind="centre")
    stranger = Member.objects.create_member(
        office=other, unit=unit, username="stranger", name="外", role="seat"
    )

    assert browser_of(stranger).get(f"/cases/{case.number}/").status_code == 404
    assert browser_of(stranger).get("/cases/?stage=all").context["page"].rows == []


def test_htmx_gets_the_case_alone(at_stage, people, browser_of):
    case = at_stage(Stage.HANDLING)

    body = browser_of(people["seat"]).get(f"/cases/{case.number}/", **PIECE).content.decode()

    assert "<html" not in body
    assert f'data-case="{case.pk}"' in body
    assert f"<title>{case.title}" in body


def test_nothing_chosen_says_choose(at_stage, people, browser_of):
    at_stage(Stage.TO_SIGN)

    assert "从左边选一件" in browser_of(people["seat"]).get("/cases/").content.decode()


def test_the_road_shows_who_left_each_part_and_after_how_long(office, people, browser_of):
    at = timezone.now() - timedelta(minutes=30)
    case = make_case(office, at=at)
    signed(case, people["seat"], at=at + timedelta(minutes=3))

    steps = one(browser_of(people["seat"]), case).steps

    assert [(step.label, step.state) for step in steps] == [
        ("签收", "done"), ("派转", "now"), ("办理", ""), ("审核", ""), ("回访", ""), ("办结", ""),
    ]  # fmt: skip
    assert steps[0].rest == f"{people['seat'].short} · 3 分"


def test_an_imported_end_invents_no_steps(office, seat, browser_of):
    ended = Case.objects.create(
        office=office, number="热线-261101-000001", title="来单已办结", stage=Stage.CLOSED, steps=1,
        dispatched_at=timezone.now(), result="已解决",
    )  # fmt: skip
    Event.objects.create(
        office=office, case=ended, step=1, action=Action.ARRIVE_FINISHED, before=None, after=Stage.CLOSED,
        moved=True, at=timezone.now(), note="已解决",
    )  # fmt: skip

    page = one(browser_of(seat), ended)

    assert [step.state for step in page.steps] == ["", "", "", "", "", "done"]
    assert [line.said for line in page.lines] == ["导入：来单时已办结"]


def test_the_record_is_told_in_sentences(at_stage, people, helper, browser_of):
    case = at_stage(Stage.CLOSED)

    lines = one(browser_of(people["seat"]), case).lines

    assert [(line.who, line.said) for line in lines] == [
        (people["reviewer"].name, "办结"),
        (people["reviewer"].name, "审核通过"),
        (people["handler"].name, "民生保障办公室 提交办理结果"),
        (people["handler"].name, "联系诉求人：电话，已联系上"),
        (people["seat"].name, "派给 民生保障办公室，协办 城市管理办公室"),
        (people["seat"].name, "初核：由本街道办理"),
        (people["seat"].name, "签收"),
        ("系统", "工单到达（市派单）"),
    ]
    assert (lines[1].before, lines[1].after) == ("待审核", "街道回访")


def test_a_correction_shows_before_and_after_with_people_covered(at_stage, people, browser_of):
    case = at_stage(Stage.TO_SIGN)
    place = case.office.units.filter(kind="community").first()
    transitions.record(
        case, Action.CORRECT, actor=None, at=timezone.now(),
        changes={"title": ["旧题", "新题"], "requester_phone": ["12000000001", "12000000002"],
                 "community_id": [None, place.pk], "unheard_of": ["a", "b"]},
    )  # fmt: skip

    (line, _) = one(browser_of(people["seat"]), case).lines

    assert sorted(line.changes) == sorted([
        ("标题", "旧题", "新题"), ("联系电话", "120****0001", "120****0002"), ("社区", "空", place.name),
        ("unheard_of", "a", "b"),
    ])  # fmt: skip


def test_people_are_covered_until_somebody_says_why(at_stage, people, browser_of):
    case = at_stage(Stage.HANDLING)
    client = browser_of(people["handler"])
    address = f"/cases/{case.number}/reveal/"

    page = client.get(f"/cases/{case.number}/").content.decode()
    empty = client.post(address, {"why": "visit", "reason": " "})
    shown = client.post(address, {"why": "visit", "reason": "上门前联系"})

    phone = sealing.originals(case)["requester_phone"]
    assert phone not in page
    assert "赵*" in page
    assert empty.status_code == 422
    assert phone not in empty.content.decode()
    assert phone in shown.content.decode()
    looked = Event.objects.get(case=case, action=Action.REVEAL)
    assert (looked.actor, looked.note, looked.moved) == (
        people["handler"],
        "上门或现场核实：上门前联系",
        False,
    )
    assert phone not in client.get(f"/cases/{case.number}/").content.decode()


def test_who_only_analyses_uncovers_nobody(at_stage, people, browser_of):
    case = at_stage(Stage.HANDLING)
    client = browser_of(people["analyst"])

    assert client.post(f"/cases/{case.number}/reveal/", {"reason": "看看"}).status_code == 403
    assert "查看并留痕" not in client.get(f"/cases/{case.number}/").content.decode()


def test_an_earlier_arrival_is_linked_and_only_read(office, seat, browser_of):
    first = make_case(office, title="第一次")
    second = make_case(office, number=first.number, arrival=2, previous=first, title="第二次")
    client = browser_of(seat)

    newest = client.get(f"/cases/{first.number}/")
    earlier = client.get(f"/cases/{first.number}/1/")

    assert newest.context["case"] == second
    assert reverse("desk:arrival", args=[first.number, 1]) in newest.content.decode()
    assert earlier.context["case"] == first
    assert earlier.context["one"].bar.first is None
    assert client.get(f"/cases/{first.number}/3/").status_code == 404
    assert client.get(f"/cases/{first.number}/{'9' * 30}/").status_code == 404


def test_clocks_say_how_they_were_worked_out(at_stage, people, browser_of):
    case = at_stage(Stage.SIGNED)

    page = one(browser_of(people["seat"]), case)

    assert [clock.label for clock in page.running] == ["派转", "退回异议", "办理"]
    assert [clock.source for clock in page.running] == [
        "签收后派转时限",
        "签收后退回异议时限",
        "标签“普通”",
    ]
    assert [(clock.label, clock.overdue) for clock in page.stopped] == [("签收", False)]


def test_other_columns_and_odd_numbers_are_shown_as_they_came(office, seat, browser_of):
    case = make_case(office, extra={"剔挂标签": "无", "是否限额": None, "7": 3})

    page = one(browser_of(seat), case)

    assert page.extra == [("7", "3"), ("剔挂标签", "无"), ("是否限额", "")]


def test_a_number_nobody_could_have_is_missing(office, seat, browser_of):
    client = browser_of(seat)

    for number in ("%00", "a%00b", "x" * 3000, "..", "%F0%9F%A6%8A"):
        assert client.get(f"/cases/{number}/").status_code == 404
