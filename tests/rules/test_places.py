"""Which community a place means: by its words, whole, and never by a guess."""

import pytest

from jiesu.rules.places import Buildings, PlaceKind, Places, Word

WORDS = [
    Word("会城门社区", "hcm", PlaceKind.NAME), Word("会城门", "hcm"),
    Word("东风社区", "df", PlaceKind.NAME), Word("东风", "df"),
    Word("羊坊店社区", "yfd", PlaceKind.NAME), Word("羊坊店", "yfd"),
    Word("复兴路23号院", "f23"), Word("吴家村路十号院", "w10"), Word("军事博物馆", "jb"),
    Word("翠云里", "hcm", PlaceKind.COMPOUND, Buildings.read("1-6,9")),
    Word("翠云里", "df", PlaceKind.COMPOUND, Buildings.read("7、8、10-20号楼")),
    Word("两家院", "hcm"), Word("两家院", "df"),
]  # fmt: skip
PLACES = Places(WORDS, ("北京市", "海淀区", "羊坊店街道"))


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("会城门社区居委会", "hcm", id="带居委会"),
        pytest.param(" 东风 ", "df", id="没有社区二字"),
        pytest.param("两家院", None, id="两个社区同一写法"),
        pytest.param("翠云里", None, id="只管几栋楼的写法不当社区名"),
        pytest.param("", None, id="空"),
    ],
)
def test_a_field_of_its_own_names_the_community_or_does_not(field, expected):
    assert PLACES.in_field(field) == expected


@pytest.mark.parametrize(
    ("location", "community", "said"),
    [
        pytest.param("会城门小区3号楼", "hcm", "会城门", id="打头"),
        pytest.param("北京市海淀区羊坊店街道东风3号院", "df", "东风", id="市区街道之后打头"),
        pytest.param("海淀区复兴路二十三号院北门", "f23", "复兴路二十三号院", id="中文门牌"),
        pytest.param("吴家村路１０号院", "w10", "吴家村路１０号院", id="全角"),
        pytest.param("翠云里4号楼", "hcm", "翠云里", id="楼号归一社区"),
        pytest.param("翠云里12号楼3单元", "df", "翠云里", id="楼号归另一社区"),
        pytest.param("翠云里30号楼", None, None, id="楼号谁也不归"),
        pytest.param("翠云里门口", None, "翠云里", id="没写楼号，两个都可能"),
        pytest.param("羊坊店路6号", None, None, id="路名不是社区"),
        pytest.param("会城门桥下", None, None, id="桥"),
        pytest.param("复兴路123号院", None, None, id="号码不能截一半"),
        pytest.param("西大望路东风宿舍", None, "东风", id="短名在别的路上：不敢定"),
        pytest.param("朝阳区东风社区", None, "东风社区", id="别的区"),
        pytest.param("会城门社区与东风社区之间", None, "会城门社区", id="两个社区都写了"),
        pytest.param("两家院", None, "两家院", id="一词两社区"),
    ],
)
def test_a_place_is_sure_or_only_offered(location, community, said):
    found = PLACES.in_location(location)

    assert found.community == community
    assert (found.offered[0].said if found.offered else None) == said


@pytest.mark.parametrize(
    ("text", "community"),
    [
        pytest.param("我住在会城门社区，楼道灯坏了", "hcm", id="带社区"),
        pytest.param("东风小区停水", "df", id="短名带小区"),
        pytest.param("复兴路23号院没有暖气", "f23", id="带门牌的长名"),
        pytest.param("买了一辆东风汽车", None, id="短名是日常的词"),
        pytest.param("刮起一阵东风", None, id="短名单独出现"),
        pytest.param("A3区东风社区的路灯", None, id="别处的同名社区"),
        pytest.param("参观军事博物馆排队太久", "jb", id="长名"),
        pytest.param("军事博物馆站扶梯坏了", None, id="地铁站"),
    ],
)
def test_free_text_answers_seldom(text, community):
    assert PLACES.in_text(text).community == community


def test_buildings_are_read_or_refused():
    assert Buildings.read("1-6,9、11至12号楼").spans == ((1, 6), (9, 9), (11, 12))
    with pytest.raises(ValueError, match="看不懂"):
        Buildings.read("东边几栋")
