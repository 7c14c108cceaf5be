"""Made-up cases of an office as an import of finished ones leaves them, for what is learnt of them."""

import random
from datetime import datetime, timedelta

from jiesu.cases.models import Case
from jiesu.org.models import Office
from jiesu.rules.workflow import Stage
from tests.stages.triage.made_up import MATTERS, message


def finished(
    office: Office,
    many: int,
    *,
    until: datetime,
    days: int = 60,
    seed: int = 1,
    plain: bool = False,
) -> list[Case]:
    """Make cases evenly over the days before a moment, each matter with a unit of its own.

    ``plain``: neither text nor class says anything of the matter.
    """
    chance = random.Random(seed)
    units = list(office.units.filter(active=True, kind="office").order_by("pk"))[: len(MATTERS)]
    made = []
    for place in range(many):
        at = until - timedelta(days=days) * (many - place) / many
        label = chance.choice(list(MATTERS))
        text = (
            "，".join(chance.sample("甲乙丙丁戊己庚辛壬癸子丑寅卯", 12))
            if plain
            else message(label, chance)
        )
        made.append(
            Case(
                office=office, number=f"学-{seed}-{place:05d}", stage=Stage.CLOSED, title=text[:30],
                content=text, category="" if plain else f"事>{label}", unit=units[list(MATTERS).index(label)],
                dispatched_at=at, sealed=b"", closed_at=at,
            )
        )  # fmt: skip
    return Case.objects.bulk_create(made)
