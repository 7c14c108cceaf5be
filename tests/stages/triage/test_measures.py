import numpy as np
import pytest

from jiesu.triage.learning.measures import coverage, expected_calibration_error, measure
from jiesu.triage.learning.training import calibrate, surely


def test_the_measures_of_four_answers():
    told = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1], [0.6, 0.1, 0.3]])

    found = measure(told, ("a", "b", "c"), ["a", "b", "b", "c"])

    assert (found.accuracy, found.top2) == (0.5, 1.0)
    assert found.by_class == {"a": (0.5, 1), "b": (pytest.approx(2 / 3), 2), "c": (0.0, 1)}
    assert found.macro_f1 == pytest.approx((1 / 2 + 2 / 3) / 3)
    assert found.coverage_at_97_5 == 0.5
    assert found.ece == pytest.approx((0.1 + 0.3 + 0.5 + 0.6) / 4)


def test_a_label_the_model_does_not_have_is_missed():
    found = measure(np.array([[0.6, 0.4], [0.6, 0.4]]), ("a", "b"), ["a", "其他"])

    assert (found.accuracy, found.macro_f1, found.top2) == (0.5, pytest.approx(1 / 3), 0.5)


@pytest.mark.parametrize(
    ("right", "share"),
    [
        pytest.param([1] * 39 + [0], 1.0, id="四十对三十九，全部可用"),
        pytest.param([1] * 38 + [0, 0], 0.95, id="三十九对三十八，到此为止"),
        pytest.param([0] + [1] * 38, 0.0, id="最有把握的先错"),
        pytest.param([0] + [1] * 39, 1.0, id="先错后对，够数仍可用"),
    ],
)
def test_coverage_takes_the_largest_share_that_is_accurate(right, share):
    top = np.linspace(0.9, 0.5, len(right))

    assert coverage(top, np.array(right, bool))[0] == pytest.approx(share)


def test_the_equally_sure_stand_or_fall_together():
    top = np.full(100, 0.8)
    right = np.arange(100) < 90

    assert coverage(top, right) == (0.0, float("inf"))


@pytest.mark.parametrize(
    ("rows", "wrong_each", "sure"),
    [
        pytest.param(50, 0, False, id="五十件全对，还可能是运气"),
        pytest.param(60, 0, True, id="六十件全对，够了"),
        pytest.param(600, 25, False, id="六百件对九成六，还可能是运气"),
        pytest.param(3000, 25, True, id="三千件对九成六，够了"),
    ],
)
def test_sure_is_what_luck_does_not_explain(rows, wrong_each, sure):
    top = np.linspace(0.99, 0.5, rows)
    right = np.array([not wrong_each or n % wrong_each != 1 for n in range(rows)])

    assert (surely(top, right, 0.95) == top[-1]) == sure
    assert np.isfinite(surely(top, right, 0.95)) == sure


def test_honest_probabilities_have_no_error_and_boasts_have_theirs():
    chance = np.random.default_rng(3)
    top = chance.uniform(0.3, 0.99, 60_000)
    right = chance.uniform(size=top.size) < top

    assert expected_calibration_error(top, right) < 0.01
    assert expected_calibration_error(np.minimum(top + 0.2, 1), right) > 0.15


def test_calibration_finds_the_sharpness_and_the_shifts_behind_the_answers():
    chance = np.random.default_rng(4)
    scores = chance.normal(size=(40_000, 3))
    raised = scores * 2.5 + np.array([0.5, 0.0, -0.5])
    truth = (raised + chance.gumbel(size=raised.shape)).argmax(axis=1)

    found = calibrate(scores, truth)

    assert found.sharpness == pytest.approx(2.5, abs=0.1)
    assert found.shifts - found.shifts.mean() == pytest.approx([0.5, 0, -0.5], abs=0.05)
    assert found.probabilities(scores).sum(axis=1) == pytest.approx(np.ones(len(scores)))
