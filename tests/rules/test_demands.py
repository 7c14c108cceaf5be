"""How many things a text asks for: lists, additions and questions; reasons and rules are no demands."""

import pytest

from jiesu.rules.demands import points


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("路灯不亮，请尽快修理。谢谢！", ["标题"], id="一件事"),
        pytest.param(
            "问题如下：1、路灯不亮；2、井盖松动。请领导尽快解决。",
            ["路灯不亮", "井盖松动"],
            id="数字编号",
        ),
        pytest.param(
            "反映以下问题：（一）垃圾没人清（二）楼道堆物",
            ["垃圾没人清", "楼道堆物"],
            id="括号编号",
        ),
        pytest.param(
            "希望一是增加路灯，二是修补路面，三是清理枯枝。",
            ["增加路灯", "修补路面", "清理枯枝"],
            id="一是二是",
        ),
        pytest.param("楼道灯坏了。另外，电梯也经常停运。", ["标题", "电梯也经常停运"], id="另外"),
        pytest.param("停车位被占。同时希望公开收费标准。", ["标题", "公开收费标准"], id="同时希望"),
        pytest.param(
            "请问低保怎么办理？需要哪些材料？多久能批下来？",
            ["请问低保怎么办理？", "需要哪些材料？", "多久能批下来？"],
            id="连着几问",
        ),
        pytest.param(
            "安装违反了以下规定：1、规范第四条；2、办法第十六条。请求拆除。",
            ["标题"],
            id="列的是规定",
        ),
        pytest.param(
            "诉求如下：1.上门劝导；2.将办理情况电话告知本人。注：请及时办理。",
            ["标题"],
            id="要求告知结果不另算",
        ),
        pytest.param("难道没人管吗？良心何在？凭什么？", ["标题"], id="质问不是咨询"),
        pytest.param("2019年3月1日报修，3月2日没人来。", ["标题"], id="日期不是编号"),
        pytest.param("另外一部电梯也停了，请维修。", ["标题"], id="另外一部"),
    ],
)
def test_points(content, expected):
    assert [point.text for point in points("标题", content)] == expected


def test_a_point_says_where_it_stands_and_why():
    content = "楼道灯坏了。另外，电梯也停运，请维修。"
    first, second = points("楼里的事", content)

    assert (content[second.start : second.end], second.sign) == (
        "另外，电梯也停运，请维修。",
        "另外",
    )
    assert (first.start, first.end, first.sign) == (0, 6, "")


def test_nothing_hostile_takes_long():
    assert len(points("题", "1、没有2、没有" * 5000)) <= 20
    assert points("", "") == [points("", "")[0]]
