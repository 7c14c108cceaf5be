"""反水: told the street 满意 and then, by the call from above, 不满意 (domain 2.4: 三率研判's own matter).

What was heard above comes by the results of the assessment, which stand on the record of the case, the newest
of them; of a case that has none, by the export's own column. What the street heard after that is a later word
and no reversal, nor is what it had heard otherwise meanwhile.
"""

from django.db.models import DateTimeField, Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from jiesu.cases.models import Event
from jiesu.followup.models import CallBack
from jiesu.rules.answers import Satisfied
from jiesu.rules.workflow import Action

PLEASED = (Satisfied.SATISFIED, Satisfied.BASIC)
_COLUMN = Q(case__extra__contains={"是否满意": Satisfied.UNSATISFIED.label})


def turned() -> Q:
    """Return the condition that a call-back of the street was turned round by the call from above."""
    told = Event.objects.filter(action=Action.UPPER_RESULT).annotate(
        heard_at=Cast(KeyTextTransform("called_back_at", "facts"), DateTimeField())
    )
    later = told.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    between = CallBack.objects.exclude(satisfied="").filter(
        case=OuterRef("case"), called_at__gt=OuterRef(OuterRef("called_at")),
        called_at__lte=OuterRef("heard_at"),
    )  # fmt: skip
    against = told.filter(
        Q(heard_at=None) | Q(heard_at__gt=OuterRef("called_at")), ~Exists(later), ~Exists(between),
        case=OuterRef("case"), facts__valid=True, facts__satisfied=Satisfied.UNSATISFIED,
    )  # fmt: skip
    silent = ~Exists(told.filter(case=OuterRef("case")))
    return Q(satisfied__in=PLEASED) & (Q(Exists(against)) | (_COLUMN & silent))
