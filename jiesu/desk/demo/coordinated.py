"""The demo street's hard ones: one that nobody owns, with what was said of it, and one half through the questions."""

from datetime import datetime, timedelta

from jiesu.coordination import actions
from jiesu.org.models import Member, Office, Unit
from jiesu.org.rights import Role
from jiesu.rules.coordinating import Stance
from jiesu.rules.workflow import Stage

QUESTION = "三家单位都说不归自己：职责清单里没有这一项，责任单位的书面答复还没有到。"
SAID = (
    ("URBAN", Stance.NOT_OURS, "值班科长", "不在本办职责清单内，历年台账里也没有办过。"),
    ("LIVELIHOOD", Stance.CAN_HELP, "承办人", "可以先联系诉求人、到现场看，归谁办请领导定。"),
)
ANSWERED = "社区没有处置这类事的力量，可以配合入户。"


def write(office: Office, *, at: datetime) -> None:
    """Take the two oldest cases that wait for a dispatch; does nothing where there are none."""
    seat = Member.objects.filter(office=office, role=Role.SEAT).order_by("pk").first()
    waiting = office.cases.at(Stage.SIGNED, Stage.TO_DISPATCH).select_related("office", "community")
    cases = list(waiting.defer("tokens", "tsv").order_by("dispatched_at")[:2])
    if seat is None or len(cases) < 2:
        return
    actions.coordinate(cases[0], question=QUESTION, actor=seat, at=at)
    for place, (role, stance, person, words) in enumerate(SAID):
        unit = Unit.objects.filter(office=office, role_code=role).first()
        if unit is not None:
            moment = at - timedelta(minutes=10 - 3 * place)
            actions.state(
                cases[0], unit=unit, person=person, stance=stance, words=words, said_at=moment, actor=seat, at=at,
            )  # fmt: skip
    if cases[1].community is not None:
        actions.answer(
            cases[1], able=False, asked=[cases[1].community], person="社区书记", words=ANSWERED, actor=seat,
            at=at,
        )  # fmt: skip
