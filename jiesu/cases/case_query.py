"""The filters met everywhere, as methods of one queryset."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from jiesu.cases import search
from jiesu.rules.workflow import OPEN, Stage

HITS = 5000


class OneOf(models.Func):
    """``value = ANY(array)``: the array is known before the rows are looked at, so an index serves."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


class CaseQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Cases whose life here has not ended."""
        return self.filter(stage__in=OPEN)

    def at(self, *stages: Stage) -> Self:
        return self.filter(stage__in=stages)

    def newest(self) -> Self:
        return self.order_by("-dispatched_at", "-id")

    def by_due(self) -> Self:
        """The one with least time left first; those without a running clock last."""
        return self.order_by(models.F("next_due_at").asc(nulls_last=True), "id")

    def late(self, at: datetime) -> Self:
        return self.open().filter(next_due_at__lte=at)

    def due_before(self, at: datetime) -> Self:
        return self.open().filter(next_due_at__lte=at)

    def in_category(self, path: str) -> Self:
        """Cases of a category and all below it."""
        return self.filter(Q(category=path) | Q(category__startswith=path + ">"))

    def matching(self, query: str) -> Self:
        """Cases whose number, title, text or place holds every piece of the query.

        The hits are taken first, capped: for a rare word the planner would else walk the whole list.
        A word with more hits than the cap is common, so the walk by date finds it soon. One character
        falls back to a plain scan.
        """
        if keys := search.phone_keys(query):
            return self.filter(Q(phone_keys__overlap=keys) | Q(number=query.strip()))
        if search.too_short(query):
            piece = query.strip()
            return self.filter(
                Q(title__contains=piece) | Q(location__contains=piece) | Q(content__contains=piece)
            )
        wanted = search.pg_query(query)
        holds = RawSQL("cases_case.tsv @@ %s::tsquery", [wanted], models.BooleanField())
        hits = list(self.filter(holds).order_by().values_list("pk", flat=True)[:HITS])
        return self.filter(pk__in=hits) if len(hits) < HITS else self.filter(holds)
