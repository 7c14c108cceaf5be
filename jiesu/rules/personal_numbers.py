"""Numbers that are somebody's: phones, identity and bank numbers, plates, mail and net accounts.

A number may be written with blanks or dashes, in full width, or in Chinese digits (一三八…, 幺三八…).
Patterns look at the folded text (``personal_text.fold``); what is spoken in Chinese digits is looked at
once more with those turned into figures. A slip in a number (a digit too few, a wrong check digit) is
forgiven where the words before it say what it is.
"""

import re
from collections.abc import Iterator

from jiesu.rules.personal_kinds import PersonalKind, Span, fold

_SPOKEN = str.maketrans("〇零○洞一幺二三四五六七八九壹贰叁肆伍陆柒捌玖", "00001123456789123456789")
_SAID = re.compile(
    r"[0-9〇零○一幺二三四五六七八九壹贰叁肆伍陆柒捌玖](?:[ \-,、·]{0,2}[0-9〇零○洞一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]){6}"
)

# ------------------------------------------------------------------ what the words before say
_BEFORE = 14
_CALL = re.compile(
    r"(?:电话|手机|号码|座机|固话|来电|联系方式|联系|拨打|致电|打给|打|拨|机主|热线|传真|短信|微信|tel|phone|mobile|cell"
    r"|[☎📞📱])[^\d。;；]{0,9}$",
    re.I,
)
_PAPER = re.compile(
    r"(?:身份证|证件|公民身份|身份号|ID|护照|通行证|军官证|居住证|居留证|社保卡?|医保卡?|社会保障|台胞证|回乡证)[^\d。;；]{0,9}$",
    re.I,
)
_MONEY = re.compile(
    r"(?:卡号|账号|帐号|账户|帐户|银行卡?|储蓄卡|信用卡|借记卡|工资卡|社保卡|存折|开户行?|退款?[至到]|打[进入到]|汇[至到入]|转[至到入]|收款|[一-鿿]行|信用社)[^\d。;；]{0,9}$"
)
_THING = re.compile(
    r"(?:工单|单号|编号|订单|运单|快递|流水|合同|文号|案号|受理号?|票号|发票|序列|条码|编码|代码|批次|备案|许可|登记|执照|产权|房产证|不动产|学号"
    r"|准考证|追溯|热线|设备|型号|表号|户号|查询码|交易)[号码]?[是为:\s第(]{0,3}[A-Za-z\-]*$"
)
_UNIT = re.compile(r" ?(?:元|万|亿|块|平|米|公里|吨|度|千瓦|人|户|个|次|%|年|号文)")

