"""Lost points with their causes, what could still move the score, and a forecast that is tested."""

import json
from datetime import date, datetime, timedelta
from random import Random

import pytest

from jiesu.assessment import backtest, forecast, losses, queries, whatif
from jiesu.assessment.cycles import almanac
from jiesu.assessment.forecast import Chances
from jiesu.assessment.lines import Line
from jiesu.assessment.models import Backtest, LossNote
from jiesu.command import rates as command
from jiesu.command.words import Stopped
from jiesu.org.models import Unit
from jiesu.rules import causes
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.moments import BEIJING
from jiesu.rules.rates import Basis, Question
from tests.factories.orders import make_case
from tests.stages.assessment.conftest import AT, BAD, GOOD, number

DISPATCHED = datetime(2026, 9, 25, 9, tzinfo=BEIJING)


def of_cycle(office):
    return losses.of_book(queries.book(office, "2026-10", AT), Basis.FULL)


def test_every_lost_point_is_a_row_with_what_the_text_suggests(office, take):
    take(
        (number(1), *GOOD),
        (number(2), *BAD),
        (number(3), *GOOD[:2], "是", "否", "是", "满意", "否", ""),
    )

    told = [
        (one.line.number, one.question, float(one.points), one.hint.code)
        for one in of_cycle(office)
    ]

    third = 100 / 3
    assert told == [
        (number(2), Question.SOLUTION, pytest.approx(0.5 * third), "still_there"),
        (number(2), Question.SATISFACTION, pytest.approx(0.4 * third), "still_there"),
        (number(3), Question.RESPONSE, pytest.approx(0.1 * third), "not_contacted"),
    ]


def test_a_person_decides_the_cause_and_what_was_said_before_stays(
    office, member, take, browser_of
):
    take((number(2), *BAD))
    reviewer, unit = member("reviewer"), Unit.objects.filter(office=office).first()
    client = browser_of(reviewer)
    address = f"/assessment/losses/note/?cycle=2026-10&number={number(2)}"
    told = {
        "questions": ["solution", "satisfaction"],
        "measure": "三日内到现场",
        "owner": unit.pk,
        "due_on": "2026-11-01",
    }

    assert client.post(address, told | {"cause": "nothing"}).status_code == 422
    client.post(address, told | {"cause": "told_only"})
    client.post(address, told | {"cause": "coordination"})

    page = client.get("/assessment/losses/?cycle=2026-10").content.decode()
    (group,) = losses.groups(of_cycle(office))
    assert LossNote.objects.count() == 4
    assert (group.label, group.orders, group.measures) == ("多部门协调未果", 1, ("三日内到现场",))
    assert [one.note.due_on for one in of_cycle(office)] == [date(2026, 11, 1)] * 2
    assert "待定成因" not in page
    assert client.get("/assessment/losses/xlsx/?cycle=2026-10").content[:2] == b"PK"


def test_what_if_says_what_the_figures_would_be(office, member, take, browser_of):
    make_case(office, number=number(5), at=DISPATCHED)
    take((number(1), *GOOD), (number(2), *BAD))
    book = queries.book(office, "2026-10", AT)

    found = whatif.outlook(book, Basis.FULL)
    full, _ = whatif.turned(book, [number(2)])

    assert [(one.line.number, one.tag) for one in found.candidates] == [
        (number(2), "未解决"), (number(5), "待回访"),
    ]  # fmt: skip
    assert (full.now.score, full.then.score) == (55, 100)
    assert found.forecast.waiting == 1
    page = browser_of(member("leader")).get(f"/assessment/what-if/?cycle=2026-10&turn={number(2)}")
    assert "上升 45.00 分" in page.content.decode()


def test_nothing_left_to_call_leaves_nothing_to_guess(office, take):
    take((number(1), *GOOD), (number(2), *BAD))
    book = queries.book(office, "2026-10", AT)

    told = forecast.forecast(book.lines, book.method, Basis.FULL, Chances([book.lines]), {})

    score = told.spans["score"]
    assert (score.low, score.middle, score.high) == pytest.approx((55, 55, 55))


def made_up(office, months=6, orders=250):
    """Cycles whose orders end well with the same chance in each, by unit."""
    rng, days, found = Random(7), almanac(office), []
    for month in range(1, months + 1):
        cycle = days.named(f"2026-{month:02}")
        lines = []
        for n in range(orders):
            unit = f"单位{n % 8}"
            bad = rng.random() < 0.02 + 0.02 * (n % 8)
            lines.append(
                Line(
                    f"{month}-{n}", None, unit, None, "社区", "分类", "", n, None, rng.random() < 0.6, Contacted.YES,
                    Solved.UNSOLVED if bad else Solved.SOLVED,
                    Satisfied.UNSATISFIED if bad else Satisfied.SATISFIED, Standing.COUNTED,
                    dispatched_at=cycle.begins + (cycle.ends - cycle.begins) * n / orders,
                )
            )  # fmt: skip
        found.append((cycle, lines, days.rules(cycle).method))
    return found


def test_the_forecast_beats_the_figures_so_far_and_its_interval_holds(office):
    told = backtest.summary(backtest.run(made_up(office), draws=400))

    assert told["trials_many"] == 15
    assert told["error"] < told["error_so_far"]
    assert told["error"] < 1.5
    assert told["inside"] >= 0.6


def test_the_same_is_forecast_every_time(office):
    cycles = made_up(office, months=4)

    assert backtest.run(cycles, draws=100) == backtest.run(cycles, draws=100)


def test_the_command_keeps_what_it_found_for_the_page(
    office, member, browser_of, monkeypatch, capsys
):
    monkeypatch.setattr(backtest, "on_record", lambda office, at: made_up(office, months=4))
    asked = command.Namespace(what="backtest", street=None, file=None, json=True)

    command.run(asked)

    kept = Backtest.objects.get()
    page = browser_of(member("analyst")).get("/assessment/what-if/").content.decode()
    assert kept.told["cycles"] == 1
    assert f'平均差 <b class="num">{kept.told["error"]}</b> 分' in page
    assert '"error"' in capsys.readouterr().out


def test_a_longer_word_and_an_earlier_text_decide_the_suggestion():
    tree = losses.tree()

    assert causes.suggest(["多次反映未果"], tree)[0].code == "coordination"
    assert causes.suggest(["", "家里暖气不热"], tree)[0].code == "season"
    assert causes.suggest(["没有说什么"], tree) is None
    assert len({cause.code for cause in tree}) == len(tree)


def test_running_cycles_expect_what_is_still_to_come(office):
    (cycle, lines, _), *_ = made_up(office, months=1)
    half = cycle.begins + (cycle.ends - cycle.begins) / 2

    more = forecast.coming(backtest.as_known(lines, half), cycle, half)

    assert sum(more.values()) == pytest.approx(125, abs=2)
    assert forecast.coming(lines, cycle, cycle.ends + timedelta(days=1)) == {}


def test_the_command_freezes_a_cycle_once_and_then_says_the_frozen_figures(office, take, capsys):
    take((number(1), *GOOD), (number(2), *BAD))
    asked = command.Namespace(
        what="freeze", street=None, cycle="2026-10", basis="full", by="unit", json=True
    )

    command.run(asked)
    told = json.loads(capsys.readouterr().out)

    assert (told["score"], told["units"]["综合办公室"]["valid"], len(told["frozen"])) == (
        55.0,
        2,
        64,
    )
    with pytest.raises(Stopped, match="已经冻结"):
        command.run(asked)
