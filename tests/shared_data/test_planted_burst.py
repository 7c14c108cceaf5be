"""The burst planted in a month's export: its orders come together, and no other order with them."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from jiesu.groups import proposing
from jiesu.groups.models import Group
from jiesu.platforms.drafts import clean
from jiesu.platforms.tables import read
from jiesu.rules.grouping import GroupKind
from tests.factories.orders import make_case

ORDERS = Path(__file__).parents[3] / "shared" / "data" / "orders"
pytestmark = pytest.mark.skipif(not ORDERS.is_dir(), reason="../shared/data/orders is not there")


def test_the_planted_burst_is_one_group(office):
    planted = json.loads((ORDERS / "expected.json").read_text())["bursts"][0]
    community = office.units.get(name=planted["community"])
    sheets = read(ORDERS / "district_export_2026-10.xlsx").sheets
    drafts = [draft for sheet in sheets for draft in clean(sheet)]
    cases = [
        make_case(
            office, at=draft.dispatched_at.at, number=draft.number, title=draft.title, tags=[],
            content=draft.content[:400], category=">".join(draft.category), community=community,
            requester_phone=draft.requester_phone,
        )
        for draft in sorted(drafts, key=lambda draft: draft.dispatched_at.at)
        if draft.community == planted["community"]
    ]  # fmt: skip
    for case in cases:
        proposing.judge(case, timezone.now())

    found = [
        set(group.belongings.filter(left_at=None).values_list("case__number", flat=True))
        for group in Group.objects.filter(kind=GroupKind.PLACE, ended_at=None)
    ]

    assert len(cases) > len(planted["orders"])
    assert found == [set(planted["orders"])]
