"""Pinyin initials (拼音首字母), so that 民生保障办公室 is found by typing ``msb``."""

from bisect import bisect

# The 3,755 common characters of GB 2312 stand in the order of their pinyin: the first character of
# each initial is enough to tell them all (some twenty characters with two readings go by the other).
_FIRST = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
_INITIALS = "abcdefghjklmnopqrstwxyz"
_STARTS = [character.encode("gb2312") for character in _FIRST]
_COMMON = (b"\xb0\xa1", b"\xd7\xf9")


def initials(text: str) -> str:
    """民生保障办公室 → ``msbzbgs``; letters and digits in small, a rare character as it is."""
    return "".join(map(_initial, text.lower()))


def _initial(character: str) -> str:
    code = character.encode("gb2312", "ignore")
    if len(code) != 2 or not _COMMON[0] <= code <= _COMMON[1]:
        return character
    return _INITIALS[bisect(_STARTS, code) - 1]
