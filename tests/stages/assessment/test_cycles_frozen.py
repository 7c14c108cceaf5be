"""A cycle that is closed stays as it was; what comes later stands beside it by name."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiesu.assessment import actions, page, queries
from jiesu.assessment.models import Frozen, Result, StandingFact
from jiesu.assessment.standings import NoReason, set_standing
from jiesu.catalogue.actions import RULE_SET, adopt_rule_set
from jiesu.rules.answers import Standing
from jiesu.rules.moments import BEIJING
from jiesu.rules.rates import Basis
from tests.factories.orders import make_case
from tests.stages.assessment.conftest import AT, BAD, GOOD, SILENT, number

AFTER = AT + timedelta(days=30)
FILES = st.lists(
    st.lists(
        st.tuples(st.integers(1, 6), st.sampled_from((GOOD, BAD, SILENT)), st.sampled_from("是否")),
        min_size=1, max_size=6, unique_by=lambda row: row[0],
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def rows(told):
    return [(number(n), *answer[:6], out, answer[7]) for n, answer, out in told]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(FILES, FILES)
def test_whatever_is_told_a_frozen_cycle_equals_its_events_and_stays(office, take, before, after):
    with transaction.atomic():
        for place, told in enumerate(before):
            take(*rows(told), name=f"前{place}.xlsx")
        frozen = actions.freeze(office, "2026-10", actor=None, at=AT)
        live = actions.worked_out(queries.book(office, "2026-10", AT))
        full = live["full"]
        for place, told in enumerate(after):
            take(*rows(told), name=f"后{place}.xlsx", at=AT + timedelta(days=1 + place))
        frozen.refresh_from_db()
        now = queries.book(office, "2026-10", AFTER)

        assert actions.worked_out(now) == frozen.figures == live
        assert actions.intact(frozen)
        assert now.corrected is None or page.corrections(frozen) != []
        laid_over = now.corrected or now
        anew = queries.live(office, now.cycle, now.rules, AFTER)
        assert actions.worked_out(laid_over) == actions.worked_out(anew)
        StandingFact.objects.bulk_create(
            StandingFact(
                office=office, cycle="2026-10", number=number(n), standing=Standing.OUTSIDE, since=AT,
                reason="任意", recorded_at=AT,
            )
            for n in range(1, 7)
        )  # fmt: skip
        assert actions.worked_out(queries.book(office, "2026-10", AFTER))["full"] == full
        assert (
            actions.worked_out(queries.live(office, now.cycle, now.rules, AFTER))["full"]
            == (actions.worked_out(laid_over)["full"])
        )
        transaction.set_rollback(True)


def test_a_cycle_is_frozen_once_when_it_is_over_and_something_is_known(office, take):
    with pytest.raises(actions.NotYet, match="还没有导入回访明细"):
        actions.freeze(office, "2026-10", actor=None, at=AT)
    take((number(1), *GOOD))
    with pytest.raises(actions.NotYet, match="10月18日 才结束"):
        actions.freeze(office, "2026-10", actor=None, at=datetime(2026, 10, 18, 23, tzinfo=BEIJING))
    actions.freeze(office, "2026-10", actor=None, at=AT)
    with pytest.raises(actions.NotYet, match="已经冻结"):
        actions.freeze(office, "2026-10", actor=None, at=AT)

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        Frozen.objects.update(digest="")


def test_a_new_rule_set_leaves_the_old_cycle_as_it_was(office, take):
    take((number(1), *GOOD), (number(2), *GOOD[:5], "基本满意", "否", ""))
    frozen = actions.freeze(office, "2026-10", actor=None, at=AT)
    harder = RULE_SET.read_text().replace('basic = "0.9"', 'basic = "0.5"')
    adopt_rule_set(office, harder.replace("2026-03-19", "2026-10-19"))
    take((number(3), *GOOD[:5], "基本满意", "否", ""), cycle="2026-11", name="十一月.xlsx")

    old, new = (queries.book(office, code, AFTER) for code in ("2026-10", "2026-11"))
    assert old.rates(Basis.FULL).satisfaction == Fraction(19, 20)
    assert new.rates(Basis.FULL).satisfaction == Fraction(1, 2)
    assert actions.intact(frozen)


def test_a_correction_after_the_freeze_is_named_and_shown_beside(office, take):
    take((number(1), *GOOD), (number(2), *BAD))
    frozen = actions.freeze(office, "2026-10", actor=None, at=AT)

    take((number(2), *GOOD), name="复核.xlsx", at=AT + timedelta(days=2))

    book = queries.book(office, "2026-10", AFTER)
    assert (book.rates(Basis.FULL).score, book.corrected.rates(Basis.FULL).score) == (55, 100)
    assert [(one.number, one.said, one.source) for one in page.corrections(frozen)] == [
        (number(2), "上级回访结果更正", "复核.xlsx 第 2 行")
    ]


def test_a_standing_is_a_fact_with_its_reason_and_since_when(office, member, take):
    case = make_case(office, number=number(2), at=datetime(2026, 9, 25, 9, tzinfo=BEIJING))
    take((number(1), *GOOD), (number(2), *BAD))
    reviewer, since = member("reviewer"), AT + timedelta(days=1)
    told = {"cycle": "2026-10", "since": since, "actor": reviewer, "at": AT}

    set_standing(case, Standing.RESPONSE_ONLY, reason="清单 E09", reference="申报 7 号", **told)

    early, later = (queries.book(office, "2026-10", at) for at in (AT, AFTER))
    assert (early.rates(Basis.EXCL).score, later.rates(Basis.EXCL).score) == (55, 100)
    assert later.rates(Basis.FULL).score == 55
    event = case.events.last()
    assert (event.action, event.note, event.facts["standing"], event.facts["before"]) == (
        "set_standing", "清单 E09", "response_only", "counted",
    )  # fmt: skip
    with pytest.raises(NoReason):
        set_standing(case, Standing.EXEMPT, reason=" ", **told)
    assert (Result.objects.count(), StandingFact.objects.count()) == (2, 1)
