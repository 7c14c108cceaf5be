"""回访: what was asked and answered, and what a call may end in (domain 3.2; 合同 主要需求 4).

三问: 是否联系, 是否解决, 是否满意. “Nobody could say” is an answer of its own and never a no.
"""

from dataclasses import dataclass

from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.labelled import Labelled


class CallResult(Labelled):
    """How a call went."""

    ANSWERED = "answered", "接通"
    NO_ANSWER = "no_answer", "无人接听"
    REFUSED = "refused", "拒绝接听"
    BUSY = "busy", "占线"
    WRONG_NUMBER = "wrong_number", "号码有误"
    CONFIDENTIAL = "confidential", "信息保密"
    NOT_REQUIRED = "not_required", "不需要回复"


class Attitude(Labelled):
    """反映人态度."""

    GRATEFUL = "grateful", "认可感谢"
    CALM = "calm", "平和"
    DISPLEASED = "displeased", "有意见"
    AGITATED = "agitated", "激动"


class Verdict(Labelled):
    """研判结论: what comes of the call."""

    AGAIN = "again", "再次回访"
    PASSED = "passed", "回访通过"
    FAILED = "failed", "退回重办"


@dataclass(frozen=True, slots=True)
class Answers:
    """The three answers; None is a question that was not put."""

    result: CallResult
    contacted: Contacted | None = None
    solved: Solved | None = None
    satisfied: Satisfied | None = None

    @property
    def all_three(self) -> bool:
        """True for a call that counts: answered, and the three questions with it (有效回访, 推定)."""
        answered = self.result is CallResult.ANSWERED
        return answered and None not in (self.contacted, self.solved, self.satisfied)


def objection(answers: Answers, verdict: Verdict, *, attempts: int, tries: int, said: str) -> str:
    """Return why the verdict does not go with the answers, as a sentence; empty when it does.

    ``attempts`` counts this call too; after ``tries`` of them nobody has to call again (推定, 可配置).
    ``said`` is what the requester said of the solution.
    """
    answered = answers.result is CallResult.ANSWERED
    if answered and not answers.all_three and verdict is not Verdict.AGAIN:
        return "接通了，三问都要有答案；没问到或说不清的选“说不清”“未评价”。"
    if verdict is Verdict.PASSED:
        return _passing(answers, attempts=attempts, tries=tries)
    if verdict is Verdict.FAILED:
        return _failing(answers, said)
    return ""


def _passing(answers: Answers, *, attempts: int, tries: int) -> str:
    if answers.solved is Solved.UNSOLVED:
        return "诉求人说没有解决，不能按通过记；请退回重新办理。"
    waits = {CallResult.NO_ANSWER, CallResult.BUSY, CallResult.REFUSED}
    if answers.result in waits and attempts < tries:
        left = tries - attempts
        return f"没有打通，要打满 {tries} 次才能了结，还差 {left} 次；请记“没打通”，换个时段再打。"
    return ""


def _failing(answers: Answers, said: str) -> str:
    if answers.result is not CallResult.ANSWERED:
        return "没有接通，不知道解决没有，不能据此退回；请记“没打通”。"
    if answers.solved is Solved.SOLVED and answers.satisfied in {
        Satisfied.SATISFIED,
        Satisfied.BASIC,
    }:
        return "诉求人说已解决、满意，没有退回的理由；请核对三问。"
    return "" if said else "退回要写明诉求人的原话，承办单位据此重新办理。"


def concerns(answers: Answers) -> list[str]:
    """Return what a 三率研判台账 says is at risk after this call, in its own words."""
    told = []
    if answers.result is not CallResult.ANSWERED:
        told.append("未接")
    if answers.contacted is Contacted.NO:
        told.append("未联系")
    if answers.solved in {Solved.UNSOLVED, Solved.PARTLY}:
        told.append(answers.solved.label)
    if answers.satisfied in {Satisfied.NEUTRAL, Satisfied.UNSATISFIED}:
        told.append("不满" if answers.satisfied is Satisfied.UNSATISFIED else "一般")
    return told
