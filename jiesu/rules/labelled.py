"""An enumeration whose members carry a code for the database and a 中文 label for people."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """``SIGN = "sign", "签收"``: the value is the code, ``label`` is what people see."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (code, label) pairs in order, for a form or a column."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def label_of(cls, code: str) -> str:
        """Return the label of a code; a code nobody knows is returned as it is."""
        try:
            return cls(code).label
        except ValueError:
            return code
