"""From a transcript: where the requester may have said the three things, how they sounded, what else they raised.

Words and phrases, the denial looked for before the plain word (“没解决” holds “解决”). Suggestions and no more:
each names its sentence, a person confirms or corrects it, and how often they agree is counted.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.call_back import Attitude
from jiesu.rules.labelled import Labelled


class Statement(Labelled):
    """What a sentence is about."""

    CONTACTED = "contacted", "联系"
    SOLVED = "solved", "解决"
    SATISFIED = "satisfied", "满意"
    ATTITUDE = "attitude", "态度"
    DEMAND = "demand", "其他诉求"


@dataclass(frozen=True, slots=True)
class Found:
    """One suggestion: what, with which answer, from which sentence (its place in the transcript)."""

    statement: Statement
    value: str
    place: int


_TABLE: tuple[tuple[Statement, str, str], ...] = (
    (Statement.CONTACTED, Contacted.NO, "没(有)?(人|谁)?(跟我|和我|给我)?(联系|打电话|来过电话)|没接到(过)?电话"),
    (Statement.CONTACTED, Contacted.YES, "(联系|打)(过|了)|(给|跟|和)我(打|联系)|来过电话|接到(过|了)?电话"),
    (Statement.SOLVED, Solved.UNSOLVED, "(没|未|还没|没有|尚未)(有|给|能|被|人)?(我)?(解决|修好|弄好|处理|办好)|解决不了|还是(不|没|老|那样)"),
    (Statement.SOLVED, Solved.PARTLY, "(解决|修|弄|处理|好)(了|完)?一(部分|半|些|点)|部分(解决|好)|好一点"),
    (Statement.SOLVED, Solved.SOLVED, "(解决|修好|弄好|处理好|处理完|办好|办完|搞定|好)了|已经(解决|修|处理|好|办)"),
    (Statement.SATISFIED, Satisfied.UNSATISFIED, "不(太|是很|怎么|大|够)?满意|没法满意"),
    (Statement.SATISFIED, Satisfied.BASIC, "(基本|还算|比较|大致|差不多)(上)?满意|还(行|可以)吧?"),
    (Statement.SATISFIED, Satisfied.SATISFIED, "满意|(挺|很|非常|特别)(好|不错|快|及时)"),
    (Statement.ATTITUDE, Attitude.AGITATED, "气死|太(过分|不像话)|骗(人|我)|上访|投诉你们|曝光|凭什么|什么态度"),
    (Statement.ATTITUDE, Attitude.DISPLEASED, "太(慢|差|久)|推(来推去|诿|脱)|糊弄|敷衍|不负责|没人管"),
    (Statement.ATTITUDE, Attitude.GRATEFUL, "谢谢|感谢|辛苦(了|你们)|麻烦你们了|表扬"),
    (Statement.DEMAND, "", "(另外|还有|顺便|再)(一个|一件|个|件|就是|想|跟|反映|说|问|要)|还想(反映|说|问)|别的(事|问题)"),
)  # fmt: skip
_RULES = [(statement, str(value), re.compile(pattern)) for statement, value, pattern in _TABLE]
_ASKED = re.compile(r"(吗|呢|没有|是不是|怎么样|如何|多少)[?？。，, ]*$|[?？]\s*$")


def suggest(sentences: Sequence[tuple[str, int]]) -> list[Found]:
    """Return what the sentences (text, side) suggest: of each statement the last that says something.

    Questions are what the street asks and suggest nothing. Of other demands every sentence counts.
    """
    found: dict[Statement, Found] = {}
    more = []
    for place, (text, _) in enumerate(sentences):
        if _ASKED.search(text):
            continue
        for one in _of(text, place):
            if one.statement is Statement.DEMAND:
                more.append(one)
            else:
                found[one.statement] = one
    return [*(found[kind] for kind in Statement if kind in found), *more]


def _of(text: str, place: int) -> Iterator[Found]:
    """The first rule of each statement that fits the sentence."""
    seen: set[Statement] = set()
    for statement, value, pattern in _RULES:
        if statement not in seen and pattern.search(text):
            seen.add(statement)
            yield Found(statement, value, place)


def error_rate(heard: str, said: str) -> tuple[int, int]:
    """Return (characters wrong, characters said): the edit distance of the words without signs and blanks."""
    a, b = _bare(heard), _bare(said)
    row = list(range(len(a) + 1))
    for i, sign in enumerate(b, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(a, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (sign != other))
    return row[-1], len(b)


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
