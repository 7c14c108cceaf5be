"""The invented members of the demo office: some forty people, at least one in every role."""

from dataclasses import dataclass

from jiesu.desk.demo.scene import scene
from jiesu.org.rights import Role

PASSWORD = "yangfangdian2026"  # noqa: S105  the demo's one password, printed beside the accounts


@dataclass(frozen=True, slots=True)
class Person:
    """A member. ``role`` is a role code of the house, ``unit`` a unit code of the office file."""

    username: str
    name: str
    role: (
        str  # seat, reviewer, handler, head, leader, analyst, inspector, system, security, auditor
    )
    unit: str
    shift: str = ""  # 座席 only: early, late or night

    @property
    def role_label(self) -> str:
        return Role.label_of(self.role)

    @property
    def unit_label(self) -> str:
        return scene().units[self.unit]


SHIFTS = ("early", "early", "early", "late", "late", "late", "night", "night")
SEATS = ("沈若宁", "韩晓川", "许明桥", "傅佳岚", "蒋雨帆", "吕文舟", "丁思远", "苏海青")
REVIEWERS = ("程慧兰", "魏建平", "叶秀莹")
OFFICES = {  # unit: (account stem, head, handlers)
    "general": ("zonghe", "罗永峰", ("贾美洁",)),
    "party": ("dangqun", "唐立英", ("薛子涵",)),
    "safety": ("pingan", "曹建洲", ("邓志鸣", "彭雨轩")),
    "urban": ("chengguan", "梁玉山", ("萧文桥", "曾俊言")),
    "community": ("shequban", "宋春芳", ("袁晓禾",)),
    "livelihood": ("minsheng", "冯秀琪", ("于佳宁", "卢思萍")),
    "enforce": ("zhifa", "郑立峰", ("蔡永川", "魏俊舟")),
    "service": ("bianmin", "谢慧英", ("董美岚",)),
    "activity": ("huodong", "傅玉华", ("阎景舟",)),
    "request": ("suqiu", "杜明远", ()),
    "discipline": ("jijian", "潘启鸣", ("江永言",)),
    "food": ("shiyao", "余志平", ("田书禾",)),
}
COMMUNITIES = {  # community: (account stem, handler)
    "110108003029": ("ximulou", "姚春莹"),
    "110108003017": ("yangfangdian", "石海萍"),
    "110108003042": ("lianhua", "龚晓帆"),
    "110108003007": ("tiedong", "白若兰"),
    "110108003008": ("tiexi", "孟文青"),
    "110108003028": ("xiaomachang", "崔立洁"),
    "110108003031": ("maolinju", "秦雨桥"),
    "110108003002": ("huichengmen", "尹佳禾"),
}
LEADERS = ("顾建明", "贺玉岚")
ANALYSTS = ("钟思轩", "陆景宁")
SYSTEM, SECURITY, AUDITOR, INSPECTOR = "雷启舟", "方若棠", "金沐川", "孔庭之"


def people() -> tuple[Person, ...]:
    """Return every member of the demo office, seats first."""
    return (
        *(
            Person(f"zuoxi{n:02d}", name, "seat", "request", shift)
            for n, (name, shift) in enumerate(zip(SEATS, SHIFTS, strict=True), 1)
        ),
        *(
            Person(f"shenhe{n:02d}", name, "reviewer", "request")
            for n, name in enumerate(REVIEWERS, 1)
        ),
        *(
            Person(f"{stem}{n:02d}", name, "handler", unit)
            for unit, (stem, _, handlers) in OFFICES.items()
            for n, name in enumerate(handlers, 1)
        ),
        *(Person(f"{stem}01", name, "handler", unit) for unit, (stem, name) in COMMUNITIES.items()),
        *(Person(f"{stem}00", head, "head", unit) for unit, (stem, head, _) in OFFICES.items()),
        *(
            Person(f"lingdao{n:02d}", name, "leader", "general")
            for n, name in enumerate(LEADERS, 1)
        ),
        *(
            Person(f"yanpan{n:02d}", name, "analyst", "request")
            for n, name in enumerate(ANALYSTS, 1)
        ),
        Person("guanli01", SYSTEM, "system", "request"),
        Person("anquan01", SECURITY, "security", "general"),
        Person("shenji01", AUDITOR, "auditor", "general"),
        Person("jiancha01", INSPECTOR, "inspector", "discipline"),
    )


def _shown(*usernames: str) -> tuple[Person, ...]:
    by_username = {person.username: person for person in people()}
    return tuple(by_username[username] for username in usernames)


# the accounts `jiesu run --demo` prints: one in each role, and a community's
SHOWN = _shown(
    "zuoxi01", "shenhe01", "minsheng01", "ximulou01", "minsheng00", "lingdao01", "yanpan01", "jiancha01",
    "guanli01", "anquan01", "shenji01",
)  # fmt: skip
