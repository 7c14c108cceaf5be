"""佐证附件: how large each kind of file may be, and how much a case and a member may add (领域 5.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Limits in bytes, by the group of a file; of one form, one case, and one member's day."""

    document: int = 20 * MB
    picture: int = 10 * MB
    recording: int = 20 * MB
    video: int = 20 * MB
    at_once: int = 20
    case: int = 500 * MB
    member_day: int = 2000 * MB


def file_limits(told: Mapping[str, Any]) -> FileLimits:
    """Read the limits from a rule set's ``[evidence]``; what it does not say is as found (领域 5.2).

    :raises ValueError: a limit is no positive whole number
    """
    usual = FileLimits()
    for name, value in told.items():
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise ValueError(f"规则集的 evidence.{name} 应为正整数")

    def size(name: str) -> int:
        return int(told[f"{name}_mb"]) * MB if f"{name}_mb" in told else getattr(usual, name)

    return FileLimits(
        document=size("document"), picture=size("picture"), recording=size("recording"),
        video=size("video"), at_once=int(told.get("at_once", usual.at_once)), case=size("case"),
        member_day=size("member_day"),
    )  # fmt: skip
