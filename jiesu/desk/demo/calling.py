"""Call-backs of the demo month: some done, one with a recording to listen to, one recording nobody has matched.

The recordings are made by code: tones with the rise and fall of speech, and silence between.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import numpy as np

from jiesu.cases import sealing
from jiesu.cases.models import Case, Event
from jiesu.followup import queries, recordings
from jiesu.followup.models import Basis, CallBack, Match, Matter, Recording
from jiesu.followup.sound import child
from jiesu.followup.sound.decode import RATE
from jiesu.org.models import Member, Office
from jiesu.org.rights import Role
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.call_back import Answers, Attitude, CallResult, Verdict, concerns
from jiesu.rules.workflow import Action, Stage

DONE = 16
SPOKEN = (
    (0.8, 2.6),
    (3.4, 5.9),
    (7.0, 9.8),
    (10.9, 12.2),
    (13.5, 17.4),
    (18.6, 21.0),
    (22.1, 23.2),
)  # seconds
R, C, S, T, A = CallResult, Contacted, Solved, Satisfied, Attitude
GOOD = Answers(R.ANSWERED, C.YES, S.SOLVED, T.SATISFIED)
TOLD: tuple[tuple[Answers, Attitude | None, str, str, str], ...] = (
    (GOOD, A.GRATEFUL, "第二天就来人弄好了，现在挺好的，谢谢你们。", "", ""),
    (GOOD, A.CALM, "解决了，没有问题。", "", ""),
    (Answers(R.NO_ANSWER), None, "", "", ""),
    (Answers(R.ANSWERED, C.YES, S.SOLVED, T.BASIC), A.CALM, "是解决了，就是等的时间长了点。", "", "提醒承办单位办理中多告知进展"),
    (GOOD, A.GRATEFUL, "联系得很及时，已经弄好了。", "楼下的路灯也不太亮，能不能顺便看看。", "路灯一事已登记关联事项"),
    (Answers(R.BUSY), None, "", "", ""),
    (Answers(R.ANSWERED, C.YES, S.PARTLY, T.NEUTRAL), A.DISPLEASED, "弄好了一部分，还有一处没有弄。", "", "约定本周内补齐，届时再回访"),
    (GOOD, A.CALM, "打过电话了，事情办完了。", "", ""),
)  # fmt: skip


def write(office: Office, *, at: datetime, rng: Random) -> int:
    """Write the call-backs done up to now, and two recordings. Returns how many call-backs."""
    seats = list(
        office.members.filter(role__in=(Role.SEAT, Role.REVIEWER), is_active=True).order_by("pk")
    )
    waiting = list(
        queries.to_call(seats[0], at).filter(stage=Stage.CLOSED).order_by("-closed_at")[: DONE + 1]
    )
    if not waiting:
        return 0
    listened, called = waiting[0], waiting[1:]
    for number, case in enumerate(reversed(called)):
        assert case.closed_at is not None
        when = min(
            case.closed_at + timedelta(minutes=rng.randrange(30, 300)), at - timedelta(minutes=3)
        )
        _call(case, TOLD[number % len(TOLD)], rng.choice(seats), when)
    _record(office, listened, f"{listened.number}_办理反馈.wav", 24.0, at)
    _record(office, None, "新录音 7.wav", 9.0, at)
    return len(called)


def _call(
    case: Case, told: tuple[Answers, Attitude | None, str, str, str], who: Member, at: datetime
) -> None:
    answers, attitude, words, demand, advice = told
    reached = answers.result is R.ANSWERED
    verdict = Verdict.PASSED if reached and answers.solved is not S.PARTLY else Verdict.AGAIN
    said: dict[str, Any] = {
        "contacted": answers.contacted or "", "solved": answers.solved or "",
        "satisfied": answers.satisfied or "", "attitude": attitude or "",
    }  # fmt: skip
    facts = {name: str(value) for name, value in said.items() if value} | {
        "result": answers.result.value, "verdict": verdict.value, "attempt": 1,
        "called_at": at.isoformat(), "basis": Basis.CALL.value, "answer": advice,
    }  # fmt: skip
    note, facts, _ = sealing.seal_event(words, facts)
    event = Event.objects.create(
        office_id=case.office_id, case=case, step=case.steps, action=Action.CALL_BACK, before=case.stage,
        after=case.stage, moved=False, actor=who, at=at, recorded_at=at, note=note, facts=facts,
    )  # fmt: skip
    made = CallBack.objects.create(
        case=case, event=event, attempt=1, basis=Basis.CALL, called_at=at, result=answers.result,
        words=words, demand=demand, advice=advice, verdict=verdict, risks=concerns(answers), made_by=who,
        made_at=at, **said,
    )  # fmt: skip
    if demand:
        Matter.objects.create(case=case, call_back=made, words=demand, opened_by=who, opened_at=at)


def _record(office: Office, case: Case | None, name: str, seconds: float, at: datetime) -> None:
    samples = np.concatenate(list(_voice(seconds)))[None, :]
    content = child.wav(samples)
    digest = hashlib.sha256(content).hexdigest()
    if Recording.objects.filter(office=office, sha256=digest).exists():
        return
    month = sealing.month_of(case.arrived_at if case else at)
    made = Recording.objects.create(
        office=office, case=case, name=name, stored=recordings.keep([content], month), kind="audio/wav",
        size=len(content), sha256=digest, added_at=at, match=Match.NUMBER if case else "",
    )  # fmt: skip
    recordings.store(made, child.look(samples))


def _voice(seconds: float) -> Iterator[Any]:
    """Yield sound like speech: a voice that rises and falls in syllables, then quiet."""
    noise = np.random.default_rng(7)
    done = 0.0
    for start, end in (*((a, b) for a, b in SPOKEN if b < seconds), (seconds, seconds)):
        yield noise.normal(0, 0.0006, int((start - done) * RATE)).astype(np.float32)
        at = np.arange(int((end - start) * RATE)) / RATE
        pitch = 150 + 40 * np.sin(2 * np.pi * 0.7 * at + start)
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        tune = sum(np.sin(n * phase) / n for n in (1, 2, 3, 5))
        syllables = np.clip(np.sin(2 * np.pi * 2.2 * at + start) + 0.5, 0, 1)
        yield (0.16 * tune * syllables).astype(np.float32)
        done = end
