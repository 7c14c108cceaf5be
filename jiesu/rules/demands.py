"""诉求点: one text may ask for several things, and the reply must answer each (合同: 逐项答复).

Numbered items, 一是…二是, 另外, 此外, and questions in a row are told apart; a list of reasons, rules or harms is
not a list of demands. What is told is a suggestion: a person says how many there are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jiesu.rules.saying import sentences

SHOWN = 120  # characters of a point
MOST = 20
INTRODUCES, LOOKS_ON = (
    14,
    60,
)  # characters of a sentence that only leads to the next, and how far to look then

_CHINESE = {c: n for n, c in enumerate("一二三四五六七八九十", start=1)}
_CIRCLED = {c: n for n, c in enumerate("①②③④⑤⑥⑦⑧⑨⑩", start=1)}
_ORDER = {"首先": 1, "其次": 2, "再次": 3, "然后": 3, "再者": 3, "最后": 0}
_NUMBER = r"(\d{1,2}|[一二三四五六七八九十])"
_FAMILIES = tuple(
    re.compile(family)
    for family in (
        r"(?<![\d.．-])(\d{1,2})(?:、|[.．:：)）](?!\d))",
        r"(?<![\d.．])(\d{1,2})[，,](?![\d,，])",
        r"(?<![一二三四五六七八九十第\w])([一二三四五六七八九十])[、.．：:]",
        rf"[（(]{_NUMBER}[)）]",
        r"([①②③④⑤⑥⑦⑧⑨⑩])",
        rf"第{_NUMBER}(?:点|条|个问题)?[，,、：:.]",
        r"(?<![统唯之万同单专])([一二三四五六七八九])是",
        r"(?:^|(?<=[。！？；;，,\n：:]))\s*(首先|其次|再次|然后|再者|最后)[，,：:]?",
    )
)  # fmt: skip

_ASKS = re.compile(
    r"希望|请求|要求|恳请|恳求|请(?!假|客)|建议|望(?=.{0,6}(?:领导|部门|政府|解决|处理|尽快))|盼|能否|能不能|可否|可不可以|是否|"
    r"什么时候|啥时候|何时|多久|为什么|为何|怎么|如何|多少|吗|有没有|会不会|投诉|举报|反映|督促|解决|处理|整治|整改|查处"
)  # fmt: skip
_COMPLAINS = re.compile(
    r"没有|未|不(?!久|仅|但是|过|同|论|管|知不觉)|乱|差|太|严重|违|扰民|占|堵|漏|坏|破|脏|臭|拖欠|危险|隐患|缺|少"
)
_LEADS_TO_DEMANDS = re.compile(
    r"诉求|要求|请求|希望|建议|问题|反映|请问|咨询|疑问|疑惑|想知道|投诉|恳请|申请|主要体现|有以下几点|意见|查处|举报|明确|解释|答复"
)
_LEADS_TO_FACTS = re.compile(
    r"原因|理由|依据|根据|规定|违反|违背|危害|害处|坏处|好处|证据|证明|条件|步骤|流程|比例|标准|事实|条款|分别(?:为|是)|包括|包含"
)
_CLOSING = re.compile(
    r"\s*(?:注[：:]|来电反映|以上|综上|总之|望(?!见)|希望(?:领导|各级|有关|上级|政府|相关|能)|恳请(?:领导|上级|有关|各级)|请(?:领导|有关|各级|相关|您|给予|尽快)|"
    r"特此|此致|谢谢|感谢|联系|盼复|敬礼|致敬|我们需要|最后|同一片)"
)
_REPORTS = re.compile(  # an answer is owed anyhow: to ask for one is no demand of its own
    r"(?:请|并|望|希望)?(?:尽快|及时)?(?:将|把)?(?:办理|处理|处置)?(?:情况|结果|进展)?(?:电话|书面|及时|尽快)?(?:告知|回复|反馈|答复|回电)(?:本人|来电人|诉求人|我|一下|情况|结果)*[。！!]?$"
)
_MORE = re.compile(
    r"(?:^|(?<=[。！？!?\n，,；;]))\s*(同时(?:也|还)?(?:要|应|希望|建议|请|恳请|要求)|同时(?=[，,])|其次)[，,：:、]?"
    r"|(?:(?:^|(?<=[。！？；;!?，,\n\s]))(另外(?![一两几][个部家栋条辆种边位台层户套间](?!问题))|此外|除此之外|除此以外|再就是|再有[，,]|还有就是|还有一点|还有一个问题|还有个问题)"
    r"|(?:^|(?<=[。！？；;!?\n]))\s*(还有(?!没有|谁|哪)|同时))[，,：:、]?"
)
_ADDS = {
    "另外",
    "此外",
    "除此之外",
    "除此以外",
    "再就是",
    "还有就是",
    "还有一点",
    "还有一个问题",
    "还有个问题",
}
_ENCLOSES = re.compile(r"附上|附件|附图|照片|联系|电话|谢|祝|说几句|补充说明|说一下")
_POLITE = re.compile(r"请问|咨询|想问|请教|想知道|想了解|想咨询|疑问")
_QUESTION = re.compile(
    r"是否|吗|什么时候|啥时候|何时|多久|多少|如何|怎么(?!能|会|可能)|哪|能否|能不能|可不可以|可否|有没有|会不会|要不要|是不是|什么"
)
_RHETORICAL = re.compile(
    r"难道|何在|凭什么|岂|试问|情何以堪|谁来|怎么能|天理|良心|何苦|为什么|为何|有何道理|公平吗|合理吗|不公平|对吗|管吗|什么道理|何道理|什么用"
)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing asked for: its words, where they stand in the content, and what told it apart."""

    text: str
    start: int
    end: int
    sign: str = ""


