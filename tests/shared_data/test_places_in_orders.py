"""Communities of the order files: the field, the place without the field, and that free text stays silent."""

import csv
import gzip
import tomllib
from pathlib import Path

import pytest

from jiesu.catalogue.actions import DEFAULT_OFFICE
from jiesu.platforms.drafts import Draft, clean
from jiesu.platforms.tables import read
from jiesu.rules.places import PlaceKind, Places, Word

DATA = Path(__file__).parents[3] / "shared" / "data"
ORDERS = DATA / "orders"
HOUSES = DATA / "beijing_gazetteer" / "beijing_compounds_by_bizcircle.csv.gz"
NEAR = {"公主坟", "军博", "六里桥"}  # the estate agents' quarters that the street lies in
OWN = ("北京市", "海淀区", "羊坊店街道")

pytestmark = pytest.mark.skipif(not ORDERS.is_dir(), reason="共享数据不在旁边")


@pytest.fixture(scope="module")
def communities() -> dict[str, list[str]]:
    """Code → its ways to be written, the short name first, from the office's own file."""
    told = tomllib.loads(DEFAULT_OFFICE.read_text("utf-8"))
    return {
        unit["code"]: [unit["short"], unit["name"], *unit["aliases"]]
        for unit in told["units"]
        if unit["kind"] == "community"
    }


@pytest.fixture(scope="module")
def places(communities: dict[str, list[str]]) -> Places:
    words = [
        Word(name, code, PlaceKind.ALIAS) for code, names in communities.items() for name in names
    ]
    return Places(words, OWN)


@pytest.fixture(scope="module")
def orders() -> list[Draft]:
    files = ("district_export_2026-10.xlsx", "city_export_gb18030.csv", "street_ledger_old.xls")
    return [
        one
        for name in files
        for sheet in read(ORDERS / name).sheets
        for one in clean(sheet)
        if isinstance(one, Draft) and one.community
    ]


def test_the_field_names_the_community(places, communities, orders):
    right = [communities[code][0] for o in orders if (code := places.in_field(o.community))]

    assert len(orders) > 900
    assert len(right) / len(orders) >= 0.99
    assert right == [o.community for o in orders if places.in_field(o.community)]


def test_the_place_alone_names_it_and_is_never_wrong(places, communities, orders):
    placed = [o for o in orders if o.location]
    told = [(places.in_location(o.location).community, o.community) for o in placed]
    sure = [(communities[code][0], true) for code, true in told if code]

    assert len(sure) / len(placed) >= 0.95
    assert [pair for pair in sure if pair[0] != pair[1]] == []


def test_texts_of_elsewhere_name_none_of_ours(places, orders):
    """The texts are of another province: whatever was found in them would be wrong."""
    assert [o.number for o in orders if places.in_text(f"{o.title}。{o.content}").offered] == []


@pytest.mark.skipif(not HOUSES.exists(), reason="共享数据不在旁边")
def test_of_six_thousand_compounds_only_those_around_the_street_are_taken(places):
    with gzip.open(HOUSES, "rt", encoding="utf-8") as lines:
        houses = list(csv.DictReader(lines))

    taken = [h["bizcircle"] for h in houses if places.in_location(h["community"]).community]

    assert len(houses) > 6000
    assert len(taken) >= 15
    assert set(taken) <= NEAR
