"""How each thing is learnt: what is asked of its sure answers, which penalties are tried, in which order."""

from collections.abc import Sequence

from jiesu.triage.learning import samples, training
from jiesu.triage.learning.measures import TRUSTED
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.orders import UNIT, Lesson

RIGHT_UNIT = 0.95  # asked of a unit named without a doubt: who leads is decided by people, and not always alike
PENALTIES = (1.0, 10.0, 100.0)  # the text of an order says less of its unit than of its class


def learn(found: Sequence[Lesson]) -> Model:
    """Train on orders in the order of time. What the model says of itself was asked ahead of time.

    :raises TooLittle: there is not enough
    """
    target = found[0].target if found else ""
    trusted = RIGHT_UNIT if target == UNIT else TRUSTED
    return training.train(samples.samples(found), trusted=trusted, penalties=PENALTIES, ahead=True)
