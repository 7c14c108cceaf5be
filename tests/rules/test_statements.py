"""What a transcript suggests, and how wrong a transcript is."""

import pytest

from jiesu.rules.statements import Statement, error_rate, suggest

S = Statement


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("有人给我打电话了", [(S.CONTACTED, "yes")]),
        ("没有人跟我联系", [(S.CONTACTED, "no")]),
        ("已经修好了", [(S.SOLVED, "solved")]),
        ("到现在还没解决", [(S.SOLVED, "unsolved")]),
        ("只解决了一部分", [(S.SOLVED, "partly")]),
        ("我挺满意的，谢谢", [(S.SATISFIED, "satisfied"), (S.ATTITUDE, "grateful")]),
        ("基本满意吧", [(S.SATISFIED, "basic")]),
        ("我不满意，太慢了", [(S.SATISFIED, "unsatisfied"), (S.ATTITUDE, "displeased")]),
        ("另外还有一个路灯的事", [(S.DEMAND, "")]),
        ("您对这次办理满意吗？", []),
        ("问题解决了没有", []),
        ("喂，你好", []),
    ],
)
def test_a_sentence_suggests(text, expected):
    assert [(one.statement, one.value) for one in suggest([(text, 0)])] == expected


def test_of_each_statement_the_last_word_holds_and_every_demand_stands():
    told = ["不满意", "还想反映停车的事", "再说一个电梯的事", "行吧，满意了"]

    found = suggest([(text, 0) for text in told])

    assert [(one.statement, one.value, one.place) for one in found] == [
        (S.SATISFIED, "satisfied", 3), (S.DEMAND, "", 1), (S.DEMAND, "", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heard", "said", "expected"),
    [
        ("砸自己的脚。", "砸自己的脚", (0, 5)),
        ("砸自己脚", "砸自己的脚", (1, 5)),
        ("", "脚", (1, 1)),
        ("啊砸", "砸", (1, 1)),
    ],
)
def test_the_error_rate_counts_characters(heard, said, expected):
    assert error_rate(heard, said) == expected
