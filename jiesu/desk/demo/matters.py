"""What people call about in the demo street: templates by matter, and the words that fill them."""

import tomllib
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COMMUNITY = "@"  # in a matter: the community the order is about

BUILDINGS = tuple(f"{n}号楼" for n in range(1, 37))
ENTRANCES = ("一单元", "二单元", "三单元", "四单元", "五单元", "六单元")
ROOMS = tuple(f"{floor}0{door}室" for floor in range(1, 17) for door in range(1, 5))


@dataclass(frozen=True, slots=True)
class Matter:
    """One kind of order: its place in the classification tree, its texts and who usually has it."""

    category: tuple[str, str, str]
    issue: str
    titles: tuple[str, ...]
    facts: tuple[str, ...]
    mores: tuple[str, ...]
    asks: tuple[str, ...]
    finds: tuple[str, ...]
    does: tuple[str, ...]
    lead: str  # unit code, or COMMUNITY
    assist: tuple[str, ...] = (COMMUNITY,)
    types: tuple[str, ...] = ("投诉", "求助")
    limit: str = "普通"
    place: str = "home"  # home, public, road or shop
    weight: float = 3
    season: Mapping[int, float] | None = None  # month -> factor; a month not named has none
    note: str = ""
    company: bool = False
    shop: str = ""  # the blank a shop's name comes from, when any shop will not do

    def weight_in(self, month: int) -> float:
        """Return how often the matter comes in a month, relative to the others."""
        factor = 1.0 if self.season is None else self.season.get(month, 0.0)
        return self.weight * factor / len(self.types)


@cache
def all_matters() -> tuple[Matter, ...]:
    """Return every matter of ``matters/*.toml``, in the order of the files."""
    return tuple(
        _matter(entry)
        for path in sorted((HERE / "matters").glob("*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["matter"]
    )


def matters_of(category: str) -> tuple[Matter, ...]:
    """Return the matters of one path such as ``公共服务>供暖>室温不达标``, companies' own left out."""
    path = tuple(category.split(">"))
    return tuple(m for m in all_matters() if m.category == path and not m.company)


@cache
def table(order_type: str, month: int, company: bool) -> tuple[tuple[Matter, ...], list[float]]:
    """Return the matters of an order type in a month and their running weights, to draw from."""
    fitting = [
        (matter, matter.weight_in(month))
        for matter in all_matters()
        if matter.company is company and order_type in matter.types and matter.weight_in(month)
    ]
    return tuple(matter for matter, _ in fitting), list(accumulate(weight for _, weight in fitting))


def draw(chance: Callable[[], float], order_type: str, month: int, company: bool) -> Matter:
    """Draw a matter by weight; a type companies have no matter for falls back to everybody's."""
    matters, running = table(order_type, month, company)
    if not matters:
        matters, running = table(order_type, month, False)
    return matters[bisect(running, chance() * running[-1])]


@cache
def words() -> dict[str, tuple[str, ...]]:
    """Return the words for each blank."""
    filled = {blank: tuple(choices) for blank, choices in _slots()["words"].items()}
    return {**filled, "楼": BUILDINGS, "单元": ENTRANCES, "室": ROOMS}


@cache
def owners() -> dict[str, tuple[str, ...]]:
    """Return how the ownership of each kind of place is put in a result."""
    return {place: tuple(choices) for place, choices in _slots()["owner"].items()}


@cache
def backgrounds() -> tuple[str, ...]:
    """Return the sentences of longer calls, which fit any matter."""
    return tuple(_slots()["background"]["said"])


class Blanks(dict):
    """The blanks of one order, filled when first met and the same from then on."""

    __slots__ = ("chance",)

    def __init__(
        self, chance: Callable[[], float], community: str, compound: str, matter: Matter
    ) -> None:
        super().__init__(社区=community, 小区=compound)
        self.chance = chance
        if matter.shop:
            self["店"] = self[matter.shop]

    def __missing__(self, blank: str) -> str:
        if blank == "点位":
            value = self["小区"] + self["楼"]
        else:
            choices = words()[blank]
            value = choices[int(self.chance() * len(choices))]
        self[blank] = value
        return value


def compounds(community: str) -> tuple[str, ...]:
    """Return made-up names of the compounds (小区) of a community."""
    base = community.removesuffix("社区").removesuffix("第二")
    if base.endswith(("院", "小区", "国际", "住宅", "居")):
        return (base,)
    if base.endswith("号"):
        return (f"{base}院",)
    return (f"{base}小区", *(f"{base}{n}号院" for n in (2, 5, 8, 11)))


def _slots() -> dict:
    return tomllib.loads((HERE / "slots.toml").read_text(encoding="utf-8"))


def _matter(entry: dict) -> Matter:
    season = entry.get("season")
    return Matter(
        **{name: _frozen(value) for name, value in entry.items() if name not in DERIVED},
        category=tuple(entry["category"].split(">")),
        season=season and {int(month): float(factor) for month, factor in season.items()},
    )


DERIVED = ("category", "season")


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def blanks_in(texts: Iterable[str]) -> set[str]:
    """Return the names of the blanks used in some templates."""
    return {part.split("}")[0] for text in texts for part in text.split("{")[1:]}
