"""反水: 满意 to the street, then 不满意 to the city: by the results that came, else by the export."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jiesu.cases import transitions
from jiesu.followup import actions, queries, reversals
from jiesu.followup.models import CallBack
from jiesu.ledger import queries as ledger
from jiesu.ledger.register import SHEETS
from jiesu.rules.workflow import Action
from tests.stages.followup.test_calling import BAD, GOOD

HOUR = timedelta(hours=1)


@pytest.fixture
def street(seat):
    """The street called so many hours ago."""

    def call(case, ago, verdict="passed", **answers):
        at = timezone.now() - ago * HOUR
        actions.call_back(
            case, verdict=verdict, called_at=at, actor=seat, at=at, words="照原话记", **(GOOD | answers)
        )  # fmt: skip

    return call


def city(case, satisfied, ago, *, valid=True):
    """What the assessment's import leaves on the record."""
    at = timezone.now() - ago * HOUR
    transitions.record(
        case, Action.UPPER_RESULT, actor=None, at=at, cycle="2026-10", valid=valid, contacted="yes",
        solved="solved", satisfied=satisfied, called_back_at=at.isoformat(),
    )  # fmt: skip


def turned():
    return CallBack.objects.filter(reversals.turned()).count()


@pytest.mark.parametrize(
    ("steps", "many"),
    [
        pytest.param([("street", GOOD, 5), ("city", "unsatisfied", 3)], 1, id="先满意后不满意"),
        pytest.param([("street", GOOD, 5), ("city", "basic", 3)], 0, id="上级基本满意"),
        pytest.param([("city", "unsatisfied", 5), ("street", GOOD, 3)], 0, id="街道后来才问到满意"),
        pytest.param([("street", BAD, 5), ("city", "unsatisfied", 3)], 0, id="两次都不满意"),
        pytest.param([("street", GOOD, 6), ("street", BAD, 5), ("city", "unsatisfied", 3)], 0, id="街道自己已知不满意"),
        pytest.param([("street", BAD, 6), ("street", GOOD, 5), ("city", "unsatisfied", 3)], 1, id="重办后满意又反水"),
        pytest.param([("street", GOOD, 5), ("city", "unsatisfied", 3), ("city", "satisfied", 2)], 0, id="上级更正为满意"),
        pytest.param([("street", GOOD, 5), ("city", "satisfied", 3), ("city", "unsatisfied", 2)], 1, id="上级更正为不满意"),
    ],
)  # fmt: skip
def test_what_is_a_reversal(waiting, street, steps, many):
    case = waiting(ago=timedelta(hours=9))
    for who, said, ago in steps:
        if who == "street":
            again = said is BAD
            street(case, ago, "again" if again else "passed", **said)
        else:
            city(case, said, ago)

    assert turned() == many


def test_an_invalid_call_from_above_says_nothing_and_the_newest_word_goes_before_the_export(
    waiting, street
):
    silent = waiting(ago=timedelta(hours=9))
    exported = waiting(ago=timedelta(hours=9), extra={"是否满意": "不满意"})
    corrected = waiting(ago=timedelta(hours=9), extra={"是否满意": "不满意"})
    for case in (silent, exported, corrected):
        street(case, 5)
    city(silent, "unsatisfied", 3, valid=False)
    city(corrected, "satisfied", 3)

    assert list(CallBack.objects.filter(reversals.turned()).values_list("case", flat=True)) == [
        exported.pk
    ]


def test_a_case_turned_round_is_called_again_first_and_so_are_the_others_of_its_caller(
    waiting, street, seat
):
    phone = "12900003333"
    case = waiting(ago=timedelta(hours=9), requester_phone=phone)
    other = waiting(ago=timedelta(hours=9), requester_phone=phone)
    street(case, 5)
    assert [one.facts["id"] for one in queries.queue(seat, timezone.now())] == [other.pk]

    city(case, "unsatisfied", 3)

    found = {
        one.facts["id"]: [r.words for r in one.reasons]
        for one in queries.queue(seat, timezone.now())
    }
    assert found[case.pk][0] == "街道回访时说满意，上级回访时说不满意"
    assert found[other.pk][0] == "同一来电人 1 次先说满意、后说不满意"

    street(case, 1)
    assert case.pk not in [one.facts["id"] for one in queries.queue(seat, timezone.now())]


def test_the_ledgers_read_what_the_city_heard(waiting, street, seat):
    case = waiting(ago=timedelta(hours=9), extra={"是否满意": "满意", "是否解决": "是"})
    street(case, 5)
    city(case, "unsatisfied", 3)
    cases = ledger.chosen(seat, ledger.read_filter({}, seat), timezone.now())

    def row(kind):
        sheet = SHEETS[kind]
        cells = next(ledger.cells(sheet, ledger.raw(sheet, cases, timezone.now())))
        return dict(zip([column.title for column in sheet.columns], cells, strict=True))

    assert row("rates")["反水"] == "反水"
    assert [row("cases")[f"上级回访·{asked}"] for asked in ("是否联系", "是否解决", "是否满意")] == [
        "已联系", "已解决", "不满意",
    ]  # fmt: skip
