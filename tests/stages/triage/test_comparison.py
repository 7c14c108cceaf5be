"""Two models on the same rows, and what is drawn of one."""

from fractions import Fraction

import numpy as np
import pytest

from jiesu.triage.learning import curves
from jiesu.triage.learning.comparison import compare, mcnemar


@pytest.mark.parametrize(
    ("wins", "losses", "chance"),
    [
        pytest.param(0, 0, Fraction(1), id="处处一样"),
        pytest.param(3, 3, Fraction(1), id="不相上下"),
        pytest.param(5, 0, Fraction(1, 16), id="五比零还不够"),
        pytest.param(6, 0, Fraction(1, 32), id="六比零"),
        pytest.param(1, 9, Fraction(22, 1024), id="一比九"),
        pytest.param(9, 1, Fraction(22, 1024), id="两边一样算"),
    ],
)
def test_mcnemar_is_exact(wins, losses, chance):
    assert mcnemar(wins, losses) == chance


def flags(*runs):
    return np.concatenate([np.full(many, value) for many, value in runs]).astype(bool)


def test_better_only_when_chance_does_not_explain_it():
    right, other = flags((96, True), (4, False)), flags((88, True), (8, False), (4, True))

    told = compare(right, other)

    assert (told.wins, told.losses, told.right, told.other_right) == (8, 4, 96, 92)
    assert (told.better, told.worse, round(told.gain, 4)) == (False, False, 0.04)
    assert told.least < 0 < told.most


def test_better_and_worse_are_each_other_turned_round():
    right, other = flags((100, True)), flags((80, True), (20, False))

    told, turned = compare(right, other), compare(other, right)

    assert (told.better, turned.worse) == (True, True)
    assert (told.least > 0.1, told.most < 0.3, turned.gain) == (True, True, -0.2)


def test_the_curve_falls_where_the_faint_ones_are_wrong():
    top, right = np.array([0.9, 0.8, 0.8, 0.6]), np.array([True, True, False, False])

    assert curves.coverage_curve(top, right) == [(0.25, 1.0), (0.75, 2 / 3), (1.0, 0.5)]


def test_bins_hold_equally_many_and_say_how_many():
    top, right = np.linspace(0.1, 1.0, 30), np.arange(30) >= 15

    told = curves.reliability(top, right)

    assert [rows for _, _, rows in told] == [2] * 15
    assert [share for _, share, _ in told] == [0.0] * 7 + [0.5] + [1.0] * 7


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        pytest.param([50, 50], [5, 5], 0.0, id="同样的构成"),
        pytest.param([50, 50], [90, 10], 0.879, id="偏得厉害"),
        pytest.param([50, 50], [0, 0], None, id="没有案件就没有数"),
        pytest.param([100, 0], [50, 50], 4.604, id="冒出新的类"),
    ],
)
def test_stability(before, now, told):
    found = curves.stability(before, now)

    assert (found and round(found, 3)) == told
