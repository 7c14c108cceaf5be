"""派单响应: many seats press 签收 on the same cases at once; each case is signed once, everyone is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.cases.models import Case, Event
from jiesu.cases.transitions import Moved
from jiesu.intake import actions
from jiesu.rules.workflow import Action, NotAllowed, Stage
from tests.factories.orders import make_case

THREADS, CASES = 8, 50


@pytest.mark.django_db(transaction=True)
def test_eight_seats_fifty_cases_fifty_wins(office, member):
    cases = [make_case(office).pk for _ in range(CASES)]
    seats = [member("seat") for _ in range(THREADS)]
    announced_before = ProcrastinateJob.objects.count()
    start = Barrier(THREADS)

    def press(seat):
        won = told = 0
        try:
            for pk in cases:
                case = Case.objects.select_related("office").get(pk=pk)
                start.wait()
                try:
                    actions.sign(case, actor=seat, at=timezone.now())
                    won += 1
                except (Moved, NotAllowed):
                    told += 1
        finally:
            connection.close()
        return won, told

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(press, seats))

    assert sum(won for won, _ in outcomes) == CASES
    assert sum(told for _, told in outcomes) == THREADS * CASES - CASES
    assert Event.objects.filter(action=Action.SIGN).count() == CASES
    assert ProcrastinateJob.objects.count() - announced_before == CASES
    assert set(Case.objects.values_list("stage", flat=True)) == {Stage.SIGNED}
