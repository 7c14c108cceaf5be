"""Order files as they come from a platform, read as orders to learn from."""

from collections.abc import Iterator
from pathlib import Path

from jiesu.platforms.drafts import Draft, clean
from jiesu.platforms.sheets import Unreadable
from jiesu.platforms.tables import read
from jiesu.triage.learning.orders import CATEGORY, UNIT, Order
from jiesu.triage.learning.samples import Unusable

LINES = (".jsonl", ".jsonl.gz", ".json")
COMMUNITY = ("社区", "居委会")


def is_lines(path: Path) -> bool:
    """True when the file is one of JSON lines, not an order file."""
    return path.name.endswith(LINES)


def orders(path: Path, target: str) -> list[Order]:
    """Return the orders of a file; lines that are no orders are passed over.

    :raises Unusable: it cannot be read, or nothing of the target can be learnt from orders
    """
    if target not in {UNIT, CATEGORY}:
        raise Unusable(
            f"工单文件能学的是 unit（主办单位）和 category（问题分类），不是“{target}”。"
        )
    try:
        found = list(_orders(path))
    except Unreadable as why:
        raise Unusable(f"{path.name}：{why}。") from None
    except OSError as broken:
        raise Unusable(f"读不到文件 {path}：{broken}。请核对路径。") from None
    if not found:
        raise Unusable(f"{path.name} 里没有一件可用的工单，请核对文件。")
    return found


def _orders(path: Path) -> Iterator[Order]:
    for sheet in read(path).sheets:
        for draft in clean(sheet):
            if isinstance(draft, Draft):
                yield _order(draft)


def _order(draft: Draft) -> Order:
    at = draft.arrived_at
    return Order(
        title=draft.title, content=draft.content, category=draft.category,
        community=draft.community, unit=draft.unit,
        unit_is_community=draft.unit.endswith(COMMUNITY), at=at.at if at else None,
    )  # fmt: skip