# ------------------------------------------------------------------ shapes
_S = r"[ \-]{0,2}"  # between two digits
_LOOSE = r"[ \-.·,、/()]{0,2}"
_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[ \-)]{0,2})?\(?1(?:" + _LOOSE + r"\d){10}(?!\d)")
_LANDLINE = re.compile(
    r"(?<![\d.])\(?(?P<area>0(?:10|2\d|[3-9]\d{2}))\)?[ \-·/]{0,3}\d{3,4}[ \-]?\d{4}(?!\d)"
    r"(?P<inner>(?:[ ,(]{0,2}(?:转|分机|ext\.?|-)[ :]?\d{1,6}\)?)?)",
    re.I,
)
_LOCAL = re.compile(
    r"(?<![\d.\-])[2-8]\d{2,3}[ \-]?\d{4}(?![\d]|-\d{2})(?:[ ,(]{0,2}(?:转|分机|ext\.?|-)[ :]?\d{1,6}\)?)?",
    re.I,
)
_ABROAD = re.compile(r"(?<!\d)\+(?!86)\d(?:[ \-]?\d){7,14}(?!\d)")
_SLIP = re.compile(r"(?<!\d)1[3-9]\d(?:" + _S + r"\d){7}(?:" + _S + r"\d){0,2}(?!\d)")
_PAPERS = re.compile(
    r"(?<![\dA-Za-z])[1-9](?:[ \-]{0,2}\d){13,17}(?:[ \-]{0,2}[\dXx])?(?![\dA-Za-z])"
)
_LETTERED = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{1,2} ?\d{7,10}(?:\(\d\))?(?!\d)")
_CARD = re.compile(r"(?<![\d.+])(?!(?:00)?86[ \-]?1)\d(?:[ \-]{0,2}\d){11,20}(?![\d])(?!\.\d)")
_PLATE = re.compile(
    r"(?:[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼楚][ ·]?[A-Za-z](?:[ ·.\-]{0,2}[A-Za-z0-9]){4,6}[挂学警港澳使领试超临]?"
    r"|使[ ·.\-]?\d{3}[ ·.\-]?\d{3}|(?<!\d)\d{3}[ ·.\-]?\d{3}[使领]|WJ ?[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼\d]{1,2}[ ·.\-]{0,2}\d{4}[A-Za-z0-9])"
    r"(?![A-Za-z0-9])"
)
_BARE_PLATE = re.compile(
    r"(?:车牌号?码?|牌照号?|牌号|车号|尾号)[^A-Za-z0-9。,]{0,6}([A-Za-z][ ·]?(?=[A-Za-z0-9]{0,5}\d)[A-Za-z0-9]{5,6})(?![A-Za-z0-9])"
)
_EMAIL = re.compile(
    r"[A-Za-z0-9][\w.+\-]{0,63}(?: ?@ ?|\(at\)|\[at\]| at )[A-Za-z0-9\-]{1,63}(?: ?[.·] ?[A-Za-z0-9\-]{2,24}){1,4}",
    re.A | re.I,
)
_QQ = re.compile(
    r"(?:QQ|扣扣|企鹅|(?<![A-Za-z])Q)(?:群?号码?|账号|群)?(?:[:是为= ]|就是|也是){0,4}([1-9]\d{4,11})(?!\d)",
    re.I,
)
_CHAT = re.compile(
    r"(?:微信|威信|薇信|微 信|wechat|weixin|(?<![A-Za-z])(?:vx|wx|wei|v信|V)(?![A-Za-z])|抖音|快手|小红书|微博|支付宝|钉钉|飞书|陌陌)"
    r"(?!公众|小程序|群聊)(?:号码?|ID|账号|帐号|账户|昵称)?(?:[:是为=( ]|就是|也是|同号){0,5}((?:[A-Za-z](?=[\w\-]*[\d_\-])[\w\-]{3,29})|(?:[a-zA-Z][A-Za-z_\-]{5,19})|[1-9]\d{5,11})(?![\w\-@])",
    re.I | re.A,
)
_LETTER = re.compile(r"[A-Za-z]")
_DIGIT = re.compile(r"\d")
_FIVE = re.compile(r"\d{5}")
_EMBASSY = re.compile(r"[使领]")  # the plates without a letter
_RUN = re.compile(r"\d(?:[ \-.·,、/()]{0,3}\d){5,}")
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_GROUPS = frozenset(
    {
        (11,),
        (3, 4, 4),
        (3, 8),
        (7, 4),
        (3, 3, 5),
        (4, 3, 4),
        (4, 4, 3),
        (5, 6),
        (3, 2, 2, 2, 2),
        (3, 4, 2, 2),
        (1,) * 11,
    }
)
_SERVICE = re.compile(r"(?:400|800)\d{7}$|95\d{3,6}$|96\d{3,6}$|1[012]\d{1,3}$")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def find(folded: str) -> Iterator[Span]:
    """Yield the numbers of a folded text that are somebody's; they may overlap, the firmer is meant."""
    lettered = _LETTER.search(folded) is not None
    if lettered or "@" in folded or _FIVE.search(folded):
        yield from _accounts(folded)
    yield from _figures(folded)
    if lettered or _EMBASSY.search(folded):
        yield from _plates(folded)
    if _SAID.search(folded):
        spoken = folded.translate(_SPOKEN)
        if spoken != folded:
            yield from _figures(spoken)
            yield from _plates(spoken)


def digits(number: str) -> str:
    """Return the digits of a number however it is written, with +86 off a mobile number."""
    plain = "".join(sign for sign in fold(number).translate(_SPOKEN) if sign.isdecimal())
    return plain[-11:] if re.fullmatch(r"(?:00)?861\d{10}", plain) else plain


def _accounts(folded: str) -> Iterator[Span]:
    if "@" in folded or "at" in folded.lower():
        for m in _EMAIL.finditer(folded):
            yield Span(m.start(), m.end(), PersonalKind.EMAIL)
    for pattern in (_QQ, _CHAT):
        for m in pattern.finditer(folded):
            yield Span(m.start(1), m.end(1), PersonalKind.ACCOUNT, 1, 1)


def _plates(folded: str) -> Iterator[Span]:
    for m in _PLATE.finditer(folded):
        body = re.sub(r"[ ·.\-]", "", m[0])
        if any(sign.isdecimal() for sign in body) and 6 <= len(body) <= 9:
            yield Span(m.start(), m.end(), PersonalKind.PLATE, 2, 1)
    for m in _BARE_PLATE.finditer(folded):
        yield Span(m.start(1), m.end(1), PersonalKind.PLATE, 1, 1)


def _figures(folded: str) -> Iterator[Span]:
    for run in _RUN.finditer(folded):
        yield from _run(folded, max(run.start() - 4, 0), min(run.end() + 12, len(folded)))


def _run(folded: str, start: int, end: int) -> Iterator[Span]:
    """What a run of digits is, with the few signs before and behind that may belong to it."""
    piece = folded[start:end]
    count = len(_DIGIT.findall(piece))
    for m in _PAPERS.finditer(folded, start, end) if count >= 14 else ():
        plain = _plain(m[0])
        if _is_identity(plain) or (_says(_PAPER, folded, m) and 15 <= len(plain) <= 19):
            yield Span(m.start(), m.end(), PersonalKind.IDENTITY, 6, 2)
    for m in _LETTERED.finditer(folded, start, end) if _LETTER.search(piece) else ():
        if _says(_PAPER, folded, m):
            yield Span(m.start(), m.end(), PersonalKind.IDENTITY, 1, 2)
    for m in _MOBILE.finditer(folded, start, end) if count >= 11 else ():
        if _is_mobile(folded, m):
            yield Span(m.start(), m.end(), PersonalKind.PHONE, len(_plain(m[0])) - 8, 4)
    for m in _SLIP.finditer(folded, start, end) if count >= 10 else ():
        if _says(_CALL, folded, m):
            yield Span(m.start(), m.end(), PersonalKind.PHONE, 3, 2)
    for m in _LANDLINE.finditer(folded, start, end) if "0" in piece else ():
        yield Span(
            m.start(), m.end(), PersonalKind.PHONE, len(m["area"]), 4 + len(_plain(m["inner"]))
        )
    for m in _ABROAD.finditer(folded, start, end) if "+" in piece else ():
        yield Span(m.start(), m.end(), PersonalKind.PHONE, 3, 2)
    for m in _LOCAL.finditer(folded, start, end):
        called = _says(_CALL, folded, m) and not _says(_THING, folded, m)
        if called and not _SERVICE.match(_plain(m[0])) and not _UNIT.match(folded, m.end()):
            yield Span(m.start(), m.end(), PersonalKind.PHONE, 2, 2)
    for m in _CARD.finditer(folded, start, end) if count >= 12 else ():
        if _is_card(folded, m):
            yield Span(m.start(), m.end(), PersonalKind.BANK, 4, 4)


def _says(what: re.Pattern[str], folded: str, m: re.Match[str]) -> bool:
    """True when the words before a number say what it is."""
    return bool(what.search(folded[max(m.start() - _BEFORE, 0) : m.start()]))


def _plain(number: str) -> str:
    return "".join(sign for sign in number if sign.isalnum())


def _is_identity(number: str) -> bool:
    """居民身份证: 18 with a date or a right check digit (GB 11643), or the old 15 with both."""
    if number[:2] not in _PROVINCES:
        return False
    if len(number) == 18:
        dated = number[6:8] in {"18", "19", "20"} and _is_day(number[10:14])
        return dated or _checked(number)
    return len(number) == 15 and number.isdecimal() and _is_day(number[8:12])


def _is_day(month_day: str) -> bool:
    return "01" <= month_day[:2] <= "12" and "01" <= month_day[2:] <= "31"


def _checked(number: str) -> bool:
    total = sum(int(sign) * weight for sign, weight in zip(number[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def _is_mobile(folded: str, m: re.Match[str]) -> bool:
    before = folded[max(m.start() - _BEFORE, 0) : m.start()]
    own = m[0]
    plain = _plain(own)
    if len(plain) > 11:
        return True  # +86
    bare = own
    groups = tuple(map(len, re.split(r"\D+", bare.strip("() "))))
    called = bool(_CALL.search(before))
    if re.search(r"[A-Za-z]$", before) and not re.search(
        r"(?:tel|phone|mobile|ph|cell|vx?|wx|[mt])$", before, re.I
    ):
        return False
    if before.endswith(("-", "_", "/")) and re.search(r"[\dA-Za-z][-_/]$", before) and not called:
        return False
    if groups not in _GROUPS and not called:
        return False
    loose = re.search(r"[.·,、/]", bare)
    if loose and (plain[-10] < "3" or groups == (1,) * 11):
        return False
    if plain[-10] in "01" and not called and len(groups) > 1:
        return False
    if _THING.search(before) and not called:
        return False
    return not _UNIT.match(folded, m.end()) or called


def _is_card(folded: str, m: re.Match[str]) -> bool:
    """A bank number: by what stands before, by its groups of four, by 62 and a length, or by Luhn."""
    before = folded[max(m.start() - _BEFORE, 0) : m.start()]
    plain = _plain(m[0])
    if plain[0] == "0" and len(plain) < 15:
        return False
    if _MONEY.search(before) and not _THING.search(before):
        return len(plain) >= 12 and not _UNIT.match(folded, m.end())
    if re.search(r"[A-Za-z\d]-?$", before) or not 15 <= len(plain) <= 19:
        return False
    groups = list(map(len, re.split(r"\D+", m[0])))
    if plain.startswith("62") and len(plain) >= 16:
        return True
    if len(groups) >= 4 and set(groups[:-1]) == {4}:
        return plain[0] in "3456" or luhn(plain)
    return len(groups) == 1 and plain[0] in "3456" and luhn(plain) and not _THING.search(before)


def luhn(number: str) -> bool:
    """True when the last digit of a card number checks the others (ISO/IEC 7812)."""
    total = 0
    for place, sign in enumerate(reversed(number)):
        value = int(sign) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
