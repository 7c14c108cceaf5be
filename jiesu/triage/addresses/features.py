"""What the characters of an address say: themselves and their neighbours, kinds of characters, words, runs of
figures, the nearest characters that end a part (路, 号, 楼), and what was said before.

A feature is a short text; a model keeps only its hash, so that it holds nothing that anybody wrote.
"""

import re
from bisect import bisect_left
from hashlib import blake2b

import rjieba

ENDS = frozenset(
    "省市区县镇乡村路街道巷弄号幢栋座楼层单元室院园苑城庄里社居委组东南西北口旁店厂公司铺房梯期"
)
_FIGURES = frozenset("零一二三四五六七八九十百两〇")
_SIGNS = frozenset("-－—()（）#,，、")
_WINDOWS = ((-1, 1), (-2, 2), (-3, 1), (-1, 3), (-4, 0), (0, 4), (-2, 0), (0, 2), (-3, 3), (-4, 4))
_RUN = re.compile(r"[0-9A-Za-z]+")
_PIECE = re.compile(r"[0-9]+|[A-Za-z]+|.", re.DOTALL)


def hashed(feature: str) -> int:
    """Return the 64-bit hash a model knows a feature by."""
    return int.from_bytes(
        blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest(), "little"
    )


def features(text: str) -> list[list[str]]:
    """Return for each character what it says."""
    found: list[list[str]] = [[] for _ in text]
    _around(text, found)
    _words(text, found)
    _nearest(text, found)
    _runs(text, found)
    _before(text, found)
    _pieces(text, found)
    return found


def _around(text: str, found: list[list[str]]) -> None:
    kinds = "".join(map(_kind, text))
    chars, kinds = f"^^^^{text}$$$$", f"^^^^{kinds}$$$$"
    for i, here in enumerate(found):
        p = i + 4
        for size in (1, 2, 3, 4):
            for d in range(-3, 5 - size if size > 1 else 4):
                here.append(f"{size}{d}{chars[p + d : p + d + size]}")
        here += [f"k{a}{b}{kinds[p + a : p + b + 1]}" for a, b in _WINDOWS]
        here.append(f"g{chars[p - 1]}{chars[p + 1]}")
        here += [f"a{min(i, 6)}", f"z{min(len(found) - 1 - i, 6)}"]


def _words(text: str, found: list[list[str]]) -> None:
    words = rjieba.cut(text)
    if "".join(words) != text:
        words = list(text)
    places = [
        (n, "S" if len(word) == 1 else "B" if at == 0 else "E" if at == len(word) - 1 else "M")
        for n, word in enumerate(words)
        for at in range(len(word))
    ]
    around = ["^", *words, "$"]
    for i, (here, (n, place)) in enumerate(zip(found, places, strict=True)):
        before, word, after = around[n : n + 3]
        left = places[i - 1][1] if i else "^"
        right = places[i + 1][1] if i + 1 < len(places) else "$"
        here += [
            f"w{place}", f"W{place}{word}", f"Wp{before} {place}", f"Wn{after} {place}",
            f"We{place}{word[-1]}", f"Wa{left}{place}{right}", f"Wl{before[-1]}{place}{word[-1]}",
            f"Wr{after[-1]}{place}{word[-1]}",
        ]  # fmt: skip


def _nearest(text: str, found: list[list[str]]) -> None:
    """The next two characters that end a part, and the last two."""
    ends = [i for i, char in enumerate(text) if char in ENDS]
    kinds = "".join(map(_kind, text))
    for i, here in enumerate(found):
        at = bisect_left(ends, i)
        ahead = [(text[e], min(e - i, 5)) for e in ends[at : at + 2]] + [("$", 9)] * 2
        behind = [(text[e], min(i - e, 5)) for e in reversed(ends[max(at - 2, 0) : at])] + [
            ("^", 9)
        ] * 2
        (next1, far), (next2, _), (last1, back), (last2, _) = *ahead[:2], *behind[:2]
        here += [
            f"n{next1}{far}", f"p{last1}{back}", f"np{last1}{next1}{kinds[i]}", f"n2{next1}{next2}",
            f"p2{last2}{last1}", f"np2{last2}{last1}{next1}{next2}",
        ]  # fmt: skip


