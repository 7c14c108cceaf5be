"""Doors in free text: 3号楼2单元501室, 12-3-402, 七单元六零二, 南里胡同18号.

Compound and building are needed to go there and stay; unit and door are hidden. A road's number is a
place like any other unless the words before say that somebody lives there (家住…, 住址: …): then the last
number that is given is hidden. Lines (302路), articles of law and floors of a shop are no doors.
"""

import re
from collections.abc import Iterator

from jiesu.rules.personal_kinds import PersonalKind, Span

_C = "一二三四五六七八九十百零〇两壹贰叁肆伍陆柒捌玖拾"
_N = rf"(?:[甲乙丙丁东西南北]?[A-Za-z]?\d{{1,4}}[A-Za-z]?|[甲乙丙丁]?[{_C}]{{1,4}}|[A-Za-z])"  # of a building or unit
_ROOM = rf"(?:[A-Za-z]?\d{{1,5}}[A-Za-z]?(?:[\-之]\d{{1,2}})?|[{_C}]{{1,5}}|[甲乙丙丁]\d{{1,4}})"
_BARE = rf"(?:[A-Za-z]?\d{{3,4}}[A-Za-z]?|[{_C}]{{3,4}})"  # a door with no 室 behind it
_B = r"[ ,\-]{0,2}"
_YARD = rf"(?:{_N} ?号?(?:院|大院|小院|弄){_B})"
_HOUSE = rf"(?:{_N} ?(?:号楼|號楼|栋|幢|座|#楼?|号公寓|号|楼|斋|单体|区|排){_B})"
_UNIT = rf"(?:{_N} ?(?:单元|门洞|门|梯){_B})"
_FLOOR = rf"(?:(?:{_N}|地下{_N}) ?(?:层|楼|F){_B})"
_ROOM_ENDS = r"(?:室|号房|房间|房(?![价产源屋东子改管贷租地租])|号室|号)"
# what makes a bare figure something else than a door
_NOT_A_DOOR = r"(?!\d|[路米元人平年个万千百度分块吨多余%㎡]|户(?:居民|人家|业主|村民|住户)|[ ]?(?:平米|平方|公里|线|路车|医院|厂|所|国道|省道|部队|小时|天(?!天))|\.\d|[\-~至到]\d)"
_BY_PLACE = re.compile(
    rf"(?<![\dA-Za-z])(?P<lead>{_YARD}?{_HOUSE})(?P<body>{_UNIT}?{_FLOOR}?(?:{_ROOM}{_ROOM_ENDS}|{_BARE}{_NOT_A_DOOR})|{_UNIT}(?:{_FLOOR})?[东西中南北左右]户)"
)
_BY_UNIT = re.compile(
    rf"(?<![\dA-Za-z{_C}])(?P<lead>)(?P<body>{_N} ?(?:单元|门洞?){_B}{_FLOOR}?(?:{_ROOM}{_ROOM_ENDS}|{_BARE}{_NOT_A_DOOR}|[东西中南北左右][户侧]))"
)
_BY_DASH = re.compile(
    r"(?<![\dA-Za-z\-/.])(?P<lead>(?:[甲乙丙丁]?\d{1,3}号)?[A-Za-z]?\d{1,3}(?:号楼|栋|幢|座|号|#)?)-(?P<body>[A-Za-z\d]{1,2}(?:单元)?-(?:\d{1,2}-)?\d{3,4}[A-Za-z]?(?:室|号|户)?)(?![\d\-/:.]|[年月日元])"
)
_BY_ONE_DASH = re.compile(
    r"(?P<lead>(?:院|园|苑|里|区|楼|栋|座|庭|府|城|湾|居|庄|村|庐|寓|阁|邸|郡|家住|住)[ ,]?[A-Za-z]?\d{1,3})-(?P<body>\d{3,4}[A-Za-z]?(?:室|号|户)?)(?![\d\-/:.]|[年月日元])"
)
_BY_ROOM = re.compile(
    rf"(?<![\dA-Za-z.\-{_C}第])(?P<lead>)(?P<body>(?:[A-Za-z]?\d{{3,4}}[A-Za-z]?|[{_C}]{{3,4}})(?:室(?!内|外|友)|号房(?!间)|房(?![价产源屋东子改管贷租地间]|间的?价)|房间(?=.{{0,2}}(?:住|的业主|的邻|的租))))"
)
_BY_NEIGHBOUR = re.compile(
    rf"(?:楼上|楼下|隔壁|对门|对面|邻居|业主|住户|住在?|家住|我家|家是|租客|租户|户主)(?:是|的|在|为|:|,)?(?P<lead>)(?P<body>{_BARE}){_NOT_A_DOOR}"
)
_BY_OWNER = re.compile(
    rf"(?<![\dA-Za-z.\-/:{_C}第])(?P<lead>)(?P<body>\d{{3,4}})(?=的?(?:业主|住户|邻居|住家|家里|户主|租户|租客|那家|这家|那户|这户|人家))(?!户)"
)
_ALLEY = re.compile(
    rf"(?P<lead>[一-鿿]{{1,6}}(?:胡同|巷|夹道|里弄|[一二三四五六七八九十]条|平房|排房|村|屯|庄|家属区|宿舍|组|大院))(?P<body>(?:{_N} ?(?:区|排|组|院){_B})?(?:门牌)?(?:旁门|甲|乙|附|支)?{_ROOM} ?号(?:旁门|院|之[一二三]|-\d{{1,2}})?)(?![楼栋幢座线]|\d)"
)
_PLATE = re.compile(
    rf"(?P<lead>(?:门牌|平房|排房)(?:号码|号)?(?:是|为|:)?)(?P<body>(?:{_N} ?(?:区|排|院|号院){_B}){{0,2}}{_ROOM} ?(?:号院?|室|户)?)(?![\d路楼栋])"
)
_ANCHOR = re.compile(  # one class of signs first: that is looked for quickly
    r"[\dA-Za-z一二三四五六七八九十零〇百两胡巷村屯庄组条房牌]"
    r"(?:(?<=[0-9A-Za-z一二三四五六七八九十零〇百两]) ?[单栋幢座室斋#排楼门房户号\-]"
    r"|(?<=\d)\d\d|(?<=[胡巷村屯庄组条房牌])同?\d)"
)
_HOME = re.compile(
    r"(?:家住|住在|住址|居住于|居住在|现住|户籍|家庭地址|地址|住所|寄[到往至]|送[到往至]|家在|住处)[^\d。;；\n]{0,40}?"
)
_NUMBERED = re.compile(
    rf"(?P<body>{_N} ?(?:号院|号(?!楼|线|院|文|令)|弄|号楼|栋|幢|座|排))(?!线|地铁)"
)
_LEAD = re.compile(
    r"(?:[一-鿿]{2,5}?(?:省|市|自治区))?(?:[一-鿿]{1,5}?[市区县旗])?(?:[一-鿿]{2,6}?(?:街道|镇|乡))?(?:[一-鿿]{1,8}?社区)?"
    r"(?:[一-鿿A-Za-z]{1,8}?(?:路|街|大道|大街|胡同|巷|条)(?:[甲乙丙丁]?\d{1,5}号(?:院)?)?)?"
    r"(?:[一-鿿A-Za-z]{1,10}?(?:小区|家园|花园|公寓|[里院园苑庭府城湾居庄村区寓阁邸郡]))?[ ,]?$"
)
_STOP = re.compile(
    r"[^一-鿿A-Za-z0-9 ]|[在住是于从为给向把被对至去来我你他她们的了叫说和与及同到]|本人|业主|居民|地址|反映|位于"
)


