"""Personal data: which fields carry it, and how it looks masked (张*, 138****0000).

A model says which of its fields are personal in ``PERSONAL = {"field": how}``. ``how`` is the mask the column
is stored with, or one of the words below; a house test holds every text column to being declared or listed.
What is stored masked cannot leak by forgetting: pages, exports, pushes and searches all read the same.
"""

import re
from collections.abc import Callable
from typing import Any

from django.db import models

from jiesu.rules import personal_numbers
from jiesu.rules.personal_text import PersonalKind, find, fold, mask

Mask = Callable[[str], str]

SEALED = "sealed"  # encrypted as a whole, opened for the one it belongs to
HIDDEN = "***"
SHORT = 12
_OF_SOMEBODY = re.compile(
    "人|名|电话|手机|联系|地址|住址|证|卡|账|帐|车|邮|微信|QQ|内容|说明|备注|情况"
)
NOBODY = frozenset({"保密", "匿名", "不详", "不愿透露", "要求保密", "隐藏"})


def name(text: str) -> str:
    """张三 → 张*; 保密 and 匿名 say nothing of anybody and stay."""
    text = text.strip()
    if not text or text in NOBODY or text[1:] == "*":
        return text
    return text[0] + "*"


def phone(text: str) -> str:
    """12900000000 → 129****0000; 010-00000000 → 010-****0000; anything else keeps its last two."""
    digits = text.strip()
    if not digits or "*" in digits:
        return digits  # masked already
    told = f"电话{digits}"
    for span in personal_numbers.find(fold(told)):
        if span.kind is PersonalKind.PHONE and (span.start, span.end) == (2, len(told)):
            return mask(told, [span])[2:]
    signs = [n for n, sign in enumerate(digits) if sign.isalnum()]
    shown = set(signs[-2:]) if len(signs) > 4 else set()
    return "".join("*" if n in signs and n not in shown else sign for n, sign in enumerate(digits))


def address(text: str) -> str:
    """Keep compound and building, which one needs to go there; hide unit and door, or the last number."""
    lead = "住址："
    masked = mask(lead + text)[len(lead) :]
    return re.sub(r"\d+", lambda m: "*" * len(m[0]), text) if masked == text else masked


def within(text: str) -> str:
    """Mask everything personal that stands in a text."""
    return mask(text) if text else text


def hidden(text: str) -> str:
    """Nothing of what is personal in a text, for requesters who are to be kept 保密."""
    out, at = [], 0
    for span in find(text):
        out += [text[at : span.start], HIDDEN]
        at = span.end
    return "".join([*out, text[at:]])


def labelled(label: str, text: str, how: Mask = within) -> str:
    """Mask a cell whose heading says what it is: a bare number below 身份证号 is one."""
    if len(text) < SHORT and not _OF_SOMEBODY.search(label) and not any(map(str.isdecimal, text)):
        return text  # 市派单, 满意: a few words below a heading that says nothing of anybody
    lead = f"{label}："
    return how(lead + text)[len(lead) :] if text else text


class WordsField(models.TextField):
    """A text that people write: stored masked, so that whoever shows it shows no more than that."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return within(value) if isinstance(value, str) else value

    def deconstruct(self) -> Any:
        """To the database it is any text column."""
        named, _, args, options = super().deconstruct()
        return named, "django.db.models.TextField", args, options


class ShortWordsField(models.CharField):
    """As ``WordsField``, of a limited length."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return within(value) if isinstance(value, str) else value

    def deconstruct(self) -> Any:
        """To the database it is any text column."""
        named, _, args, options = super().deconstruct()
        return named, "django.db.models.CharField", args, options
