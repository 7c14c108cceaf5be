"""What stands in a sentence that is somebody's. Everybody and every number here is invented."""

import time

import pytest

from jiesu.rules.personal_numbers import digits, luhn
from jiesu.rules.personal_text import PersonalKind, find, mask


def found(text):
    return [(span.kind.value, text[span.start : span.end]) for span in find(text)]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("联系电话12900001234", "联系电话129****1234", id="手机"),
        pytest.param(
            "打129 0000 1234或129-0000-1234", "打129 **** 1234或129-****-1234", id="空格与横线"
        ),
        pytest.param("手机１２９００００１２３４", "手机１２９****１２３４", id="全角"),
        pytest.param("请打一二九零零零零一二三四", "请打一二九****一二三四", id="汉字数字"),
        pytest.param("号码幺二九 零零零零 幺二三四", "号码幺二九 **** 幺二三四", id="幺"),
        pytest.param("+86-129-0000-1234", "+86-129-****-1234", id="国家区号"),
        pytest.param("家里010-00001234转801", "家里010-****1234转801", id="座机转分机"),
        pytest.param("身份证110108189912311234", "身份证110108**********34", id="身份证"),
        pytest.param("（11010818991231123X）", "（110108**********3X）", id="末位X"),
        pytest.param("卡号6299 9000 0000 1234 567", "卡号6299 **** **** ***4 567", id="银行卡"),
        pytest.param("京A·O1234挡路", "京A·****4挡路", id="车牌"),
        pytest.param("京ADO1234挡路", "京A*****4挡路", id="新能源车牌"),
        pytest.param("邮箱nobody.here@example.com", "邮箱n***@example.com", id="邮箱"),
        pytest.param("微信号nobody_2026", "微信号n*****_***6", id="微信"),
        pytest.param("QQ：100001234", "QQ：1*******4", id="QQ"),
        pytest.param(
            "松风街6号院3号楼2单元501室漏水", "松风街6号院3号楼*单元***室漏水", id="楼门室"
        ),
        pytest.param("七单元六零二", "*单元***", id="汉字门牌"),
        pytest.param("听涛园12-3-402", "听涛园12-*-***", id="三段门牌"),
        pytest.param("家住松风街甲5号院", "家住松风街**号院", id="说是家的院号"),
        pytest.param("南柯胡同18号", "南柯胡同**号", id="胡同门牌"),
        pytest.param("楼上602天天弹琴", "楼上***天天弹琴", id="邻居的门牌"),
        pytest.param("我叫张晓宁，住在附近", "我叫张*，住在附近", id="我叫"),
        pytest.param("李若兰女士来电", "李*女士来电", id="女士在后"),
        pytest.param("业主欧阳晓帆反映", "业主欧阳*反映", id="复姓"),
        pytest.param("昨天刘志强把车停在门口", "昨天刘*把车停在门口", id="没有称谓"),
        pytest.param("联系人：王李雨桐。", "联系人：王*。", id="双姓"),
        pytest.param("阿卜杜拉·买买提说", "阿*说", id="中间有点"),
        pytest.param("张女士称", "张*女士称", id="只有姓"),
    ],
)
def test_what_is_somebodys_is_masked(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "工单热线-261122-045031已于2026-11-22 10:30:00派单",
        "请拨打12345，或400-810-0000、95598、96156",
        "302路公交改线，地铁10号线延误",
        "依照第302条处罚款1200000元，编号20261122045031001",
        "订单号12900001234567，快递单号129000012345678",
        "施工面积12000平方米，共1200户，3号楼12层",
        "羊坊店路6号院垃圾清运不及时",
        "高空抛物严重，周围居民不方便，何时解决",
        "成立业委会要公开公正，金额不明",
        "统一社会信用代码91110108MA00000000",
        "胡书记、易主任您好",
        "黄河路与白云观街交叉口路灯不亮",
        "北京松风物业管理有限公司",
    ],
)
def test_what_is_nobodys_is_left(text):
    assert found(text) == []
    assert mask(text) == text


def test_a_masked_text_is_masked_already():
    text = "业主欧阳晓帆（电话129 0000 1234）住松风街6号院3号楼2单元501室"

    assert mask(mask(text)) == mask(text)


def test_of_a_number_in_a_number_the_longer_stays():
    assert found("身份证110108189912311234") == [("identity", "110108189912311234")]
    assert found("卡号6299900000001234567") == [("bank", "6299900000001234567")]


PATIENCE = 10  # CPU seconds: a text that takes more than its length would take minutes


def test_a_long_text_is_looked_at_to_its_end_and_in_time():
    text = "楼道里堆满了杂物，一直没有人来清理。" * 600 + "联系电话12900001234。"

    start = time.process_time()
    spans = find(text)

    assert [(span.kind, text[span.start : span.end]) for span in spans] == [
        (PersonalKind.PHONE, "12900001234")
    ]
    assert time.process_time() - start < PATIENCE


@pytest.mark.parametrize("sign", ["1", "一", "-", "3-", "号", "王", "1 ", "·", "室1", "甲", "@a."])
def test_no_text_stops_the_finder(sign):
    start = time.process_time()
    find((sign * 16_000)[:16_000])

    assert time.process_time() - start < PATIENCE


@pytest.mark.parametrize("text", ["", "\x00", "𝟏𝟐𝟗", "\ud800", "é" * 50, "٠١٢" * 9])
def test_odd_texts_are_no_trouble(text):
    assert isinstance(mask(text), str)


def test_digits_of_a_number_however_written():
    written = [
        "12900001234",
        "129 0000 1234",
        "+86 129-0000-1234",
        "１２９００００１２３４",
        "幺二九零零零零一二三四",
    ]

    assert {digits(one) for one in written} == {"12900001234"}


def test_luhn():
    assert luhn("4242424242424242")
    assert not luhn("4242424242424241")
