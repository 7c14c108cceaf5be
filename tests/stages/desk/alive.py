"""What a demo street must have at any hour for its desk to be worth looking at."""

from collections import Counter
from datetime import datetime, timedelta

from jiesu.cases.models import Case, Event
from jiesu.rules.workflow import Stage

REACHED = {
    Stage.TO_SIGN, Stage.SIGNED, Stage.TO_DISPATCH, Stage.SEND_BACK_PENDING, Stage.SENT_BACK,
    Stage.HANDLING, Stage.EXTENSION_PENDING, Stage.REVIEWING, Stage.CLOSED,
}  # fmt: skip


def assert_alive(at: datetime) -> None:
    stands = Counter(Case.objects.values_list("stage", flat=True))
    open_cases = Case.objects.open()
    handled = open_cases.at(Stage.HANDLING)
    assert set(stands) >= REACHED
    assert 3 <= stands[Stage.TO_SIGN] <= 7
    assert 3 <= stands[Stage.SIGNED] + stands[Stage.TO_DISPATCH] <= 12
    assert 90 <= stands[Stage.HANDLING] <= 190
    assert stands[Stage.REVIEWING] >= 9
    assert stands[Stage.EXTENSION_PENDING] >= 3
    assert stands[Stage.SEND_BACK_PENDING] >= 2
    assert stands[Stage.CLOSED] > 650
    assert Case.objects.at(Stage.TO_SIGN).latest("arrived_at").arrived_at > at - timedelta(
        minutes=15
    )
    late, soon = handled.late(at).count(), handled.due_before(at + timedelta(hours=2)).count()
    assert 3 <= late < 45
    assert late + 2 <= soon
    assert soon + 5 <= handled.due_before(at + timedelta(hours=8)).count()
    assert Case.objects.filter(arrival=2).count() >= 5
    assert Case.objects.filter(dispatched_at__gt=at).count() == 0
    assert Event.objects.filter(at__gt=at).count() == 0
