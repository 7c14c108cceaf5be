"""The pages of the assessment: every number opens its list, both truths, a unit sees its own."""

import re
from datetime import datetime
from html import unescape

import pytest

from jiesu.assessment import actions, truths
from jiesu.cases import transitions
from jiesu.handling.actions import Outcome
from jiesu.org.models import Unit
from jiesu.rules.moments import BEIJING
from jiesu.rules.rates import Question
from jiesu.rules.workflow import Action
from tests.factories.orders import make_case
from tests.stages.assessment.conftest import AT, BAD, GOOD, SILENT, number

DISPATCHED = datetime(2026, 9, 25, 9, tzinfo=BEIJING)
LINK = re.compile(r'<td class="r num[^"]*"><a href="([^"]+)"[^>]*>(\d+)</a>')
CYCLE = "/assessment/?cycle=2026-10"


@pytest.fixture
def told(office, take):
    """Three units' orders, one of them not on record, one taken out by the city."""
    livelihood = Unit.objects.get(office=office, role_code="LIVELIHOOD")
    for n in (1, 2, 3):
        make_case(office, number=number(n), at=DISPATCHED, unit=livelihood)
    make_case(office, number=number(8), at=DISPATCHED)
    mine = livelihood.name
    take(
        (number(1), mine, *GOOD[1:]), (number(2), mine, *BAD[1:]), (number(3), mine, *SILENT[1:]),
        (number(4), *GOOD), (number(5), *BAD[:6], "是", "问题仍存在"),
    )  # fmt: skip
    return livelihood


@pytest.mark.parametrize("basis", ["full", "excl"])
@pytest.mark.parametrize("by", ["street", "unit", "community", "category", "person"])
def test_every_number_opens_exactly_its_list(told, member, browser_of, by, basis):
    client = browser_of(member("leader"))

    page = client.get(f"{CYCLE}&by={by}&basis={basis}").content.decode()

    numbers = [(unescape(url), int(text)) for url, text in LINK.findall(page)]
    assert len(numbers) > 5
    for url, many in numbers:
        listed = client.get(url).content.decode()
        assert listed.count("<tr data-row=") == many, url


def test_a_unit_sees_what_is_charged_to_it_and_no_more(told, member, browser_of):
    client = browser_of(member("handler", told.code))

    page = client.get(CYCLE).content.decode()
    listed = client.get("/assessment/lines/?cycle=2026-10").content.decode()

    assert "只列本单位" in page
    assert "综合办公室" not in page
    assert re.findall(r"热线-260925-00000\d", listed) == [number(n) for n in (1, 2, 3)]


def test_a_reviewer_freezes_the_cycle(told, member, browser_of):
    client = browser_of(member("reviewer"))

    client.post("/assessment/freeze/", {"cycle": "2026-10"})

    assert "核对一致" in client.get(CYCLE).content.decode()


def test_both_truths_stand_side_by_side_with_what_made_the_difference(
    told, office, member, browser_of
):
    case = office.cases.get(number=number(2))
    transitions.record(
        case, Action.CONTACT, actor=None, at=DISPATCHED, outcome=Outcome.REACHED.value, channel="phone"
    )  # fmt: skip

    found = truths.of_case(case, AT)
    page = browser_of(member("leader")).get(f"/cases/{case.number}/truths/").content.decode()

    contacted, solved, satisfied = found.sides
    assert (contacted.fact.said, contacted.assessed, contacted.differs) == (
        "已联系",
        "已联系",
        False,
    )
    assert (solved.assessed, solved.full, satisfied.assessed) == ("未解决", "计，得 0", "不满意")
    assert [step.said for step in found.steps] == ["已联系、未解决、不满意"]
    assert "明细.xlsx 第 3 行：问题仍存在" in page


def test_the_streets_own_call_back_is_the_records_fact(office, told):
    case = office.cases.get(number=number(2))
    event = case.events.last()
    event.action, event.facts = truths.CALL_BACK, {"solved": "solved", "satisfied": "unrated"}

    facts = truths.of_record([event])

    assert (facts[Question.SOLUTION].said, facts[Question.SOLUTION].source) == (
        "已解决",
        "街道回访",
    )
    assert facts[Question.SATISFACTION] is truths.NOTHING


def test_files_come_with_the_same_figures(told, member, browser_of):
    actions.freeze(told.office, "2026-10", actor=None, at=AT)
    client = browser_of(member("analyst"))

    whole = client.get("/assessment/xlsx/?cycle=2026-10")
    part = client.get("/assessment/lines/xlsx/?cycle=2026-10&pick=unsolved")

    assert (whole.content[:2], part.content[:2]) == (b"PK", b"PK")
    assert "filename" in whole.headers["Content-Disposition"]


def test_what_the_unit_reported_is_the_records_fact_until_somebody_called_back(office, told):
    case = office.cases.get(number=number(2))
    event = case.events.last()
    event.action, event.note = Action.SUBMIT, "【权属】街道。【已联系】…【已解决】已更换。"

    (contacted, solved, _) = truths.of_record([event]).values()

    assert (contacted.said, solved.said, solved.source) == (
        "没有记录", "已解决", "承办单位提交的办理结果",
    )  # fmt: skip
