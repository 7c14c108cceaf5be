"""Made-up messages about four kinds of matter, from words that belong to one kind and words that do not."""

import json
import random
from pathlib import Path

MATTERS = {
    "供暖": ["暖气", "供暖", "锅炉房", "暖气片", "热力公司", "回水温度", "不热", "供热"],
    "停车": ["停车位", "占道停车", "地锁", "停车场", "机动车", "车位", "挪车", "停车费"],
    "噪声": ["噪声", "夜间施工", "广场舞", "扰民", "音响", "施工机械", "噪声监测", "分贝"],
    "工资": ["工资", "拖欠工资", "劳动合同", "加班费", "社保", "包工头", "仲裁", "农民工"],
}
COMMON = [
    "小区",
    "居民",
    "反映",
    "多次",
    "解决",
    "物业",
    "工作人员",
    "答复",
    "电话",
    "问题",
    "楼下",
    "今年",
]


def message(label: str, chance: random.Random) -> str:
    """Return a message on the matter, of words run together."""
    own = chance.choices(MATTERS[label], k=6)
    return "，".join(chance.sample(own + chance.choices(COMMON, k=10), 16))


def rows(count: int, *, seed: int = 1, wrong: float = 0.0) -> list[dict[str, str]]:
    """Return so many labelled rows, every other one as cut words; a share of the labels is wrong."""
    chance = random.Random(seed)
    made: list[dict[str, str]] = []
    for number in range(count):
        label = list(MATTERS)[number % len(MATTERS)]
        text = message(label, chance)
        kind = {"text": text} if number % 2 else {"words": text.replace("，", " ")}
        told = chance.choice(list(MATTERS)) if chance.random() < wrong else label
        made.append({"label": told, **kind})
    return made


def write(path: Path, made: list[dict[str, str]]) -> Path:
    """Write rows as JSON lines."""
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in made), "utf-8")
    return path
