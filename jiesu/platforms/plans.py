"""What each column of one sheet is for, worked out once, so that each line costs only its cells."""

from dataclasses import dataclass

from jiesu.platforms import cells
from jiesu.platforms.columns import SERIAL
from jiesu.platforms.sheets import Sheet

TIMES = ("called_at", "created_at", "dispatched_at", "due_at", "closed_at", "replied_at")
LONG_TEXTS = ("content", "result", "instructions")
SHORT_TEXTS = (
    "case_no", "order_type", "title", "location", "district", "street", "community",
    "requester_name", "requester_address", "company", "unit", "path", "nature", "status",
    "answer_contacted", "answer_solved", "answer_satisfied",
)  # fmt: skip
COUNTS = ("month_seq", "year_seq")
LEVELS = ("category1", "category2", "category3", "category4", "category5")


@dataclass(frozen=True, slots=True)
class Plan:
    """Column indexes by what is to be done with them; a time also carries its name for people."""

    headers: tuple[str, ...]
    number: int | None
    phone: int | None
    category: int | None
    serial: int | None
    short: tuple[tuple[str, int], ...]
    long: tuple[tuple[str, int], ...]
    times: tuple[tuple[str, int, str], ...]
    counts: tuple[tuple[str, int], ...]
    levels: tuple[int, ...]
    tags: tuple[int, ...]
    unknown: tuple[tuple[str, int], ...]
    called_is_created: bool  # only 创建时间 is given: it is when the call came


def plan_of(sheet: Sheet) -> Plan:
    headers = tuple(cells.storable(header) for header in sheet.headers)
    at = {name: index for index, name in enumerate(sheet.fields) if name is not None}
    labels = _labels(headers)

    def these(names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        return tuple((name, at[name]) for name in names if name in at)

    return Plan(
        headers=headers,
        number=at.get("number"),
        phone=at.get("requester_phone"),
        category=at.get("category"),
        serial=at.get(SERIAL),
        short=these(SHORT_TEXTS),
        long=these(LONG_TEXTS),
        times=tuple((name, index, labels[index]) for name, index in these(TIMES)),
        counts=these(COUNTS),
        levels=tuple(index for _, index in these(LEVELS)),
        tags=tuple(index for index, name in enumerate(sheet.fields) if name == "tags"),
        unknown=tuple((labels[i], i) for i, name in enumerate(sheet.fields) if name is None),
        called_is_created="called_at" not in at and "created_at" in at,
    )


def _labels(headers: tuple[str, ...]) -> list[str]:
    """Return a name of its own for each column: “第7列” for a blank one, “备注（2）” for a second."""
    seen: dict[str, int] = {}
    labels = []
    for index, header in enumerate(headers, start=1):
        label = cells.one_line(header)[:60].rstrip(":：") or f"第{index}列"
        seen[label] = seen.get(label, 0) + 1
        labels.append(label if seen[label] == 1 else f"{label}（{seen[label]}）")
    return labels
