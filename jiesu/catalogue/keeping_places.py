"""社区地名: adding words for communities, ending them, and reading them from a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from jiesu.catalogue.models import PlaceName
from jiesu.org.models import Member, Office, Unit, UnitKind
from jiesu.rules.places import Buildings, PlaceKind, plain
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

HEADS = ("社区", "写法", "种类", "楼号", "依据")
LONGEST = 60
ROWS = 5000


class Unfit(ValueError):
    """A word cannot be kept; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A word that can be kept: checked, its buildings written one way."""

    community: Unit
    word: str
    kind: PlaceKind
    buildings: str = ""
    source: str = ""


def entry(
    community: Unit | None, word: str, kind: str = "", buildings: str = "", source: str = ""
) -> Entry:
    """Return a word as it will be kept. ``kind`` may be a code or what people read.

    :raises Unfit: no community, a word that is too short or too long, buildings nobody can read
    """
    word = " ".join(word.split())
    if community is None:
        raise Unfit("社区不在本街道名录里，请照社区名称填写。")
    if len(plain(word)) < 2:
        raise Unfit("写法至少要两个字。")
    if len(word) > LONGEST or len(source) > 200:
        raise Unfit(f"写法最多 {LONGEST} 字，依据最多 200 字。")
    kinds = (
        {k.label: k for k in PlaceKind} | {k.value: k for k in PlaceKind} | {"": PlaceKind.ALIAS}
    )
    if kind.strip() not in kinds:
        raise Unfit(f"种类“{kind}”不认识，请写{'、'.join(k.label for k in PlaceKind)}。")
    try:
        spans = Buildings.read(buildings).spans
    except ValueError as wrong:
        raise Unfit(str(wrong)) from None
    written = ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
    if len(written) > 120:
        raise Unfit("楼号太多，请分成几行。")
    return Entry(community, word, kinds[kind.strip()], written, source.strip())


def read_rows(
    office: Office, rows: Iterable[tuple[int, Sequence[str]]]
) -> tuple[list[Entry], list[str]]:
    """Return the words of a table's numbered rows, the first naming the columns, and what is wrong with which."""
    by_name = _communities(office)
    heads: Mapping[str, int] | None = None
    entries, wrong = [], []
    for number, row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if heads is None:
            heads = {name: cells.index(name) for name in HEADS if name in cells}
            if not {"社区", "写法"} <= heads.keys():
                return [], [f"第 {number} 行应是表头，至少有“社区”和“写法”两列。"]
            continue
        told = {name: cells[at] if at < len(cells) else "" for name, at in heads.items()}
        try:
            entries.append(
                entry(
                    by_name.get(plain(told["社区"])), told["写法"], told.get("种类", ""),
                    told.get("楼号", ""), told.get("依据", ""),
                )
            )  # fmt: skip
        except Unfit as why:
            wrong.append(f"第 {number} 行：{why}")
        if len(entries) > ROWS:
            return [], [f"一次最多导入 {ROWS} 行，请分开导入。"]
    if not entries and not wrong:
        wrong = ["表里没有一行地名，请核对。"]
    return entries, wrong


@transaction.atomic
def add(
    office: Office, entries: Iterable[Entry], *, actor: Member | None, at: datetime, since: date
) -> list[PlaceName]:
    """Keep words from a day on; what is kept already is passed over. Returns the new ones.

    :raises Unfit: a community is not of the office
    """
    Office.objects.select_for_update().get(pk=office.pk)  # one hand at a time
    held = set(
        PlaceName.objects.filter(office=office, valid_to=None).values_list(
            "key", "community", "buildings"
        )
    )
    new = []
    for one in entries:
        if one.community.office_id != office.pk or not one.community.is_community:
            raise Unfit("请选择本街道的社区。")
        told = (plain(one.word), one.community.pk, one.buildings)
        if told not in held:
            held.add(told)
            new.append(
                PlaceName(
                    office=office, community=one.community, word=one.word, key=told[0], kind=one.kind,
                    buildings=one.buildings, source=one.source, valid_from=since, added_at=at,
                    added_by=actor,
                )
            )  # fmt: skip
    made = PlaceName.objects.bulk_create(new)
    if made:
        leave(
            Kind.CHANGE, actor=actor, office=office.pk, subject="places",
            after={"added": [f"{one} → {one.community.name}" for one in made], "since": since.isoformat()},
        )  # fmt: skip
    return made


@transaction.atomic
def end(place: PlaceName, *, actor: Member | None, on: date) -> bool:
    """End a word: from that day on it says nothing. False when it was ended before."""
    last = max(on, place.valid_from)
    ended = PlaceName.objects.filter(pk=place.pk, valid_to=None).update(
        valid_to=last, ended_by=actor
    )
    if ended:
        leave(
            Kind.CHANGE, actor=actor, office=place.office_id, subject="places",
            before={"word": f"{place} → {place.community.name}"}, after={"ended": last.isoformat()},
        )  # fmt: skip
    return bool(ended)


def _communities(office: Office) -> dict[str, Unit]:
    units = office.units.filter(kind=UnitKind.COMMUNITY, active=True)
    return {plain(word): unit for unit in units for word in (*unit.aliases, unit.name)}