def _runs(text: str, found: list[list[str]]) -> None:
    """Runs of figures and letters: how long, which of how many, between what."""
    runs = [match.span() for match in _RUN.finditer(text)]
    fine = "".join(map(_kind, text))
    coarse = "".join(k if k in "01a" or not k.isalnum() else "z" for k in fine)
    edge = lambda at: text[at] if 0 <= at < len(text) else ("^" if at < 0 else "$")  # noqa: E731
    for n, (start, end) in enumerate(runs):
        left, right = edge(start - 1), edge(end)
        told = [
            f"r{left}{min(end - start, 5)}{right}", f"ro{n}/{len(runs)}", f"rr{len(runs) - n}{left}{right}",
            f"rs{_shape(coarse[:start])[-5:]}<>{_shape(coarse[end:])[:5]}",
            f"rf{_shape(fine[:start])[-5:]}<>{_shape(fine[end:])[:5]}",
        ]  # fmt: skip
        for i in range(start, end):
            found[i] += told
    for i, here in enumerate(found):
        done = [run for run in runs if run[1] <= i]
        ahead = next((run for run in runs if run[0] > i), None)
        if not any(start <= i < end for start, end in runs):
            here.append(f"nr{edge(ahead[1])}{min(ahead[0] - i, 4)}" if ahead else "nr$9")
            here.append(f"lr{edge(done[-1][1])}{min(i - done[-1][1], 4)}" if done else "lr$9")
            here.append(f"rn{len(done)}/{len(runs)}")


def _before(text: str, found: list[list[str]]) -> None:
    """What has been said already, and what is still to come."""
    for i, here in enumerate(found):
        left, right = text[:i], text[i + 1 :]
        here.append("h" + "".join(c for c in "省市区县镇道路街号" if c in left))
        here.append("h2" + "".join(c for c in "路街号幢楼" if c in left) + _kind(text[i]))
        here.append("hr" + "".join(c for c in "省市区镇路号幢室" if c in right))
        for size in (2, 3):
            for start in range(max(0, i - size + 1), min(i, len(text) - size) + 1):
                if text.find(text[start : start + size]) < start:
                    here.append(f"again{size}{i - start}")


def _pieces(text: str, found: list[list[str]]) -> None:
    """The neighbours with every run of figures as one piece: 号0幢 for 号12幢."""
    spans = [match.span() for match in _PIECE.finditer(text)]
    said = ["0" if text[a].isascii() and text[a].isdigit() else "a" if text[a].isascii() and text[a].isalpha() else text[a] for a, _ in spans]  # fmt: skip
    around = ["^"] * 3 + said + ["$"] * 3
    for n, (start, end) in enumerate(spans):
        p = n + 3
        windows = [
            (-1, 0),
            (0, 1),
            (-2, 0),
            (-1, 1),
            (0, 2),
            (-3, 0),
            (0, 3),
            (-2, 1),
            (-1, 2),
            (-2, 2),
            (-3, 3),
        ]
        told = [f"q{a}{b}{''.join(around[p + a : p + b + 1])}" for a, b in windows]
        for i in range(start, end):
            place = "S" if end - start == 1 else "B" if i == start else "E" if i == end - 1 else "M"
            found[i] += [f"{one}{place}" for one in told]


def _kind(char: str) -> str:
    if char.isdigit():
        return "0"
    if char in _FIGURES:
        return "1"
    if char.isascii() and char.isalpha():
        return "a"
    if not char.isalnum():
        return char if char in _SIGNS else "p"
    return char if char in ENDS else "z"


def _shape(kinds: str) -> str:
    return re.sub(r"z+", "z", re.sub(r"0+", "0", kinds))