def points(title: str, content: str) -> list[Point]:
    """Return what a text asks for, in order; one point, with the title's words, where nothing tells several apart."""
    found = _listed(content) or _added(title, content) or _asked(content)
    return found[:MOST] if len(found) > 1 else [_whole(title, content)]


def _whole(title: str, content: str, end: int | None = None) -> Point:
    first = next((text for _, text in sentences(content)), "")
    return Point(_brief(title or first), 0, len(content) if end is None else end)


def _brief(text: str) -> str:
    plain = " ".join(text.replace("_x000D_", " ").split()).strip(" ，,。；;：:、")
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"


def _value(sign: str) -> int:
    for values in (_CHINESE, _CIRCLED, _ORDER):
        if sign in values:
            return values[sign]
    return int(sign)


def _listed(content: str) -> list[Point]:
    """The items of the list that begins first, unless it lists something else."""
    chains = [chain for family in _FAMILIES if len(chain := _chain(family, content)) > 1]
    for chain in sorted(chains, key=lambda chain: (chain[0].start(), -len(chain))):
        lead = _lead(content[: chain[0].start()])
        asked = bool(_LEADS_TO_DEMANDS.search(lead))
        if not asked and _LEADS_TO_FACTS.search(lead):
            continue
        found = list(_items(content, chain))
        asking = [one for one in found if _ASKS.search(one.text) or _COMPLAINS.search(one.text)]
        if len(found) > 1 and (asked or not lead or 2 * len(asking) > len(found)):
            return found
    return []


def _chain(family: re.Pattern[str], content: str) -> list[re.Match[str]]:
    """The marks of one kind that count 1, 2, 3."""
    chain: list[re.Match[str]] = []
    for mark in family.finditer(content):
        number = len(chain) + 1 if mark[1] == "最后" and len(chain) > 1 else _value(mark[1])
        if number == len(chain) + 1:
            chain.append(mark)
        elif number == 1 and len(chain) < 2:
            chain = [mark]
    return chain


def _lead(before: str) -> str:
    """The last words before a list: they say what it lists."""
    return re.split(r"[。！？；\n]", before.rstrip(" \t\r\n　：:，,。！？；_x0D"))[-1][-40:]


def _items(content: str, chain: list[re.Match[str]]) -> Iterator[Point]:
    ends = [mark.start() for mark in chain[1:]] + [len(content)]
    for mark, end in zip(chain, ends, strict=True):
        if end == len(content):
            end = mark.end() + _before_closing(content[mark.end() :])
        text = _brief(content[mark.end() : end])
        if len(text) > 2 and not _REPORTS.match(text):
            yield Point(text, mark.start(), end, mark[0].strip())


def _before_closing(rest: str) -> int:
    """How far the last item goes: up to the words that close the letter."""
    for start, sentence in list(sentences(rest))[1:]:
        if _CLOSING.match(sentence):
            return start
    return len(rest)


def _added(title: str, content: str) -> list[Point]:
    """What comes first, and what another, besides, at the same time adds with a demand of its own."""
    marks = []
    for mark in _MORE.finditer(content):
        sentence = re.split(r"[。！？!?\n]", content[mark.end() :], maxsplit=1)[0]
        word = next(filter(None, mark.groups()))
        said = sentence if len(sentence) > INTRODUCES else content[mark.end() :][:LOOKS_ON]
        adds = word in _ADDS and not _ENCLOSES.search(sentence)
        asks = adds or _ASKS.search(said)
        if (asks or (len(word) > 2 and word.startswith("同时"))) and len(sentence) > 5:
            marks.append((mark.start(), mark.end(), word))
    if not marks:
        return []
    starts = [start for start, _, _ in marks]
    found = [_whole(title, content, starts[0])]
    for (start, begin, word), end in zip(marks, [*starts[1:], len(content)], strict=True):
        stop = min(end, begin + _before_closing(content[begin:end]))
        found.append(Point(_brief(content[begin:stop]), start, stop, word))
    return found


def _asked(content: str) -> list[Point]:
    """Questions of somebody who asks politely; what only accuses is none."""
    if not _POLITE.search(content):
        return []
    asked = [
        (start, text)
        for start, text in sentences(content)
        if text.rstrip().endswith(("？", "?", "吗", "吗。", "呢。"))
    ]
    meant = [
        Point(_brief(text), start, start + len(text), "问")
        for start, text in asked
        if _QUESTION.search(text) and not _RHETORICAL.search(text)
    ]
    return meant if 2 * len(meant) > len(asked) else []
