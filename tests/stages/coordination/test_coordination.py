"""The hard ones: four questions in their order, a whistle with its clock, and what nobody owns decided on record."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from jiesu.cases.models import Case
from jiesu.coordination import actions, jobs, queries
from jiesu.coordination.models import Coordination
from jiesu.dispatch import actions as dispatching
from jiesu.evidence.models import Evidence
from jiesu.rules.clocks import ClockKind
from jiesu.rules.coordinating import Able
from jiesu.rules.workflow import Action
from tests.factories.acting import open_form, send, sentences
from tests.factories.orders import make_case, signed

DUE = timedelta(days=2)


@pytest.fixture
def units(office):
    """Units by their role; the community of the case is 西木楼社区."""
    found = {unit.role_code: unit for unit in office.units.exclude(kind="community")}
    return found | {"community": office.units.get(name="西木楼社区")}


@pytest.fixture
def case(office, seat, units):
    return signed(make_case(office, community=units["community"]), seat)


def minute(at):
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def running(case):
    return set(case.clocks.filter(stopped_at=None).values_list("kind", flat=True))


def ask(desk, case, able, *units):
    return send(
        desk, "coordinating:able", case, able=able, asked=[unit.code for unit in units], person="负责人",
        words="人手和设备都有" if able == "yes" else "不在职责内",
    )  # fmt: skip


def test_the_questions_come_in_their_order_and_end_in_a_dispatch(case, seat, units, browser_of):
    desk = browser_of(seat)

    wrong = ask(desk, case, "no")
    first = open_form(desk, "coordinating:able", case).content.decode()
    ask(desk, case, "no", units["community"])
    ask(desk, case, "no", units["LIVELIHOOD"])
    third = open_form(desk, "coordinating:able", case).content.decode()
    ask(desk, case, "yes", units["URBAN"], units["LIVELIHOOD"])
    end = open_form(desk, "coordinating:able", case).content.decode()
    send(
        desk, "coordinating:able", case, unit=units["URBAN"].code, assisting=[units["LIVELIHOOD"].code],
        due_at=minute(timezone.now() + DUE),
    )  # fmt: skip

    case.refresh_from_db()
    assert sentences(wrong) == ["请勾选问了哪个单位。"]
    assert (Able.COMMUNITY.label in first, Able.SECTIONS.label in third) == (True, True)
    assert "按结论派转" in end
    assert (case.stage, case.unit) == ("handling", units["URBAN"])
    asked = case.events.filter(action=Action.ASK_ABLE)
    assert list(asked.values_list("facts__question", "facts__able")) == [
        ("community", False), ("section", False), ("sections", True),
    ]  # fmt: skip
    assert case.events.get(action=Action.DISPATCH).facts["able"] == "sections"
    assert queries.answers(case) == []  # what comes next would be a new round


def test_the_fourth_question_whistles_and_who_is_whistled_for_must_report_in(case, seat, units):
    at = timezone.now()
    told = {"person": "负责人", "words": "理由", "actor": seat, "at": at}
    for unit in ("community", "LIVELIHOOD", "URBAN"):
        actions.answer(case, able=False, asked=[units[unit]], **told)
    actions.answer(case, able=True, asked=[units["URBAN"]], **told)

    actions.whistle(
        case, departments="区消防救援支队", whistle="emergency", unit=units["URBAN"], due_at=at + DUE,
        actor=seat, at=at,
    )  # fmt: skip
    clock = case.clocks.get(kind=ClockKind.REPORT_IN)
    actions.report_in(case, words="支队已到场，约定今晚联合检查。", actor=seat, at=at)

    assert clock.due_at - clock.started_at == timedelta(minutes=30)
    assert ClockKind.REPORT_IN not in running(case)
    with pytest.raises(actions.Unsettled, match="没有等待报到"):
        actions.report_in(case, words="再来一次", actor=seat, at=at)


def test_what_nobody_owns_is_heard_and_decided_by_a_leader(
    case, seat, units, member, browser_of, tmp_path
):
    desk, leader = browser_of(seat), member("leader")
    paper = tmp_path / "界桩.png"
    Image.new("RGB", (8, 8)).save(paper)

    send(desk, "coordinating:coordinate", case, question="铁路与街道各说不归自己。")
    case.refresh_from_db()
    coordinated = running(case)
    with paper.open("rb") as file:
        send(
            desk, "coordinating:state", case, unit=units["URBAN"].code, person="王科", stance="not_ours",
            words="界桩在铁路一侧。", said_at=minute(timezone.now() - timedelta(minutes=5)), files=file,
        )  # fmt: skip
    refused = send(desk, "coordinating:settle", case, outcome="dispatched", decision="由城管办办。")
    page = browser_of(leader).get(reverse("coordination:queue")).content.decode()
    empty = send(
        browser_of(leader),
        "coordinating:settle",
        case,
        outcome="dispatched",
        decision="由城管办办。",
    )
    send(
        browser_of(leader), "coordinating:settle", case, outcome="reported", decision="报区园林局。"
    )
    reported = running(Case.objects.get(pk=case.pk))
    send(
        browser_of(leader), "coordinating:settle", case, outcome="dispatched", decision="区里定由城管办牵头。",
        unit=units["URBAN"].code, due_at=minute(timezone.now() + DUE),
    )  # fmt: skip

    case.refresh_from_db()
    one = Coordination.objects.get()
    assert (ClockKind.COORDINATE in coordinated, ClockKind.DISPATCH in coordinated) == (True, False)
    assert refused.status_code == 403
    assert case.number in page or case.title in page
    assert sentences(empty) == ["定主办派转的，请选择主办单位和内部截止。"]
    assert (ClockKind.COORDINATE in reported, ClockKind.ANSWER in reported) == (False, True)
    assert (case.stage, case.unit, one.settled_by, one.outcome) == (
        "handling",
        units["URBAN"],
        leader,
        "dispatched",
    )
    said = one.statements.get()
    assert (said.unit, said.person, said.files) == (
        units["URBAN"],
        "王科",
        [Evidence.objects.get().pk],
    )
    assert case.events.get(action=Action.DISPATCH).facts["decided_by"] == leader.name
    assert running(case) & {ClockKind.COORDINATE, ClockKind.ANSWER} == set()


def test_a_case_that_went_on_by_another_road_is_no_longer_coordinated(case, seat, units):
    actions.coordinate(case, question="说不清归谁。", actor=seat, at=timezone.now())
    dispatching.dispatch(
        case, unit=units["URBAN"], due_at=timezone.now() + DUE, actor=seat, at=timezone.now()
    )

    jobs.moved(event=case.events.get(action=Action.DISPATCH).pk)

    assert Coordination.objects.get().outcome == "elsewhere"
    assert ClockKind.COORDINATE not in running(case)
