"""Call-back results: matched by number, kept once, corrected beside the old."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from jiesu.assessment import queries
from jiesu.assessment.models import Result, StandingFact
from jiesu.rules.moments import BEIJING
from jiesu.rules.rates import Basis
from jiesu.rules.workflow import Action
from tests.factories.orders import make_case
from tests.stages.assessment.conftest import AT, BAD, GOOD, SILENT, number

DISPATCHED = datetime(2026, 9, 25, 9, tzinfo=BEIJING)


def counts(tally):
    return tally.new, tally.corrected, tally.unchanged, tally.refused


def score(office, basis=Basis.FULL):
    return queries.book(office, "2026-10", AT + timedelta(days=9)).rates(basis).score


def test_a_file_is_taken_once(office, take):
    first = take((number(1), *GOOD), (number(2), *BAD))
    again = take((number(1), *GOOD), (number(2), *BAD))

    assert (counts(first), counts(again)) == ((2, 0, 0, 0), (0, 0, 2, 0))
    assert (Result.objects.count(), score(office)) == (2, 55)


def test_a_later_word_is_a_correction_beside_the_old(office, take):
    case = make_case(office, number=number(2), at=DISPATCHED)
    take((number(1), *GOOD), (number(2), *BAD))
    tally = take((number(1), *GOOD), (number(2), *GOOD), name="更正.xlsx")

    old, new = Result.objects.filter(number=number(2))
    assert (counts(tally), score(office)) == ((0, 1, 1, 0), 100)
    assert (old.satisfied, new.satisfied, new.corrects) == ("unsatisfied", "satisfied", old)
    told = [e.facts["satisfied"] for e in case.events.filter(action=Action.UPPER_RESULT)]
    assert told == ["unsatisfied", "satisfied"]


def test_the_earlier_file_again_is_no_correction(office, take):
    take((number(2), *BAD))
    take((number(2), *GOOD), name="更正.xlsx")

    assert (counts(take((number(2), *BAD))), score(office)) == ((0, 0, 1, 0), 100)


def test_of_two_rows_about_one_order_the_later_call_holds(office, take):
    tally = take((number(1), *BAD), (number(1), *GOOD))

    assert (counts(tally), tally.repeated, score(office)) == ((1, 0, 0, 0), 1, 10)


def test_an_order_that_is_not_here_counts_and_is_listed(office, take):
    make_case(office, number=number(1), at=DISPATCHED)

    tally = take((number(1), *GOOD), (number(7), *BAD), (number(8), *SILENT))

    assert (tally.unmatched, tally.unmatched_numbers) == (2, [number(7), number(8)])
    assert score(office) == 55


def test_without_a_cycle_the_dispatch_time_decides(office, take):
    make_case(office, number=number(1), at=datetime(2026, 10, 19, 0, 1, tzinfo=BEIJING))

    tally = take((number(1), *GOOD), (number(2), *GOOD), cycle=None)

    assert tally.cycles == {"2026-11": 1, "2026-10": 1}


def test_what_the_city_takes_out_leaves_the_other_basis_alone(office, take):
    out = (*BAD[:6], "是", "")
    take((number(1), *GOOD), (number(2), *out))

    assert (score(office), score(office, Basis.EXCL)) == (55, 100)
    fact = StandingFact.objects.get()
    assert (fact.standing, fact.reason, fact.reference) == (
        "exempt", "上级明细标为“不计入三率”", "明细.xlsx 第 3 行",
    )  # fmt: skip


@pytest.mark.parametrize("model", [Result, StandingFact])
def test_the_database_refuses_to_rewrite_what_was_told(office, take, model):
    take((number(2), *BAD[:6], "是", ""))

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        model.objects.update(number="热线-260925-999999")
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        model.objects.all()._raw_delete("default")
