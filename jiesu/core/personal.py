"""Personal data: which fields carry it, and how it looks masked (张*, 138****0000).

A model says which of its fields are personal in ``PERSONAL = {"field": mask}``; the mark drives
masking on pages and in exports.
"""

import re
from collections.abc import Callable

Mask = Callable[[str], str]

_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}-?)(\d{7,8})(?!\d)")


def name(text: str) -> str:
    """张三 → 张*; 保密 and titles (张女士) keep what they say about nobody in particular."""
    text = text.strip()
    if not text or text in {"保密", "匿名", "不详"}:
        return text
    return text[0] + "*"


def phone(text: str) -> str:
    """13800000000 → 138****0000; 010-68000000 → 010-****0000; anything else keeps its last two."""
    digits = text.strip()
    if not digits:
        return ""
    if re.fullmatch(r"1\d{10}", digits):
        return f"{digits[:3]}****{digits[-4:]}"
    if found := re.fullmatch(r"(0\d{2,3}-?)\d{3,4}(\d{4})", digits):
        return f"{found[1]}****{found[2]}"
    return "*" * max(len(digits) - 2, 1) + digits[-2:] if len(digits) > 4 else "****"


def address(text: str) -> str:
    """Keep the road or compound, hide every house, building and door number."""
    return re.sub(r"\d+", "*", text)


def within(text: str) -> str:
    """Mask phone and identity numbers that stand inside free text."""
    text = _IDENTITY.sub(r"\1********\2", text)
    text = _PHONE.sub(r"\1****\2", text)
    return _LANDLINE.sub(lambda found: f"{found[1]}****{found[2][-4:]}", text)
