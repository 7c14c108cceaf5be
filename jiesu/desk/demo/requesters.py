"""Who calls: invented names and phones that nobody has (see the package's docstring)."""

from collections.abc import Callable
from dataclasses import dataclass

SURNAMES = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
FIRST = tuple("晓文志雨若思建永秀美春海玉明立慧佳俊子宏景云书启")
SECOND = tuple("宁川平兰芳华英萍涵轩琪远帆岚桥舟峰洁莹森青鸣言禾")


@dataclass(slots=True)
class Requester:
    """One caller of the demo street. ``calls`` counts this month's; ``company`` is whom they call for."""

    name: str
    phone: str
    company: str = ""
    calls: int = 0


def requester(chance: Callable[[], float], company: str = "") -> Requester:
    """Invent a caller: mostly surname and title, sometimes a full name, sometimes 保密."""
    kind = chance()
    surname = SURNAMES[int(chance() * len(SURNAMES))]
    if kind < 0.08 and not company:
        return Requester("保密", "")
    if kind < 0.30:
        first, second = FIRST[int(chance() * len(FIRST))], SECOND[int(chance() * len(SECOND))]
        return Requester(f"{surname}{first}{second}", phone(chance), company)
    title = "先生" if chance() < 0.5 else "女士"
    return Requester(f"{surname}{title}", phone(chance), company)


def phone(chance: Callable[[], float]) -> str:
    """Return a phone nobody has: 129 and eight digits, now and then 010-0 and seven."""
    if chance() < 0.05:
        return f"010-0{int(chance() * 10_000_000):07d}"
    return f"129{int(chance() * 100_000_000):08d}"