_A = rf"[\dA-Za-z{_C}]"  # how a number ends
_WAYS = {  # each way a door is written, with what it cannot do without and is looked for quickly
    _BY_PLACE: re.compile(_A + " ?[号號栋幢座#楼斋单区排]"),
    _BY_DASH: re.compile(r"[\dA-Za-z号楼栋幢座#]-[A-Za-z\d]"),
    _BY_ONE_DASH: re.compile(r"\d-\d"),
    _BY_UNIT: re.compile(_A + " ?[单门]"),
    _BY_ROOM: re.compile(_A + "(?:室|号?房)"),
    _BY_NEIGHBOUR: re.compile("[楼下壁门面居主户住家是客]"),
    _BY_OWNER: re.compile(r"\d的?[业住邻家户租那这人]"),
    _ALLEY: re.compile(_A + " ?号"),
    _PLATE: re.compile("[门平排][牌房]"),
}


def find(folded: str) -> Iterator[Span]:
    """Yield the doors of a folded text."""
    for start, end in _windows(folded):
        yield from _doors(folded, start, end)
    yield from _homes(folded)


def _windows(folded: str) -> list[tuple[int, int]]:
    """Where a number stands that may be a building's, unit's or door's, with what is around it."""
    out: list[tuple[int, int]] = []
    for m in _ANCHOR.finditer(folded):
        start, end = max(m.start() - 24, 0), min(m.end() + 40, len(folded))
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _doors(folded: str, start: int, end: int) -> Iterator[Span]:
    for pattern, core in _WAYS.items():
        if not core.search(folded, start, end):
            continue
        for m in pattern.finditer(folded, start, end):
            if pattern is _BY_DASH and _is_date(m[0]):
                continue
            if pattern is _BY_PLACE and not _is_house(m):
                continue
            body = m.span("body")
            yield Span(_start(folded, m.start("lead")), body[1], PersonalKind.DOOR, body=body)


def _homes(folded: str) -> Iterator[Span]:
    """Where the words before say that somebody lives there, the last number given is hidden."""
    for home in _HOME.finditer(folded):
        piece = re.split(r"[。;；\n,，]", folded[home.end() : home.end() + 60], maxsplit=1)[0]
        if given := list(_NUMBERED.finditer(piece)):
            last = given[-1]
            body = (home.end() + last.start("body"), home.end() + last.end("body"))
            yield Span(_start(folded, body[0]), body[1], PersonalKind.DOOR, body=body)


def _is_date(found: str) -> bool:
    parts = re.findall(r"\d+", found)
    return (
        len(parts) == 3
        and bool(re.fullmatch(r"(?:19|20)\d\d", parts[2]))
        and 0 < int(parts[0]) <= 31
    )


def _is_house(m: re.Match[str]) -> bool:
    """3号501 is a door of a compound; 5号12 or 2号一百 is no such thing; 3楼501 is."""
    return not re.fullmatch(r"[一二两三四五六七八九十百]{1,3}(?:户|号)", m["body"])


def _start(folded: str, at: int) -> int:
    """Where the address begins that leads to the door: road, compound, without the words before it."""
    piece = folded[max(at - 30, 0) : at]
    stop = 0
    for m in _STOP.finditer(piece):
        stop = m.end()
    lead = piece[stop:]
    return at - len(lead) if _LEAD.fullmatch(lead) and lead.strip() else at
