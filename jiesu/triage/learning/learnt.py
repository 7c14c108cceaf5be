"""How each thing is learnt: what is asked of its sure answers, which weighings are tried, in which order."""

from collections.abc import Sequence

from jiesu.triage.learning import samples, training
from jiesu.triage.learning.measures import TRUSTED
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.orders import UNIT, Lesson
from jiesu.triage.learning.training import Weighing

RIGHT_UNIT = 0.95  # asked of a unit named without a doubt: who leads is decided by people, and not always alike
OF_CLASSES = tuple(map(Weighing, (1.0, 10.0, 100.0)))
OF_UNITS = (  # where units follow the class, the text has little to add and must not speak as loudly
    Weighing(1), Weighing(10), Weighing(10, marks=10), Weighing(30, marks=10),
)  # fmt: skip


def learn(found: Sequence[Lesson]) -> Model:
    """Train on orders in the order of time. What the model says of itself was asked ahead of time.

    :raises TooLittle: there is not enough
    """
    target = found[0].target if found else ""
    trusted, weighings = (RIGHT_UNIT, OF_UNITS) if target == UNIT else (TRUSTED, OF_CLASSES)
    return training.train(samples.samples(found), trusted=trusted, weighings=weighings, ahead=True)
