"""Rates as a clerk would work them out by hand, and what must hold of any answers whatever."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.rates import (
    Basis,
    Question,
    lost,
    mean,
    percent,
    ranks,
    rates,
    shown,
)
from jiesu.rules.rule_set import parse

SHIPPED = Path(__file__).parents[2] / "jiesu" / "rulesets" / "bj-2026-haidian.toml"
METHOD = parse(SHIPPED.read_text()).method


@dataclass(frozen=True)
class Answer:
    valid: bool = True
    contacted: Contacted = Contacted.YES
    solved: Solved = Solved.SOLVED
    satisfied: Satisfied = Satisfied.SATISFIED
    standing: Standing = Standing.COUNTED


GOOD = Answer()
BAD = Answer(solved=Solved.UNSOLVED, satisfied=Satisfied.UNSATISFIED)
BASIC = Answer(satisfied=Satisfied.BASIC)
SILENT = Answer(False, Contacted.UNKNOWN, Solved.UNKNOWN, Satisfied.UNRATED)


def figures(answers, basis):
    found = rates(answers, METHOD, basis)
    return found.response, found.solution, found.satisfaction, found.score


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param([], (0, 0, 0, 0), id="没有有效回访，三率记零"),
        pytest.param([SILENT], (0, 0, 0, 0), id="无效回访不计"),
        pytest.param([GOOD, BAD], (1, Fraction(1, 2), Fraction(1, 2), 55), id="一好一坏"),
        pytest.param([GOOD, BASIC], (1, 1, Fraction(19, 20), 98), id="基本满意折九成"),
        pytest.param([GOOD, SILENT], (1, 1, 1, 100), id="打不通不拉低"),
        pytest.param(
            [GOOD, replace(GOOD, solved=Solved.PARTLY)], (1, Fraction(1, 2), 1, 75), id="部分解决不算解决"
        ),
        pytest.param(
            [GOOD, replace(BAD, standing=Standing.EXEMPT)], (1, Fraction(1, 2), Fraction(1, 2), 55),
            id="全口径含剔除",
        ),
    ],
)  # fmt: skip
def test_the_full_basis(answers, expected):
    assert figures(answers, Basis.FULL) == expected


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(Standing.COUNTED, (1, Fraction(1, 2), Fraction(1, 2), 55), id="计入"),
        pytest.param(Standing.RESPONSE_ONLY, (1, 1, 1, 100), id="只评价响应率"),
        pytest.param(Standing.EXEMPT, (1, 1, 1, 100), id="不计入三率"),
        pytest.param(Standing.OUTSIDE, (1, 1, 1, 100), id="不计入总量"),
        pytest.param(Standing.SET_ASIDE, (1, 1, 1, 100), id="挂账"),
    ],
)
def test_the_other_basis_by_standing(standing, expected):
    assert figures([GOOD, replace(BAD, standing=standing)], Basis.EXCL) == expected


def test_who_is_asked_for_the_response_alone_still_costs_the_response():
    unanswered = replace(BAD, contacted=Contacted.NO, standing=Standing.RESPONSE_ONLY)

    found = rates([GOOD, unanswered], METHOD, Basis.EXCL)

    assert (found.response, found.of[Question.RESPONSE]) == (Fraction(1, 2), 2)
    assert (found.solution, found.of[Question.SOLUTION]) == (1, 1)


def test_the_mean_of_units_is_not_the_weighted_figure():
    many, one = rates([GOOD] * 9, METHOD, Basis.FULL), rates([BAD], METHOD, Basis.FULL)
    nothing = rates([SILENT], METHOD, Basis.FULL)

    line = mean([many, one, nothing], METHOD)

    assert (line.valid, line.solved, line.solution) == (10, 9, Fraction(1, 2))
    assert rates([GOOD] * 9 + [BAD], METHOD, Basis.FULL).solution == Fraction(9, 10)


def test_equals_share_a_rank():
    assert ranks({"甲": Fraction(9), "乙": Fraction(8), "丙": Fraction(9), "丁": Fraction(7)}) == {
        "甲": 1, "丙": 1, "乙": 3, "丁": 4,
    }  # fmt: skip


def test_figures_are_rounded_only_to_be_shown():
    third = Fraction(1, 3)

    assert (percent(third, 1), percent(third, 4), shown(Fraction(95, 2), 0)) == (
        "33.3", "33.3333", "48",
    )  # fmt: skip


answers = st.lists(
    st.builds(
        Answer, st.booleans(), st.sampled_from(Contacted), st.sampled_from(Solved),
        st.sampled_from(Satisfied), st.sampled_from(Standing),
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@given(answers, st.data())
def test_no_standing_moves_the_full_basis(told, data):
    place = data.draw(st.integers(0, len(told) - 1))
    other = data.draw(st.sampled_from(Standing))
    changed = [*told[:place], replace(told[place], standing=other), *told[place + 1 :]]

    assert rates(changed, METHOD, Basis.FULL) == rates(told, METHOD, Basis.FULL)


@given(answers, st.sampled_from(Basis))
def test_the_points_lost_are_exactly_what_is_missing(told, basis):
    whole = rates(told, METHOD, basis)
    cost = sum((sum(lost(one, whole, METHOD, basis).values()) for one in told), Fraction())
    empty = sum(METHOD.weights[q] * METHOD.scale for q in Question if not whole.of[q])

    assert whole.score + cost + empty == METHOD.scale
