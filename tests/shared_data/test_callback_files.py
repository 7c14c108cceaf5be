"""The city's call-back file handed out beside the repository, against the figures that stand with it."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from jiesu.assessment import importing, queries
from jiesu.assessment.cycles import almanac
from jiesu.rules.rates import Basis

ORDERS = Path(__file__).parents[3] / "shared" / "data" / "orders"
pytestmark = pytest.mark.skipif(not ORDERS.is_dir(), reason="../shared/data/orders is not there")
NAME = "callbacks_2026-10.xlsx"


def test_the_rates_equal_those_that_were_handed_out_to_the_last_digit(office):
    expected = json.loads((ORDERS / "expected.json").read_text())[NAME]
    at = timezone.now()

    cycle = almanac(office).named("2026-10")
    tally = importing.take(office, ORDERS / NAME, cycle=cycle, member=None, at=at)
    book = queries.book(office, "2026-10", at)

    assert (tally.rows, tally.new, tally.refused) == (expected["rows"], expected["rows"], 0)
    assert {b.value: queries.told(book.rates(b)) for b in Basis} == {
        basis: expected[basis] for basis in ("full", "excl")
    }
