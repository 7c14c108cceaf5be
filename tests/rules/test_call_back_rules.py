"""What a call may end in, and what may cost a point."""

import pytest

from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.call_back import Answers, CallResult, Verdict, concerns, objection

R, V = CallResult, Verdict
GOOD = Answers(R.ANSWERED, Contacted.YES, Solved.SOLVED, Satisfied.SATISFIED)
BAD = Answers(R.ANSWERED, Contacted.NO, Solved.UNSOLVED, Satisfied.UNSATISFIED)
HALF = Answers(R.ANSWERED, Contacted.YES, Solved.SOLVED)
UNHAPPY = Answers(R.ANSWERED, Contacted.YES, Solved.SOLVED, Satisfied.UNSATISFIED)


@pytest.mark.parametrize(
    ("answers", "verdict", "attempts", "said", "why"),
    [
        pytest.param(GOOD, V.PASSED, 1, "", "", id="都好，通过"),
        pytest.param(GOOD, V.FAILED, 1, "弄好了", "没有退回的理由", id="都好，不能退"),
        pytest.param(BAD, V.PASSED, 1, "", "没有解决", id="未解决，不能通过"),
        pytest.param(BAD, V.FAILED, 1, "", "原话", id="退回要有原话"),
        pytest.param(BAD, V.FAILED, 1, "还漏着", "", id="未解决，退回"),
        pytest.param(UNHAPPY, V.FAILED, 1, "态度不好", "", id="解决了但不满意，可以退"),
        pytest.param(HALF, V.PASSED, 1, "", "三问都要有答案", id="三问缺一问"),
        pytest.param(HALF, V.AGAIN, 1, "", "", id="没问完，再打"),
        pytest.param(Answers(R.NO_ANSWER), V.PASSED, 2, "", "还差 1 次", id="没打满三次"),
        pytest.param(Answers(R.NO_ANSWER), V.PASSED, 3, "", "", id="打满三次可了结"),
        pytest.param(Answers(R.CONFIDENTIAL), V.PASSED, 1, "", "", id="要求保密的不用打"),
        pytest.param(Answers(R.BUSY), V.FAILED, 3, "x", "没有接通", id="没接通不能退"),
    ],
)
def test_what_goes_with_what(answers, verdict, attempts, said, why):
    told = objection(answers, verdict, attempts=attempts, tries=3, said=said)

    assert why in told if why else told == ""


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (GOOD, []),
        (BAD, ["未联系", "未解决", "不满"]),
        (Answers(R.NO_ANSWER), ["未接"]),
        (
            Answers(R.ANSWERED, Contacted.YES, Solved.PARTLY, Satisfied.NEUTRAL),
            ["部分解决", "一般"],
        ),
    ],
)
def test_what_may_cost_a_point(answers, expected):
    assert concerns(answers) == expected
